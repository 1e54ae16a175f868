// RubyGems: gems, the compact index, the old Marshal indexes and the API.
//
// Names are kept as written. A file is NAME-VERSION[-PLATFORM].gem. A name may contain hyphens and numbers
// (`foo-2-bar-1.0`) and so may a platform (`x86_64-darwin-20`); a version contains no hyphen. So the version is the first
// field that looks like one and that is the last field or is followed by exactly a known platform. Without a known platform, it
// is the last field that looks like one. The platform is not a part of the version.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, queryValue, segmentsOf, tool, withoutSuffix } from './paths.ts';

const isName = (name: string): boolean => /^[\w.-]+$/.test(name) && /[a-z]/i.test(name);
const isVersion = (text: string): boolean => /^\d+(?:\.[0-9a-z]+)*$/i.test(text);

const platform =
  /^(?:java|jruby|dalvik|dotnet|macruby|wasm|x?mswin(?:32|64)?(?:-\d+)?|mingw(?:32)?|(?:x86_64|x86|x64|i[3-6]86|amd64|aarch64|arm64|arm\w*|powerpc\w*|ppc\w*|s390x?|sparc\w*|mips\w*|riscv\d*|loongarch64|ia64|hppa\w*|wasm32|universal|all|any|unknown)-[a-z][\w.]*(?:-[\w.]+)?)$/;
/** CPU, system, its version or C library. */
const PLATFORM_FIELDS = 3;

function splitFullName(stem: string): [string, string] | undefined {
  const fields = stem.split('-');
  const split = (at: number): [string, string] => [fields.slice(0, at).join('-'), fields[at]];
  const last = fields.length - 1;
  for (let at = Math.max(1, last - PLATFORM_FIELDS); at <= last; at++) {
    if (isVersion(fields[at]) && (at === last || platform.test(fields.slice(at + 1).join('-')))) return split(at);
  }
  for (let at = last; at > 0; at--) if (isVersion(fields[at])) return split(at);
  return undefined;
}

const indexFile =
  /^\/(?:versions|names|yaml(?:\.Z)?|Marshal(?:\.4\.8)?(?:\.Z)?|(?:latest_|prerelease_)?specs\.4\.8(?:\.gz)?|quick\/(?:Marshal\.4\.8\/)?(?:latest_)?index(?:\.rz)?)$/;

/** Old logs and private servers have folders before it: `/production/gems/rack-1.6.4.gem`. */
const isGemFile = (path: string): boolean => /\/(?:gems|downloads)\/[^/]+\.gem$/.test(path);

/** The gem in the query; '' if there are several. */
const queriedGem = (query: string): string => {
  const gems = queryValue(query, 'gems');
  return isName(gems) ? gems : '';
};

/** `/api/v1/gems/NAME.json`, `/api/v1/versions/NAME/latest.json`, `/api/v2/rubygems/NAME/versions/VER.json`, … */
function described(segments: readonly string[]): Resource {
  if (!['gems', 'versions', 'rubygems'].includes(segments[2] ?? '')) return other;
  const parts = segments.slice(3);
  parts.push(withoutSuffix(parts.at(-1) ?? '', ['.json', '.yaml']) ?? parts.at(-1) ?? '');
  parts.splice(-2, 1);
  const [name = '', what, version = ''] = parts;
  return isName(name) ? metadata(name, what === 'versions' ? version : '') : other;
}

export const gem: Ecosystem = {
  name: 'gem',
  title: 'RubyGems',
  version: /^\d+(?:\.[\dA-Za-z]+)*(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/,
  queriedPaths: ['/api/v1/dependencies', '/api/v1/dependencies.json'],

  resolve(path, query) {
    const segments = segmentsOf(path);
    const file = fileOf(path);
    const [area, second = ''] = segments;
    if (indexFile.test(path)) return index();
    if (isGemFile(path)) {
      const split = splitFullName(withoutSuffix(file, ['.gem']) ?? '');
      return split === undefined || !isName(split[0]) ? other : artifact(split[0], split[1], file);
    }
    if (area === 'quick') {
      const split = splitFullName(withoutSuffix(file, ['.gemspec.rz', '.gemspec']) ?? '');
      return split === undefined || !isName(split[0]) ? other : metadata(split[0], split[1]);
    }
    if (area === 'info' && segments.length === 2 && isName(second)) return index(second);
    if (area === 'rubygems' && segments.length === 2) {
      const version = /^rubygems-(?:update-)?(\d[\w.]*)\.(?:tgz|zip|gem)$/.exec(file)?.[1];
      return version === undefined ? other : tool('rubygems', version, file);
    }
    if (area !== 'api') return other;
    if (/^\/api\/v1\/dependencies(?:\.json)?$/.test(path)) return metadata(queriedGem(query));
    return described(segments);
  },

  claims(path) {
    return (
      isGemFile(path) ||
      /^\/quick\/Marshal\.4\.8\/[^/]+\.gemspec\.rz$/.test(path) ||
      /^\/(?:latest_|prerelease_)?specs\.4\.8\.gz$/.test(path) ||
      /^\/api\/v1\/dependencies(?:\.json)?$/.test(path)
    );
  },
};
