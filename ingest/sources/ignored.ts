// Objects that lie beside logs and are none: a search of a directory or a bucket passes over them. No I/O.

/** The files that CDNs, stores, tools of transfer and file managers put beside logs. */
export const IGNORED_BY_DEFAULT: readonly string[] = [
  // A CDN's test of its rights to write, and its proof that a bucket is the customer's.
  'test.txt.gz',
  'test.txt',
  'ownership-challenge*',
  'ELBAccessLogTestFile',
  'ConfigWritabilityCheckFile',
  // Marks of finished exports and of folders.
  '_SUCCESS',
  '_SUCCESS.*',
  '_COMMITTED*',
  '_STARTED*',
  '*_$folder$',
  'manifest.json',
  '*.manifest',
  '*-manifest.json',
  // Unfinished transfers.
  '*.tmp',
  '*.part',
  '*.partial',
  '*.filepart',
  '*.crdownload',
  '*~',
  // Checksums and signatures.
  '*.md5',
  '*.sha1',
  '*.sha256',
  '*.sha512',
  '*.crc',
  '*.asc',
  '*.sig',
  'MD5SUMS',
  'SHA256SUMS',
  // Files of file managers and web servers.
  '.*',
  'Thumbs.db',
  'desktop.ini',
  'index.html',
  'robots.txt',
  'README*',
];

/**
 * Whether a name is passed over. A pattern without a slash is compared with the last part of a name, else with the whole name.
 * @param patterns '*' stands for any characters but a slash, '**' for any, '?' for one
 */
export function ignoredBy(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => ({ isPath: pattern.includes('/'), matches: expressionOf(pattern) }));
  return (name) => {
    const last = name.slice(name.lastIndexOf('/') + 1);
    return expressions.some(({ isPath, matches }) => matches.test(isPath ? name : last));
  };
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.match(/\*\*\/|\*\*|[*?]|[^*?]+/g) ?? [];
  const special: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
  const text = parts.map((part) => special[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')).join('');
  return new RegExp(`^${text}$`, 's');
}
