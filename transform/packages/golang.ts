// Go modules: the module proxy protocol and the checksum database.
//
// A module path is the package, case kept; the protocol writes a capital X as `!x`, in versions too. A query such as
// `/@v/main.info` names a branch, which is no version.

import { downloadRules, type Ecosystem, type Resource } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, tool, withoutSuffix } from './paths.ts';

const TOOLCHAIN = 'golang.org/toolchain';

const unescape = (text: string): string => text.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
const isModule = (name: string): boolean => /^[\w.~-]+(?:\/[\w.~-]+)*$/.test(name);
const versionOf = (text: string): string => (/^v\d/.test(text) ? unescape(text) : '');

function proxied(escapedModule: string, file: string): Resource {
  const name = unescape(escapedModule);
  if (!isModule(name)) return other;
  if (file === 'list' || file === '@latest') return metadata(name);
  const described = withoutSuffix(file, ['.info', '.mod']);
  if (described !== undefined) return metadata(name, versionOf(described));
  const version = versionOf(withoutSuffix(file, ['.zip']) ?? '');
  if (version === '') return other;
  return name === TOOLCHAIN ? tool(name, version, file, downloadRules.get200) : artifact(name, version, file);
}

/** @param path from /lookup/, /tile/, /latest or /supported on, as the checksum database itself serves it */
function checksumDatabase(path: string): Resource {
  if (path.startsWith('/lookup/')) {
    const spec = path.slice('/lookup/'.length);
    const at = spec.lastIndexOf('@');
    const name = unescape(spec.slice(0, Math.max(at, 0)));
    return isModule(name) ? metadata(name, versionOf(spec.slice(at + 1))) : other;
  }
  return path.startsWith('/tile/') || path === '/latest' || path === '/supported' ? index() : other;
}

export const golang: Ecosystem = {
  name: 'golang',
  title: 'Go module proxy',
  version:
    /^v(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/,

  resolve(path) {
    const databasePath = /^\/sumdb\/[^/]+(\/.*)$/.exec(path)?.[1] ?? path;
    const database = checksumDatabase(databasePath);
    if (database !== other) return database;
    if (databasePath !== path) return other;
    const modulePath = path.startsWith('/cached-only/') ? path.slice('/cached-only/'.length) : path.slice(1);
    const file = fileOf(modulePath);
    const name = withoutSuffix(modulePath, file === '@latest' ? ['/@latest'] : [`/@v/${file}`]);
    return name === undefined ? other : proxied(name, file);
  },

  claims(path) {
    return (
      /\/@v\/(?:list|[^/]+\.(?:info|mod|zip))$/.test(path) || /[^/]\/@latest$/.test(path) || path.startsWith('/sumdb/')
    );
  },
};
