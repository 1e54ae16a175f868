// Debian and its derivatives: the pool, the indexes under dists/, and flat repositories. The folders before pool/ or
// dists/ (/debian, /debian-security, /ubuntu) do not matter.
//
// The pool's folder names the source package. The file name has package, version and architecture; its fields contain no
// underscore: PKG_VERSION_ARCH.deb. The version there lacks its epoch (`1:2.0` is written 2.0) and is stored as written.
// Source packages are artifacts too, each of their files (.dsc, .orig.tar.*, .debian.tar.*): package is the source's.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, other, segmentsOf, signature, withoutSuffix } from './paths.ts';

const binaries = ['.deb', '.udeb', '.ddeb'];
const isName = (name: string): boolean => /^[a-z0-9][a-z0-9+.-]*$/.test(name);

/**
 * `2.10.orig.tar.gz` → 2.10; undefined if it is not the ending of a source file: .dsc, .diff.gz, .debian.tar.EXT, .orig.tar.EXT,
 * .orig-COMPONENT.tar.EXT, or .tar.EXT of a native package.
 */
function sourceVersion(rest: string): string | undefined {
  const tar = withoutSuffix(rest, ['.tar.xz', '.tar.gz', '.tar.bz2', '.tar.lzma', '.tar.zst']);
  if (tar === undefined) return withoutSuffix(rest, ['.dsc', '.diff.gz']);
  const original = tar.search(/\.orig(?:-|$)/);
  return original > 0 ? tar.slice(0, original) : (withoutSuffix(tar, ['.debian']) ?? tar);
}

function poolFile(file: string): Resource {
  const binary = withoutSuffix(file, binaries);
  if (binary !== undefined) {
    const [name = '', version = '', arch = '', ...more] = binary.split('_');
    return more.length === 0 && isName(name) && version !== '' && arch !== '' ? artifact(name, version, file) : other;
  }
  const signed = withoutSuffix(file, ['.asc']);
  const [name = '', rest = '', ...more] = (signed ?? file).split('_');
  const version = sourceVersion(rest);
  if (more.length > 0 || version === undefined || !isName(name)) return other;
  return signed === undefined ? artifact(name, version, file) : signature(name, version, file);
}

const indexFile = /^(?:In)?Release$|^(?:Packages|Sources|Contents-[\w-]+|Translation-\w+)(?:\.\w+)?$/;

export const deb: Ecosystem = {
  name: 'deb',
  title: 'Debian',
  version: /^[\dA-Za-z][\dA-Za-z.+~:-]*$/,

  resolve(path) {
    const file = fileOf(path);
    const folders = segmentsOf(path).slice(0, file === '' ? undefined : -1);
    if (file === 'Release.gpg') return signature('', '', file);
    if (folders.includes('pool')) return poolFile(file);
    if (folders.includes('dists') || indexFile.test(file)) return index();
    return /\.u?deb$|\.dsc$/.test(file) ? poolFile(file) : other;
  },

  claims(path) {
    const file = fileOf(path);
    if (path.includes('/pool/')) return withoutSuffix(file, binaries) !== undefined && poolFile(file) !== other;
    if (!path.includes('/dists/')) return false;
    return indexFile.test(file) || file === 'Release.gpg' || /\/by-hash\/\w+\/[0-9a-f]+$/.test(path);
  },
};
