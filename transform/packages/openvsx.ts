// Open VSX: its own API, the VS Code gallery protocol beside it, and the CDN of extension files.
//
// Names are `namespace/extension`, lower-case, because the registry compares without case. If folders give namespace, extension
// and version, they decide. A bare NS.EXT-VERSION[@TARGET].vsix is split at the first point (a namespace contains none) and at
// the first hyphen before MAJOR.MINOR.PATCH. The target platform is not a part of the version.

import { type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, metadata, other, segmentsOf, signature, withoutSuffix } from './paths.ts';

const target = /^(?:universal|web|(?:linux|alpine|darwin|win32)-(?:x64|arm64|armhf|ia32))$/;
const isPart = (text: string): boolean => /^[\w+$~][\w.+$~-]*$/.test(text);
/** Not `latest` or `pre-release`, which are aliases. */
const versionOf = (text = ''): string => (/^\d/.test(text) ? text : '');

const described = (namespace = '', extension = '', version = ''): Resource =>
  isPart(namespace) && isPart(extension)
    ? metadata(`${namespace}/${extension}`.toLowerCase(), versionOf(version))
    : other;

/** One file of one version; the extension itself is a .vsix or the gallery's VSIXPackage. */
function fileResource([namespace = '', extension = '', version = '']: readonly string[], file: string): Resource {
  const of = described(namespace, extension, version);
  if (of === other) return other;
  if (/\.vsix$|^vspackage$|VSIXPackage$/.test(file)) return artifact(of.package, of.version, file);
  return /\.(?:sigzip|sha256)$|VsixSignature$/.test(file) ? signature(of.package, of.version, file) : of;
}

/** `/api/NS/EXT[/TARGET][/VERSION[/file/FILE]]` */
function api(segments: readonly string[], file: string): Resource {
  const [namespace, extension, ...rest] = segments;
  if (namespace === '-' || extension === undefined) return other; // search, query, a namespace's page
  if (target.test(rest[0] ?? '')) rest.shift();
  const isFile = rest[1] === 'file' && rest.length > 2;
  return isFile ? fileResource([namespace, extension, rest[0]], file) : described(namespace, extension, rest[0]);
}

function gallery([area, ...rest]: readonly string[], file: string): Resource {
  if (area === 'asset') return rest.length >= 4 ? fileResource(rest, file) : other;
  if (area === 'unpkg') return described(rest[0], rest[1], rest[2]);
  if (area !== 'gallery') return other;
  if (rest[0] === 'publishers' && rest[2] === 'vsextensions')
    return rest.length === 6 ? fileResource([rest[1], rest[3], rest[4]], file) : other;
  return rest.length === 3 ? described(rest[0], rest[1], rest[2]) : other;
}

function cdn(segments: readonly string[], file: string): Resource {
  const stem = withoutSuffix(file, ['.vsix']);
  if (stem === undefined) return other;
  const identity = stem.replace(/@[^@]*$/, '');
  const folders = segments.slice(0, -1).filter((s) => !target.test(s));
  const [namespace = '', extension = '', version = ''] = folders.slice(-3);
  if (identity.toLowerCase() === `${namespace}.${extension}-${version}`.toLowerCase())
    return fileResource([namespace, extension, version], file);
  const cut = /^([^.]+)\.(.+?)-(\d+\.\d+\.\d.*)$/.exec(identity);
  return cut === null ? other : fileResource(cut.slice(1), file);
}

export const openvsx: Ecosystem = {
  name: 'openvsx',
  title: 'Open VSX',

  resolve(path) {
    const segments = segmentsOf(path);
    const file = fileOf(path);
    if (segments[0] === 'api') return api(segments.slice(1), file);
    if (segments[0] === 'vscode') return gallery(segments.slice(1), file);
    return cdn(segments, file);
  },

  claims: (path) => path.endsWith('.vsix') || /^\/vscode\/(?:gallery|asset)\//.test(path),
};
