// CRAN and its mirrors: source and binary packages below any contrib folder, the archive of old versions, R itself.
//
// NAME_VERSION.EXT: names contain no underscore. Case is kept.

import { type Ecosystem } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, splitFirst, tool, withoutSuffix } from './paths.ts';

const archives = ['.tar.gz', '.tgz', '.zip'];
const isName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9.]*$/.test(name);

const indexFile = /^(?:PACKAGES(?:\.gz|\.rds|\.in)?|archive\.rds|current\.rds|packages\.rds|Views\.rds)$/;

export const cran: Ecosystem = {
  name: 'cran',
  title: 'CRAN',
  version: /^\d+(?:[.-]\d+)*$/,

  resolve(path) {
    const segments = segmentsOf(path);
    const file = fileOf(path);
    const folders = file === '' ? segments : segments.slice(0, -1);
    if (indexFile.test(file)) return index();
    if (folders.includes('contrib')) {
      if (file === '') return index();
      const split = splitFirst(withoutSuffix(file, archives) ?? '', '_');
      return split !== undefined && isName(split[0]) ? artifact(split[0], split[1], file) : other;
    }
    const [area, second, name = ''] = segments;
    if (area === 'web' && second === 'packages' && file === 'DESCRIPTION' && isName(name)) return metadata(name);
    const version = folders.includes('base')
      ? /^R-(\d+\.\d+\.\d+)(?:-[\w-]+)?\.(?:tar\.gz|pkg|exe)$/.exec(file)?.[1]
      : undefined;
    return version === undefined ? other : tool('R', version, file);
  },

  claims(path) {
    const contrib = path.includes('/src/contrib/') || /\/bin\/(?:windows|macosx)\//.test(path);
    return contrib && path.includes('/contrib/') && cran.resolve(path, '') !== other;
  },
};
