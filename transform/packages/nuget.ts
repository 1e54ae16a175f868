// NuGet: the v3 flat container, registrations and catalog, the v2 API, and plain .nupkg folders.
//
// Ids are compared without case: lower-case. The flat container gives id and version as folders. Elsewhere ID.VERSION
// must be split, and both contain points: the version is the longest possible one (two to four numbers, then a prerelease or
// build label). So `Newtonsoft.Json.13.0.1` is 13.0.1, and an id that ends in a number loses it only if at most four
// numbers remain (`Foo.2.1.0.0` is Foo 2.1.0.0; ids that end in a number are far rarer than versions of four parts).

import { downloadRules, type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, queryValue, segmentsOf, withoutSuffix } from './paths.ts';

const { get2xx, never } = downloadRules;

const isId = (id: string): boolean => /^\w[\w.-]*$/.test(id);
const isVersion = (text: string): boolean => /^\d/.test(text);
const idVersionText = /^[\w.+-]+$/;

function splitIdVersion(stem: string): [string, string] | undefined {
  if (!idVersionText.test(stem)) return undefined;
  for (const version of [/^\d+(?:\.\d+){1,3}(?:$|[-+])/, /^\d+(?:$|[-+])/]) {
    for (let at = stem.indexOf('.'); at > 0; at = stem.indexOf('.', at + 1)) {
      if (isVersion(stem[at + 1] ?? '') && version.test(stem.slice(at + 1)))
        return [stem.slice(0, at), stem.slice(at + 1)];
    }
  }
  return undefined;
}

/** `.nupkg` counts; symbols (`.snupkg`, `.symbols.nupkg`) are for debuggers and do not. */
function packageFile(segments: readonly string[], file: string): Resource {
  const stem = withoutSuffix(file, ['.symbols.nupkg', '.nupkg', '.snupkg'])!;
  const rule = file.endsWith(`${stem}.nupkg`) ? get2xx : never;
  const [id = '', version = ''] = segments.slice(-3);
  const fromFolders = segments.length >= 3 && stem.toLowerCase() === `${id}.${version}`.toLowerCase();
  const split = fromFolders ? ([id, version] as const) : splitIdVersion(stem);
  return split === undefined || !isId(split[0]) ? other : artifact(split[0].toLowerCase(), split[1], file, rule);
}

const described = (id: string, version = ''): Resource =>
  isId(id) ? metadata(id.toLowerCase(), isVersion(version) ? version : '') : other;

/** OData: the argument `key` of `Packages(Id='X',Version='V')`, or of the query `id='X'`. */
const quoted = (text: string, key: string): string => new RegExp(`\\b${key}='([^']*)'`, 'i').exec(text)?.[1] ?? '';

function version2(segments: readonly string[], query: string): Resource {
  const [what = '', id = '', version = ''] = segments;
  if (what === 'package' || what === 'symbolpackage')
    return isId(id) ? artifact(id.toLowerCase(), version, version || id, what === 'package' ? get2xx : never) : other;
  if (what.startsWith('Packages(')) return described(quoted(what, 'Id'), quoted(what, 'Version'));
  if (what === 'FindPackagesById()') {
    const queried = queryValue(query, 'id').replaceAll("'", '');
    return isId(queried) ? described(queried) : metadata();
  }
  return other; // Search(), $metadata, pushes
}

export const nuget: Ecosystem = {
  name: 'nuget',
  title: 'NuGet',
  version: /^\d+(?:\.\d+){0,3}(?:-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?$/,
  queriedPaths: ['/FindPackagesById()', '/FindPackagesById%28%29'],

  resolve(path, query) {
    const segments = segmentsOf(path);
    const file = fileOf(path);
    if (/[^/]\.s?nupkg$/.test(file)) return packageFile(segments, file);
    const container = segments.findIndex((s) => /^(?:v3-)?flat-?(?:container|2)$/i.test(s));
    if (container >= 0) return described(segments[container + 1] ?? '', segments[container + 2]);
    const hive = segments.findIndex((s) => /^registrations?\d*(?:-|$)/i.test(s));
    if (hive >= 0) {
      const leaf = segments.length === hive + 3 ? withoutSuffix(file, ['.json']) : undefined;
      return described(segments[hive + 1] ?? '', leaf);
    }
    if (segments[0] === 'api' && segments[1] === 'v2') return version2(segments.slice(2), query);
    return segments[0] === 'v3' && file.endsWith('.json') ? index() : other;
  },

  claims(path) {
    return (
      /\.s?nupkg$/.test(path) ||
      path.startsWith('/v3-flatcontainer/') ||
      /^\/v3\/registration\d/.test(path) ||
      path.startsWith('/api/v2/package/') ||
      /^\/api\/v2\/(?:Packages|FindPackagesById)\(/.test(path)
    );
  },
};
