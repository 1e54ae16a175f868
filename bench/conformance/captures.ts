// Recorded jobs of real clients beside what is known of each: every job went through nginx, which wrote the same requests in two
// formats. docs/CONFORMANCE.md says what this shows.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseUserAgent } from '../../transform/clients/index.ts';
import { formatByName } from '../../transform/formats/index.ts';
import { resolverFor } from '../../transform/packages/index.ts';
import { LineFields, methodNames, tri } from '../../transform/scan/line-fields.ts';

/** A job of truth.json: what its client did, and what the server sent. */
interface Truth {
  readonly jobs: readonly string[];
  readonly ecosystem: string;
  readonly client: string;
  readonly client_version: string;
  readonly ci_told_by_client: boolean | null;
  readonly ci_provider_told: string | null;
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly methods: Readonly<Record<string, number>>;
  readonly body_bytes: number;
  readonly sent_bytes: number;
  /** Different files that were sent whole or in part; 0: the client had them in its cache. */
  readonly distinct_artifacts: number;
  readonly client_says_it_fetched: readonly string[];
}

/** A job as one of the two logs shows it. */
interface Seen {
  requests: number;
  bytes: number;
  readonly statuses: Record<string, number>;
  readonly methods: Record<string, number>;
  /** 'package@version' of every path that names both. */
  readonly packages: Set<string>;
  readonly clients: Set<string>;
  readonly versions: Set<string>;
  readonly ciProviders: Set<string>;
  isCi: boolean;
}

export interface CaptureRow {
  readonly job: string;
  readonly ecosystem: string;
  readonly requests: number;
  readonly statuses: string;
  readonly sent_bytes: number;
  readonly body_bytes: number;
  /** Files that the client says it fetched, and whose package and version the paths name too. */
  readonly fetched: number;
  readonly client: string;
  readonly ci: string;
  /** Every difference from the truth, as a sentence; empty if there is none. */
  readonly faults: readonly string[];
}

const ecosystems = { cargo: 'cargo', deb: 'deb', go: 'golang', maven: 'maven', npm: 'npm', pypi: 'pypi' } as const;
type Capture = keyof typeof ecosystems;

/** Named by a client, but not fetched: the project itself, and what an environment brings along. */
const notFetched: Readonly<Record<string, readonly string[]>> = {
  'uv-sync': ['x@0.1.0'],
  'poetry-gitlab': ['pip@26.3'],
};

/** Clients whose user agent names their HTTP library, with what it says: the agent does not tell more. */
const speaksAs: Readonly<Record<string, readonly string[]>> = {
  'apache-maven': ['apache-maven', 'apache-httpclient'], // if its settings add a header
  go: ['go-http-client'],
  node: ['undici'],
  'python-httpx': ['httpx'],
  sbt: ['coursier', 'none'],
  yarn: ['yarn', 'got'], // from version 2 on
};

const folder = new URL('../../test/fixtures/captures/clients/', import.meta.url);
export const unzipped = (name: string): Buffer => gunzipSync(readFileSync(new URL(`${name}.gz`, folder)));

/** The jobs of a log by their address: each job pretended to have one of its own. */
function read(format: string, data: Buffer, ecosystem: string): Map<string, Seen> {
  const parser = formatByName(format)!.parser();
  const resolve = resolverFor({ ecosystem });
  const fields = new LineFields();
  const jobs = new Map<string, Seen>();
  for (let start = 0; start < data.length;) {
    const end = data.indexOf(10, start);
    const code = parser.parse(data, start, end, fields);
    if (code !== 0) throw new Error(`${format}: a line is no request: ${data.toString('utf8', start, end)}`);
    start = end + 1;
    const address = fields.address.text();
    let job = jobs.get(address);
    if (job === undefined) jobs.set(address, (job = nothingSeen()));
    add(job, fields, resolve(fields.host.text(), fields.path.text(), fields.query.text()).resource);
  }
  return jobs;
}

