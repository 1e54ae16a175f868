// The input of the benchmarks: a simulated month of an npm registry as its edge would log it, with network data and tokens.
// It is made once in bench/tmp and then reused. The same number of lines gives the same bytes.

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
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import fg from 'fast-glob';
import type { Rulebook } from '../ingest/rulebook.ts';
import { readOrgsFile } from '../scripts/orgs/orgs-file.ts';
import { readRanges } from '../scripts/orgs/ranges-file.ts';
import { composeOrganisations } from '../scripts/simulate/organisations.ts';
import { tokenId } from '../scripts/simulate/registry-files.ts';
import { simulate } from '../scripts/simulate/simulate.ts';
import type { NetworkRange } from '../transform/networks/facts.ts';
import { buildNetworkIndex } from '../transform/networks/network-index.ts';
import { NEWEST } from '../transform/methodology.ts';

const TMP = fileURLToPath(new URL('tmp/', import.meta.url));
const ABOUT = 'about.json';
const SEED = 1;
const ORGANISATIONS = 400;

export interface Month {
  readonly directory: string;
  /** Log lines of the edge: plain, and as one gzip object of many members. */
  readonly log: string;
  readonly gzip: string;
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Entries of the registry and of the published lists, as plain data. */
export interface Rules {
  readonly prefixes: readonly string[];
  readonly ranges: readonly NetworkRange[];
  /** Token → its id. */
  readonly tokens: Readonly<Record<string, string>>;
}

export const readRules = (directory: string): Rules =>
  JSON.parse(readFileSync(join(directory, 'rules.json'), 'utf8')) as Rules;

export const rulebookOf = ({ prefixes, ranges, tokens }: Rules): Rulebook => ({
  networks: buildNetworkIndex({ prefixes: prefixes.map((cidr) => ({ cidr })), ranges }),
  tokenIdOf: (token) => tokens[token] ?? null,
  methodology: NEWEST,
  methodologyVersion: 2,
  rulesSha256: 'bench',
});

/** Returns the month with this number of lines, and makes it if it does not exist yet. */
export async function month(lines: number): Promise<Month> {
  const directory = join(TMP, `month-${lines}`);
  const about = join(directory, ABOUT);
  if (!existsSync(about)) {
    process.stderr.write(`simulating ${lines} lines into ${directory}\n`);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${about}.new`, JSON.stringify(await make(directory, lines), null, 2));
    renameSync(`${about}.new`, about);
  }
  return openMonth(directory);
}

export function openMonth(directory: string): Month {
  const about = JSON.parse(readFileSync(join(directory, ABOUT), 'utf8')) as Pick<Month, 'lines' | 'bytes' | 'sha256'>;
  const log = join(directory, 'edge.jsonl');
  return { directory, log, gzip: `${log}.gz`, ...about };
}

async function make(directory: string, lines: number): Promise<Pick<Month, 'lines' | 'bytes' | 'sha256'>> {
  const simulation = join(directory, 'simulation');
  await simulate({
    out: simulation,
    force: true,
    seed: SEED,
    lines,
    start: '2026-10-01',
    days: 31,
    organisations: ORGANISATIONS,
    scenario: 'default',
    spoofed: 0.3,
    truth: 'totals',
    sources: ['npm'],
  });
  await writeRules(directory, join(simulation, 'registry'));

  const log = join(directory, 'edge.jsonl');
  const [plainFile, gzipFile] = [openSync(log, 'w'), openSync(`${log}.gz`, 'w')];
  const hash = createHash('sha256');
  let kept = 0;
  for (const object of fg.sync('logs/**/*.log.gz', { cwd: simulation }).sort()) {
    const text = withEdgeFields(wholeLines(gunzipSync(readFileSync(join(simulation, object))).toString()));
    writeSync(plainFile, text);
    writeSync(gzipFile, gzipSync(text, { level: 6 }));
    hash.update(text);
    kept += text.split('\n').length - 1;
  }
  closeSync(plainFile);
  closeSync(gzipFile);
  rmSync(simulation, { recursive: true });
  return { lines: kept, bytes: statSync(log).size, sha256: hash.digest('hex') };
}

async function writeRules(directory: string, registry: string): Promise<void> {
  const now = () => new Date('2026-10-01T00:00:00Z');
  const lists = [
    ...(await readRanges(join(registry, 'ranges'), { now })),
    ...(await readRanges(join(registry, 'networks.csv'), { now })),
  ];
  const { evidence } = readOrgsFile(join(registry, 'orgs.yaml'));
  const rules: Rules = {
    prefixes: [...new Set(evidence.filter(({ row }) => row.kind === 'cidr').map(({ row }) => row.value))],
    ranges: lists.flatMap(({ ranges }) => ranges),
    tokens: Object.fromEntries(
      composeOrganisations(ORGANISATIONS, SEED).flatMap((organisation) =>
        organisation.token === null ? [] : [[organisation.token, tokenId(organisation)]],
      ),
    ),
  };
  writeFileSync(join(directory, 'rules.json'), JSON.stringify(rules));
}

/** Drops a line that was cut off, because the engine would read on for the closing quote and lose the next line too. */
const wholeLines = (text: string): string => text.replace(/^(?:[^{].*|.*[^}])\n/gm, '');

const countries = ['US', 'DE', 'IN', 'GB', 'BR', 'FR', 'JP', 'CN', 'CA', 'NL', 'KR', 'PL', 'AU', 'ES', 'IT', 'SE'];

/**
 * The simulated edge writes 348 bytes a line. Edges in front of several registries log host and country too. With both, a
 * line has the usual 370 to 430 bytes, and one more dimension to group by.
 */
function withEdgeFields(text: string): string {
  const address = /"client_ip":"(?:\d+\.(\d+)\.|[^:"]*:[^:"]*:([^:"]*))[^"]*",/g;
  return text.replace(address, (field, second?: string, third?: string) => {
    const network = second === undefined ? parseInt(third || '0', 16) >> 8 : Number(second);
    const country = countries[network % countries.length];
    return `${field}"client_country":"${country}","request_host":"registry.npm.example",`;
  });
}
