// conda channels: /CHANNEL[/label/LABEL]/SUBDIR/FILE, also below /t/TOKEN/, which is a secret and never stored.
//
// A file is NAME-VERSION-BUILD. Names may contain hyphens, versions and builds may not, so it is split from the right. The channel
// is not a part of the package, because several channels build the same software.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, other, segmentsOf, tool, withoutSuffix } from './paths.ts';

const subdir = /^(?:noarch|(?:linux|osx|win|freebsd|zos|emscripten|wasi)-[a-z0-9_]+)$/;

const indexFile =
  /^(?:(?:current_)?repodata(?:_from_packages|_shards)?\.(?:json|jlap|msgpack)|channeldata\.json|run_exports\.json|patch_instructions\.json|rss\.xml)(?:\.(?:bz2|zst|gz))?$/;

const installer =
  /^((?:Mini|Ana)conda\d?|Miniforge\w*|Mambaforge\w*)-(?:([\w.-]+?)-)?(?:Linux|MacOSX|Windows)-\w+\.(?:sh|pkg|exe)$/;

function packageFile(file: string): Resource {
  const stem = withoutSuffix(file, ['.conda', '.tar.bz2']) ?? '';
  const build = stem.lastIndexOf('-');
  const version = stem.lastIndexOf('-', build - 1);
  if (build < 0 || version < 1 || build === version + 1 || build === stem.length - 1) return other;
  const name = stem.slice(0, version).toLowerCase();
  return /^[\w.-]+$/.test(name) ? artifact(name, stem.slice(version + 1, build), file) : other;
}

export const conda: Ecosystem = {
  name: 'conda',
  title: 'conda',
  version: /^[\dA-Za-z_.!+-]+$/,

  resolve(path) {
    const file = fileOf(path);
    if (indexFile.test(file)) return index();
    const folders = segmentsOf(path).slice(0, -1);
    if (folders.at(-1) === 'shards' && file.endsWith('.msgpack.zst')) return index();
    if (subdir.test(folders.at(-1) ?? '')) return packageFile(file);
    const [, name, version = ''] = installer.exec(file) ?? [];
    return name === undefined ? other : tool(name.toLowerCase(), version === 'latest' ? '' : version, file);
  },

  claims(path) {
    const folders = segmentsOf(path);
    if (!subdir.test(folders.at(-2) ?? '')) return false;
    const file = fileOf(path);
    return packageFile(file) !== other || /^(?:current_)?repodata\b/.test(file);
  },
};
