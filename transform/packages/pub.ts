// pub, the registry of Dart and Flutter. Names contain no hyphen, so NAME-VERSION is split at the first.

import { type Ecosystem } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, splitFirst, withoutSuffix, semver } from './paths.ts';

const isName = (name: string): boolean => /^[a-z_]\w*$/i.test(name);

export const pub: Ecosystem = {
  name: 'pub',
  title: 'pub',
  version: semver,

  resolve(path) {
    const file = fileOf(path);
    const segments = segmentsOf(path);
    if (/^\/api\/package-name(?:s|-completion-data)$/.test(path)) return index();
    if (path.startsWith('/api/archives/') && segments.length === 3) {
      const split = splitFirst(withoutSuffix(file, ['.tar.gz']) ?? '', '-');
      return split !== undefined && isName(split[0]) ? artifact(split[0], split[1], file) : other;
    }
    const isApi = segments[0] === 'api';
    const [area, name = '', what, version = ''] = isApi ? segments.slice(1) : segments;
    if (area !== 'packages') return other;
    if (isApi) return isName(name) ? metadata(name, what === 'versions' && /^\d/.test(version) ? version : '') : other;
    const listed = segments.length === 2 ? withoutSuffix(name, ['.json']) : undefined;
    if (listed !== undefined) return isName(listed) ? metadata(listed) : other;
    const stem = what === 'versions' && segments.length === 4 ? withoutSuffix(version, ['.tar.gz']) : undefined;
    return stem !== undefined && isName(name) ? artifact(name, stem, file) : other; // pages
  },

  claims(path) {
    return (
      /^\/api\/archives\/\w+-\d[^/]*\.tar\.gz$/.test(path) || /^\/packages\/\w+\/versions\/\d[^/]*\.tar\.gz$/.test(path)
    );
  },
};
