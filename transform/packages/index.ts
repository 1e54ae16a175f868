// All ecosystems, and the resolver from a request to its resource: it chooses the ecosystem and the path for its rules.

import { cargo } from './cargo.ts';
import { composer } from './composer.ts';
import { conda } from './conda.ts';
import { cpan } from './cpan.ts';
import { cran } from './cran.ts';
import { deb } from './deb.ts';
import { type Ecosystem, type Resource } from './ecosystem.ts';
import { gem } from './gem.ts';
import { golang } from './golang.ts';
import { hex } from './hex.ts';
import { julia } from './julia.ts';
import { maven } from './maven.ts';
import { nodejs } from './nodejs.ts';
import { npm } from './npm.ts';
import { nuget } from './nuget.ts';
import { oci } from './oci.ts';
import { openvsx } from './openvsx.ts';
import { collapseSlashes, decodeOnce, other } from './paths.ts';
import { isPrivate } from './private-text.ts';
import { pub } from './pub.ts';
import { pypi } from './pypi.ts';
import { rustToolchain } from './rust-toolchain.ts';

export const ecosystems: readonly Ecosystem[] = [
  pypi,
  npm,
  cargo,
  gem,
  maven,
  composer,
  golang,
  nuget,
  oci,
  deb,
  conda,
  julia,
  hex,
  cpan,
  cran,
  pub,
  openvsx,
  nodejs,
  rustToolchain,
];

/** The ecosystem if no rule decides. */
export const OTHER_ECOSYSTEM = 'other';

const byName = new Map(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem]));

export const ecosystemByName = (name: string): Ecosystem | undefined => byName.get(name);

/** A source's configuration of its ecosystems. */
export interface ResolverSpec {
  /** Ecosystem of every line, whatever its host. */
  readonly ecosystem?: string;
  /** Request host → ecosystem. No host is built in. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Leading path to remove, such as '/debian'; a path without it is resolved unchanged. */
  readonly pathPrefix?: string;
}

export interface Resolved {
  /** Name of an ecosystem, or OTHER_ECOSYSTEM. */
  readonly ecosystem: string;
  readonly resource: Resource;
}

/**
 * Total: never throws.
 * @param host as logged, '' if the log has none
 * @param path as logged: percent-encoded, without query
 * @param query without '?'; '' if it is not kept
 */
export type Resolver = (host: string, path: string, query: string) => Resolved;

/** `Example.org:443` → `example.org` */
const normaliseHost = (host: string): string => host.toLowerCase().replace(/\.?(?::\d+)?$/, '');
const normalisePath = (path: string): string => collapseSlashes(decodeOnce(path));

/** What is no version in this registry is removed: the file may exist, but nobody knows of which version it is. */
const withValidVersion = ({ version }: Ecosystem, resource: Resource): Resource =>
  resource.version === '' || version === undefined || version.test(resource.version)
    ? resource
    : { ...resource, version: '' };

function checkedName(name: string): string {
  if (name !== OTHER_ECOSYSTEM && !byName.has(name))
    throw new RangeError(`unknown ecosystem "${name}"; known are ${[...byName.keys(), OTHER_ECOSYSTEM].join(', ')}`);
  return name;
}

/** The one ecosystem that claims the path; '' if several do. */
function claimant(path: string): string {
  const claiming = ecosystems.filter((ecosystem) => ecosystem.claims(path));
  return claiming.length === 1 ? claiming[0].name : OTHER_ECOSYSTEM;
}

/** Ends of the paths whose query a source's resolver needs: those of its ecosystem, or of all if hosts or paths decide. */
export const queriedPathsFor = ({ ecosystem }: ResolverSpec): readonly string[] =>
  ecosystems.filter(({ name }) => !ecosystem || name === ecosystem).flatMap(({ queriedPaths = [] }) => queriedPaths);

/**
 * The source's ecosystem, else the host's by the source's map, else the path's if exactly one ecosystem claims it, else
 * 'other'. The path is percent-decoded once, runs of '/' become one, then the prefix is removed. A path with a personal token, or an
 * address for a name, is a request for something else.
 * @throws RangeError if an ecosystem's name does not exist: a fault of configuration
 */
export function resolverFor({ ecosystem = '', hosts = {}, pathPrefix = '' }: ResolverSpec): Resolver {
  const fixed = ecosystem === '' ? undefined : checkedName(ecosystem);
  const byHost = new Map(Object.entries(hosts).map(([host, name]) => [normaliseHost(host), checkedName(name)]));
  const prefix = normalisePath(`/${pathPrefix}/`).slice(0, -1);

  return (host, loggedPath, query) => {
    let path = normalisePath(loggedPath);
    if (prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`))) path = path.slice(prefix.length) || '/';
    // No registry's names contain control characters: such a path is an attack or damage, not a package.
    const isReadable = path.startsWith('/') && !/\p{Cc}/u.test(path);
    const name = fixed ?? byHost.get(normaliseHost(host)) ?? (isReadable ? claimant(path) : OTHER_ECOSYSTEM);
    const known = isReadable ? byName.get(name) : undefined;
    const resource = known === undefined ? other : withValidVersion(known, known.resolve(path, query));
    return { ecosystem: name, resource: isPrivate(resource) ? other : resource };
  };
}
