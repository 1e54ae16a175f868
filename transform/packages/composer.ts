// Packagist: Composer's metadata (v2 /p2/, v1 /p/) and its download notifications. The archives are on other hosts, so a
// download is the POST that Composer sends after an installation. Its body names the packages, but no access log contains it.
//
// Names are `vendor/name`, lower-case; Packagist compares without case.

import { downloadRules, type Ecosystem, type Resource } from './ecosystem.ts';
import { index, metadata, other, segmentsOf, withoutSuffix } from './paths.ts';

const isPart = (text: string): boolean => /^[a-z0-9][\w.-]*$/i.test(text);

/** `VENDOR/NAME` → normalised; undefined if it is not of this form. */
function nameOf([vendor = '', name = '', ...rest]: readonly string[]): string | undefined {
  return rest.length === 0 && isPart(vendor) && isPart(name) ? `${vendor}/${name}`.toLowerCase() : undefined;
}

/** `name~dev.json`, `name$HASH.json`, `name.json` → name. */
const documentName = (file: string): string =>
  (withoutSuffix(file, ['.json']) ?? '').replace(/(?:~dev|[$][0-9a-f]+)$/, '');

const described = (segments: readonly string[]): Resource => {
  const name = nameOf([...segments.slice(0, -1), documentName(segments.at(-1) ?? '')]);
  return name === undefined ? other : metadata(name);
};

/** Clients post many packages to `/downloads/`; an old client posts one to `/downloads/VENDOR/NAME`. */
function notification(segments: readonly string[]): Resource {
  const name = segments.length === 0 ? '' : nameOf(segments);
  return name === undefined ? other : { ...other, package: name, rule: downloadRules.post2xx };
}

export const composer: Ecosystem = {
  name: 'composer',
  title: 'Packagist',

  resolve(path) {
    const segments = segmentsOf(path);
    if (path === '/packages.json' || path === '/packages/list.json') return index();
    if (/^\/p\/provider-[^/]*\.json$/.test(path)) return index();
    switch (segments[0]) {
      case 'p2':
      case 'p':
      case 'packages':
      case 'providers':
        return described(segments.slice(1));
      case 'downloads':
        return notification(segments.slice(1));
      default:
        return other; // search, feeds, security advisories, pages
    }
  },

  claims(path) {
    return (
      /^\/p2\/[^/]+\/[^/]+\.json$/.test(path) ||
      /^\/p\/[^/]+\/[^/$]+[$][0-9a-f]+\.json$/.test(path) ||
      /^\/p\/provider-[^/]*\.json$/.test(path) ||
      path === '/packages.json'
    );
  },
};
