// The benchmarks' input: a simulated month of an npm registry as the edge would log it, and what is known of networks and
// tokens. Made once into bench/tmp, then reused; the same options give the same bytes.

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fg from 'fast-glob';
import { readOrgsFile } from '../scripts/registry/orgs-file.ts';
import { readRanges } from '../scripts/registry/ranges-file.ts';
import { simulate } from '../scripts/simulate/simulate.ts';
import { nginxEdge } from '../transform/formats/nginx-edge.ts';
import { LineFields } from '../transform/scan/line-fields.ts';
import type { NetworkIndexInput } from '../transform/networks/network-index.ts';
import type { NetworkType } from '../transform/networks/facts.ts';

export const TMP = new URL('tmp/', import.meta.url).pathname;
const DEFAULT_LINES = 1_000_000;

export interface Month {
  readonly directory: string;
  /** Log lines of the nginx edge, plain and as one gzip object. */
  readonly log: string;
  readonly gzip: string;
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the registry and the published lists say, as plain data. */
export interface Rules {
  readonly prefixes: readonly string[];
  readonly ranges: NonNullable<NetworkIndexInput['ranges']>;
  readonly asnTypes: readonly (readonly [number, NetworkType])[];
  /** SHA-256 of a token → its id. */
  readonly tokens: readonly (readonly [string, string])[];
}

export const readRules = (directory: string): Rules =>
  JSON.parse(readFileSync(join(directory, 'rules.json'), 'utf8')) as Rules;

/** @param lines of the month; another number is another directory */
export async function month(lines = DEFAULT_LINES): Promise<Month> {
  const directory = join(TMP, `month-${lines}`);
  const about = join(directory, 'about.json');
  if (!existsSync(about)) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const made = await make(directory, lines);
    writeFileSync(`${about}.new`, JSON.stringify(made, null, 2));
    renameSync(`${about}.new`, about);
  }
  return { ...(JSON.parse(readFileSync(about, 'utf8')) as Month), directory };
}

async function make(directory: string, lines: number): Promise<Omit<Month, 'directory'>> {
  const simulation = join(directory, 'simulation');
  await simulate({
    out: simulation,
    force: true,
    seed: 1,
    lines,
    start: '2026-10-01',
    days: 31,
    organisations: 400,
    scenario: 'default',
    spoofed: 0.3,
    truth: 'totals',
    sources: ['npm'],
  });
  const registry = join(simulation, 'registry');
  const now = () => new Date('2026-10-01T00:00:00Z');
  const lists = [
    ...(await readRanges(join(registry, 'ranges'), { now })),
    ...(await readRanges(join(registry, 'networks.csv'), { now })),
  ];
  const { evidence } = readOrgsFile(join(registry, 'orgs.yaml'));
  const rows = evidence.map(({ row }) => row);
  const rules: Rules = {
    prefixes: [...new Set(rows.filter(({ kind }) => kind === 'cidr').map(({ value }) => value))],
    ranges: lists.flatMap(({ ranges }) => ranges),
    asnTypes: lists.flatMap(({ asnTypes }) => asnTypes).map(({ asn, type }) => [asn, type] as const),
    tokens: rows.filter(({ kind }) => kind === 'token').map((row) => [row.secret_sha256, row.evidence_id] as const),
  };
  writeFileSync(join(directory, 'rules.json'), JSON.stringify(rules));

  const log = join(directory, 'edge.jsonl');
  const gzip = `${log}.gz`;
  const [plainFile, gzipFile] = [openSync(log, 'w'), openSync(gzip, 'w')];
  const hash = createHash('sha256');
  let kept = 0;
  for (const object of fg.sync('logs/**/*.log.gz', { cwd: simulation }).sort()) {
    const text = withEdgeFields(onlyRequests(gunzipSync(readFileSync(join(simulation, object))).toString()));
    kept += text.split('\n').length - 1;
    writeSync(plainFile, text);
    writeSync(gzipFile, gzipSync(text, { level: 6 }));
    hash.update(text);
  }
  closeSync(plainFile);
  closeSync(gzipFile);
  rmSync(simulation, { recursive: true });
  return { log, gzip, lines: kept, bytes: statSync(log).size, sha256: hash.digest('hex') };
}

/** Without the lines that the simulation broke on purpose: the rivals have no quarantine to put them in. */
function onlyRequests(text: string): string {
  const parser = nginxEdge.parser();
  const fields = new LineFields();
  return text.replace(/[^\n]*\n/g, (line) => {
    const bytes = Buffer.from(line);
    return parser.parse(bytes, 0, bytes.length - 1, fields) === 0 ? line : '';
  });
}

const countries = ['US', 'DE', 'IN', 'GB', 'BR', 'FR', 'JP', 'CN', 'CA', 'NL', 'KR', 'PL', 'AU', 'ES', 'IT', 'SE'];

/**
 * The simulated edge writes 348 bytes a line. Edges in front of several registries log host and country too, which brings
 * a line to the 370 to 430 bytes that are usual, and one dimension more to group by.
 */
function withEdgeFields(text: string): string {
  return text.replace(
    /"client_ip":"(\d+\.(\d+)|[^:"]*:[^:"]*:([^:"]*))[^"]*",/g,
    (all, _ip, v4?: string, v6?: string) => {
      const country = countries[(v4 === undefined ? parseInt(v6 || '0', 16) >> 8 : Number(v4)) % countries.length];
      return `${all}"client_country":"${country}","request_host":"registry.npm.example",`;
    },
  );
}
