// crates.io: the CDN of crates, the sparse index and the API.
//
// Names are normalised as crates.io compares them (its canon_crate_name): lower-case, `-` written `_`; so `Foo-Bar` and
// `foo_bar` are one package. A purl needs the registered spelling, which is the path's: it is kept as purlName.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, withoutSuffix, semver } from './paths.ts';

const canonical = (name: string): string => name.toLowerCase().replaceAll('-', '_');
const isName = (name: string): boolean => /^[a-z][\w-]*$/i.test(name);
const isVersion = (text: string): boolean => /^\d+\.\d+\.\d+/.test(text);

const named = (name: string, resource: Resource): Resource => ({
  ...resource,
  package: canonical(name),
  purlName: name,
});

/** Whether the folders are those of `name` in an index: /1/a, /2/ab, /3/a/abc, /ab/cd/abcd… */
function isIndexPath(folders: readonly string[], name: string): boolean {
  const expected =
    name.length < 3
      ? [String(name.length)]
      : name.length === 3
        ? ['3', name.slice(0, 1)]
        : [name.slice(0, 2), name.slice(2, 4)];
  return folders.join('/').toLowerCase() === expected.join('/').toLowerCase();
}

function crate(path: string, [name = '', version = '', last = '']: readonly string[]): Resource {
  if (!isName(name)) return other;
  const file = fileOf(path);
  if (last === 'download' && version !== '') return named(name, artifact('', version, file));
  const stem = last === '' ? withoutSuffix(version, ['.crate']) : undefined;
  if (stem === undefined || canonical(stem.slice(0, name.length + 1)) !== `${canonical(name)}_`) return other;
  return named(name, artifact('', stem.slice(name.length + 1), file));
}

function api(path: string, segments: readonly string[]): Resource {
  const [name = '', version = '', what] = segments;
  if (!isName(name)) return other; // search
  if (what === 'download') return crate(path, segments);
  return named(name, metadata('', isVersion(version) ? version : ''));
}

export const cargo: Ecosystem = {
  name: 'cargo',
  title: 'crates.io',
  version: semver,

  resolve(path) {
    const segments = segmentsOf(path);
    if (path.startsWith('/api/v1/crates/')) return api(path, segments.slice(3));
    if (segments[0] === 'crates' && segments.length <= 4) return crate(path, segments.slice(1));
    if (path === '/config.json') return index();
    const name = segments.at(-1) ?? '';
    return isName(name) && isIndexPath(segments.slice(0, -1), name) ? named(name, index()) : other;
  },

  claims(path) {
    return path.startsWith('/api/v1/crates/') || /^\/crates\/[\w-]+\/(?:[^/]+\.crate|\d[^/]*\/download)$/.test(path);
  },
};
