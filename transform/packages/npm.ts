// npm: tarballs, packuments and the `/-/` API, also as Yarn's and other mirrors serve them.
//
// Names are kept as written (old packages have capitals). The package is the path's, never the tarball's, because a tarball's
// file name may differ (renamed or re-scoped packages). So the version is the text after the unscoped name, or else
// after the first hyphen before MAJOR.MINOR.PATCH. `/NAME/latest` names a tag, which is no version. The hyphen before a prerelease
// may be missing (1.0.0beta), because the registry was that lenient once.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, withoutSuffix } from './paths.ts';

/** Characters that encodeURIComponent does not escape; no leading point or underscore. */
const part = /^[A-Za-z0-9!~*'()-][\w!~*'().-]*$/;
/** Requested on every host, and never packages (validate-npm-package-name refuses the first two). */
const reserved = new Set(['favicon.ico', 'node_modules', 'robots.txt']);

const isName = (name: string): boolean =>
  name === '-' ||
  (name.startsWith('@')
    ? name.split('/').every((p, i) => part.test(i === 0 ? p.slice(1) : p))
    : part.test(name) && !reserved.has(name));

const isVersion = (text: string): boolean => /^\d+\.\d+\.\d+/.test(text);

/** ['@s', 'n', 'rest'] → ['@s/n', ['rest']]; undefined if no valid name comes first. */
function takeName(segments: readonly string[]): [string, string[]] | undefined {
  const length = segments[0]?.startsWith('@') ? 2 : 1;
  if (segments.length < length) return undefined;
  const name = segments.slice(0, length).join('/');
  return isName(name) ? [name, segments.slice(length)] : undefined;
}

function tarballVersion(stem: string, name: string): string {
  const unscoped = name.slice(name.indexOf('/') + 1);
  if (stem.startsWith(`${unscoped}-`)) return stem.slice(unscoped.length + 1);
  return /-(\d+\.\d+\.\d+.*)$/.exec(stem)?.[1] ?? '';
}

function api(segments: readonly string[]): Resource {
  if (segments[1] === 'all') return index();
  if (segments[1] === 'package') {
    const named = takeName(segments.slice(2));
    return named === undefined ? other : metadata(named[0]);
  }
  if (segments.slice(1, 4).join('/') === 'npm/v1/attestations') {
    const spec = segments.slice(4).join('/');
    const at = spec.lastIndexOf('@');
    const named = takeName(spec.slice(0, Math.max(at, 0)).split('/'));
    return named?.[1].length === 0 ? metadata(named[0], spec.slice(at + 1)) : other;
  }
  return other; // search, security advisories, login, ping
}

export const npm: Ecosystem = {
  name: 'npm',
  title: 'npm',
  version:
    /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:(?:-[\dA-Za-z-]+|[A-Za-z][\dA-Za-z-]*)(?:\.[\dA-Za-z-]+)*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/,

  resolve(path) {
    const segments = segmentsOf(path);
    // There is a package called `-`: `/-` is its document, and `/-/-/--0.0.1.tgz` a tarball of it.
    const isOfDash =
      segments.length === 1 || (segments[1] === '-' && segments.length > 2) || isVersion(segments[1] ?? '');
    if (segments[0] === '-' && !isOfDash) return api(segments);
    const named = takeName(segments);
    if (named === undefined) return other;
    const [name, rest] = named;
    if (rest.length === 0 || rest[0] === '-rev') return metadata(name);
    if (rest[0] === '-' || rest[0] === 'download') {
      // `/NAME/-/FILE.tgz`, and `/@s/n/-/@s/FILE.tgz` on some registries
      const stem = rest.length === 1 ? undefined : withoutSuffix(fileOf(path), ['.tgz']);
      return stem === undefined ? other : artifact(name, tarballVersion(stem, name), fileOf(path));
    }
    return rest.length === 1 ? metadata(name, isVersion(rest[0]) ? rest[0] : '') : other;
  },

  claims(path) {
    return (
      /^\/(?:@[^/]+\/)?[^/@][^/]*\/-\/(?:@[^/]+\/)?[^/]+\.tgz$/.test(path) ||
      path.startsWith('/-/npm/v1/') ||
      path.startsWith('/-/package/') ||
      path === '/-/v1/search'
    );
  },
};
