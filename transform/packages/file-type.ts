// The type of a file by its name: wheel, sdist, jar … A closed list, so that a name of one's own cannot become a type.

import { type Resource } from './ecosystem.ts';

/** '' comes first: what is no file has no type. */
export const fileTypes = [
  '',
  'wheel',
  'egg',
  'sdist',
  'tarball',
  'gem',
  'crate',
  'jar',
  'war',
  'aar',
  'pom',
  'module',
  'klib',
  'nupkg',
  'snupkg',
  'conda',
  'deb',
  'rpm',
  'apk',
  'vsix',
  'phar',
  'zip',
  'exe',
  'msi',
  'dmg',
  'pkg',
  'blob',
  'manifest',
  'signature',
  'checksum',
  'other',
] as const;
export type FileType = (typeof fileTypes)[number];

/** Types by what follows a name's last dot. */
const typesByEnding: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ['whl', 'wheel'],
  ['egg', 'egg'],
  ['gem', 'gem'],
  ['crate', 'crate'],
  ['jar', 'jar'],
  ['war', 'war'],
  ['aar', 'aar'],
  ['pom', 'pom'],
  ['module', 'module'],
  ['klib', 'klib'],
  ['snupkg', 'snupkg'],
  ['nupkg', 'nupkg'],
  ['conda', 'conda'],
  ['deb', 'deb'],
  ['udeb', 'deb'],
  ['rpm', 'rpm'],
  ['apk', 'apk'],
  ['vsix', 'vsix'],
  ['phar', 'phar'],
  ['exe', 'exe'],
  ['msi', 'msi'],
  ['dmg', 'dmg'],
  ['pkg', 'pkg'],
]);
const SIGNATURE = /\.(?:asc|sig|minisig|sigstore|sigstore\.json|attestation|provenance)$/;
const CHECKSUM = /\.(?:md5|sha1|sha256|sha512|sha256sum)$/;
const ARCHIVE = /\.(?:tar|tgz|tar\.(?:gz|bz2|xz|zst|lzma|z)|tbz2?|txz)$/;

/** @param ecosystem purl type: an archive of sources is a `sdist` on PyPI, a `tarball` elsewhere */
export function fileTypeOf(ecosystem: string, { file, artifact }: Pick<Resource, 'file' | 'artifact'>): FileType {
  if (file === '') return '';
  if (artifact === 'signature') return CHECKSUM.test(file) ? 'checksum' : 'signature';
  const name = file.toLowerCase();
  if (SIGNATURE.test(name)) return 'signature';
  if (CHECKSUM.test(name)) return 'checksum';
  if (ecosystem === 'oci') return artifact === 'metadata' ? 'manifest' : 'blob';
  const known = typesByEnding.get(name.slice(name.lastIndexOf('.') + 1));
  if (known !== undefined) return known;
  if (ecosystem === 'conda' && name.endsWith('.tar.bz2')) return 'conda';
  const isArchive = ARCHIVE.test(name);
  if (ecosystem === 'pypi' && (isArchive || name.endsWith('.zip'))) return 'sdist';
  if (isArchive) return 'tarball';
  return name.endsWith('.zip') ? 'zip' : 'other';
}