const nothingSeen = (): Seen => ({
  requests: 0,
  bytes: 0,
  statuses: {},
  methods: {},
  packages: new Set(),
  clients: new Set(),
  versions: new Set(),
  ciProviders: new Set(),
  isCi: false,
});

function add(job: Seen, fields: LineFields, resource: { readonly package: string; readonly version: string }): void {
  job.requests++;
  job.bytes += fields.bytes;
  job.statuses[fields.status] = (job.statuses[fields.status] ?? 0) + 1;
  const name = methodNames[fields.method];
  job.methods[name] = (job.methods[name] ?? 0) + 1;
  if (resource.package !== '' && resource.version !== '') job.packages.add(`${resource.package}@${resource.version}`);
  const { client, version, ci, ciProvider } = parseUserAgent(fields.userAgent.text());
  job.clients.add(client);
  if (version !== '') job.versions.add(version);
  if (ciProvider !== '') job.ciProviders.add(ciProvider);
  if (ci === tri.TRUE) job.isCi = true;
}

/**
 * 'package@version' of a file as a client names it, split by hand and not by the rules that are tested. '*' stands for what this client
 * does not say. undefined: the client was told under which name to store the file.
 */
function fetchedName(ecosystem: Capture, text: string): string | undefined {
  const file = text.split(' ')[0];
  if (file === 'f.whl') return undefined;
  if (ecosystem === 'npm') {
    // Deno names its cache's folders: PORT/NAME/VERSION. Others say NAME@VERSION, and npm's cache NAME alone.
    const folders = /^\d+\/(.+)\/([^/]+)$/.exec(file);
    return folders === null ? (file.includes('@', 1) ? file : `${file}@*`) : `${folders[1]}@${folders[2]}`;
  }
  if (ecosystem === 'cargo')
    return file
      .replace(/-(?=\d+\.\d+\.\d+)/, '@')
      .replaceAll(/-(?=.*@)/g, '_')
      .toLowerCase();
  if (ecosystem === 'deb') return file.split('_').slice(0, 2).join('@');
  if (ecosystem === 'go') {
    const unescaped = file.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return unescaped.replace('/@v/', '@').replace(/\.zip$/, '');
  }
  if (ecosystem === 'maven') {
    const parts = file.split('/');
    // sbt names its files alone.
    if (parts.length === 1) return `*/${file.replace(/\.\w+$/, '').replace(/-(?=\d+\.)/, '@')}`;
    return `${parts.slice(0, -3).join('.')}/${parts.at(-3)}@${parts.at(-2)}`;
  }
  const stem = file.replace(/\.(?:tar\.gz|zip|dist-info)$/, '');
  const cut = stem.lastIndexOf('-');
  const [name, version] = file.endsWith('.whl') ? file.split('-') : [stem.slice(0, cut), stem.slice(cut + 1)];
  return `${name.toLowerCase().replace(/[-_.]+/g, '-')}@${version}`;
}

function isNamed(packages: ReadonlySet<string>, name: string): boolean {
  if (name.startsWith('*')) return [...packages].some((known) => `${known}@`.includes(`${name.slice(1)}@`));
  if (name.endsWith('*')) return [...packages].some((known) => known.startsWith(name.slice(0, -1)));
  return packages.has(name);
}

const sorted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, count]) => `${key}×${count}`)
    .join(' ');

function compare(address: string, truth: Truth, edge: Seen | undefined, combined: Seen | undefined): CaptureRow {
  const faults: string[] = [];
  const same = (what: string, is: unknown, should: unknown): void => {
    if (is !== should) faults.push(`${what}: ${String(is)}, not ${String(should)}`);
  };
  const said = truth.distinct_artifacts === 0 ? [] : truth.client_says_it_fetched;
  const fetched = said
    .flatMap((file) => fetchedName(truth.ecosystem as Capture, file) ?? [])
    .filter((name) => !truth.jobs.some((job) => notFetched[job]?.includes(name)));
  for (const [format, seen, bytes] of [
    ['edge', edge, truth.sent_bytes],
    ['combined', combined, truth.body_bytes],
  ] as const) {
    if (seen === undefined) {
      faults.push(`${format}: no line of ${address}`);
      continue;
    }
    same(`${format}, requests`, seen.requests, truth.requests);
    same(`${format}, statuses`, sorted(seen.statuses), sorted(truth.statuses));
    same(`${format}, methods`, sorted(seen.methods), sorted(truth.methods));
    same(`${format}, bytes`, seen.bytes, bytes);
    for (const name of fetched) if (!isNamed(seen.packages, name)) faults.push(`${format}: no path names ${name}`);
    const names = speaksAs[truth.client] ?? [truth.client];
    for (const client of seen.clients)
      if (!names.includes(client)) faults.push(`${format}: client ${client}, not ${truth.client}`);
    const version = truth.client_version.replace(/^go/, '');
    for (const told of seen.versions)
      if (version !== '' && told !== version && seen.clients.has(truth.client))
        faults.push(`${format}: version ${told}, not ${version}`);
    same(`${format}, CI`, seen.isCi, truth.ci_told_by_client === true);
    same(`${format}, CI provider`, [...seen.ciProviders].join(' '), truth.ci_provider_told ?? '');
  }
  const packages = (seen: Seen | undefined): string => [...(seen?.packages ?? [])].sort().join(' ');
  if (packages(edge) !== packages(combined)) faults.push('the two formats name different packages');
  return {
    job: truth.jobs.join(', '),
    ecosystem: truth.ecosystem,
    requests: edge?.requests ?? 0,
    statuses: sorted(edge?.statuses ?? {}),
    sent_bytes: edge?.bytes ?? 0,
    body_bytes: combined?.bytes ?? 0,
    fetched: fetched.length,
    client: [...(edge?.clients ?? [])]
      .map((client) => `${client} ${[...(edge?.versions ?? [])].join('/')}`.trim())
      .join(', '),
    ci: edge?.isCi === true ? [...edge.ciProviders, 'true'][0] : '',
    faults,
  };
}

/**
 * One row for each job, and a fault for each difference.
 * @param contentOf a log by its name; a test gives others
 */
export function readCaptures(contentOf: (name: string) => Buffer = unzipped): CaptureRow[] {
  const { jobs } = JSON.parse(unzipped('truth.json').toString()) as { jobs: Readonly<Record<string, Truth>> };
  return (Object.keys(ecosystems) as Capture[]).flatMap((capture) => {
    const edge = read('nginx-edge', contentOf(`${capture}-edge.jsonl`), ecosystems[capture]);
    const combined = read('combined', contentOf(`${capture}-combined.log`), ecosystems[capture]);
    return Object.entries(jobs)
      .filter(([, truth]) => truth.ecosystem === capture)
      .map(([address, truth]) => compare(address, truth, edge.get(address), combined.get(address)));
  });
}

/** Client and distinct user agents of every recorded job. */
export function agentsOfJobs(): { readonly client: string; readonly agents: readonly string[] }[] {
  const { jobs } = JSON.parse(unzipped('truth.json').toString()) as { jobs: Readonly<Record<string, Truth>> };
  const parser = formatByName('nginx-edge')!.parser();
  const fields = new LineFields();
  const agents = new Map<string, Set<string>>();
  for (const capture of Object.keys(ecosystems)) {
    const data = unzipped(`${capture}-edge.jsonl`);
    for (let start = 0, end = data.indexOf(10); end >= 0; start = end + 1, end = data.indexOf(10, start)) {
      parser.parse(data, start, end, fields);
      const address = `${capture} ${fields.address.text()}`;
      agents.set(address, (agents.get(address) ?? new Set()).add(fields.userAgent.text()));
    }
  }
  return Object.entries(jobs).map(([address, { client, ecosystem }]) => ({
    client,
    agents: [...(agents.get(`${ecosystem} ${address}`) ?? [])],
  }));
}
