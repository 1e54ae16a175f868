// A simulated world whose truth is known, with the registry that an accuracy run needs. The program itself writes, imports,
// ingests and attributes it, with the requested part of the evidence.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { stringify } from 'yaml';
import { commands } from '../../scripts/commands/index.ts';
import { runProgram } from '../../scripts/runtime/program.ts';
import { drawIntervals, periodInputs, type AttributedUsage } from '../../scripts/funding/intervals.ts';
import { hyperscalers, ownNetwork, publicNetworks, v4Cidr, v4Text, v6Cidr } from '../../scripts/simulate/networks.ts';
import {
  composeOrganisations,
  teamToken,
  userOf,
  type Organisation,
  type WorldOptions,
} from '../../scripts/simulate/organisations.ts';
import { V6_BLOCK } from '../../scripts/simulate/population.ts';
import type { SourceName } from '../../scripts/simulate/scenario.ts';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { attribute } from '../../sql/attribution.ts';
import { applyRegistry, compareRegistry, registryTables, type RegistryRow } from '../../sql/orgs.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import type { UsageInterval } from '../../transform/funding/intervals.ts';
import type { Precision } from '../../transform/funding/precision.ts';
import { zero } from '../../transform/funding/rational.ts';
import { Random } from '../../transform/random.ts';
import { sha256 } from '../../sql/sha256.ts';

export interface AccuracyWorld extends WorldOptions {
  readonly seed: number;
  readonly lines: number;
  readonly days: number;
  readonly organisations: number;
  readonly scenario: string;
  readonly sources: readonly SourceName[];
  /** Part of the E6 rows that name another organisation than the network's own. */
  readonly wrong_sources: number;
}

/** Claims of platform and provider networks by E4–E6 evidence. Attribution must never accept them. */
const hostileClaims = (organisations: readonly Organisation[]): EvidenceRow[] => {
  const networks = publicNetworks();
  const claimed = [
    ...hyperscalers.map((cloud) => networks.find(({ kind }) => kind === cloud)!),
    ...(['hosting', 'hosting', 'isp', 'vpn'] as const).map(
      (kind, i) => networks.filter((network) => network.kind === kind)[i % 2],
    ),
  ];
  return claimed.flatMap((network, i) => {
    const { id } = organisations[i % organisations.length];
    return [
      { org: id, id: `${id}-claims-as-${i}`, tier: 'E5', kind: 'asn', value: String(network.asn) },
      { org: id, id: `${id}-claims-range-${i}`, tier: i % 2 === 0 ? 'E4' : 'E6', kind: 'cidr', value: v4Cidr(network) },
    ];
  });
};

interface EvidenceRow {
  readonly org: string;
  readonly id: string;
  readonly tier: string;
  readonly kind: string;
  readonly value?: string;
  readonly secret_sha256?: string;
}

/** Returns the /24 and the /48 of an organisation's own network, by block. */
const blocksOf = (organisation: number, j: number): [block: number, cidr: string][] => {
  const network = ownNetwork(organisation, j, 'US');
  return [
    ...Array.from({ length: V6_BLOCK }, (_, block): [number, string] => [
      block,
      `${v4Text(network.v4.base + block * 256)}/24`,
    ]),
    [V6_BLOCK, v6Cidr(network)!],
  ];
};

function evidenceOf(organisations: readonly Organisation[], world: AccuracyWorld): EvidenceRow[] {
  const random = new Random(world.seed, 0xe1d);
  const tokens = ({ id, token }: Organisation): EvidenceRow[] =>
    token === null
      ? []
      : Array.from({ length: world.teams }, (_, team) => ({
          org: id,
          id: `${id}-token-${team}`,
          tier: 'E1',
          kind: 'token',
          secret_sha256: sha256(teamToken(token, team, world.teams)),
        }));
  const declared = ({ id, networks, declaredNetworks, egress }: Organisation): EvidenceRow[] =>
    [
      ...networks.slice(0, declaredNetworks).flatMap((network) => [v4Cidr(network), v6Cidr(network)!]),
      ...(egress === null ? [] : [v4Cidr(egress)]),
    ].map((value, i) => ({ org: id, id: `${id}-net-${i}`, tier: 'E2', kind: 'cidr', value }));
  const inferred = ({ id, asn, networks }: Organisation, o: number): EvidenceRow[] => {
    if (world.knowledge !== 'inferred') return [];
    if (o % 3 === 0) return [{ org: id, id: `${id}-as`, tier: 'E5', kind: 'asn', value: String(asn) }];
    return networks.flatMap((_, j) =>
      blocksOf(o, j).map(([block, value]) => {
        const wrong = o % 3 === 2 && random.chance(world.wrong_sources);
        const named = wrong
          ? organisations[(o + 1 + random.below(organisations.length - 1)) % organisations.length]
          : { id };
        return { org: named.id, id: `${id}-range-${j}-${block}`, tier: o % 3 === 1 ? 'E4' : 'E6', kind: 'cidr', value };
      }),
    );
  };
  return [
    ...organisations.flatMap((organisation, o) => [
      ...tokens(organisation),
      ...declared(organisation),
      ...inferred(organisation, o),
    ]),
    ...hostileClaims(organisations),
  ];
}

export interface Usage {
  readonly requests: bigint;
  readonly bytes: bigint;
}

/** Usage in truth or as found: organisation → day ecosystem → usage. */
export type UsageCells = ReadonlyMap<string, ReadonlyMap<string, Usage>>;

const SINCE = '2025-01-01';
export const PERIOD = '2026-10';

export class World {
  readonly organisations: readonly Organisation[];
  private readonly options: AccuracyWorld;
  private readonly directory: string;
  private readonly warehouse: Warehouse;
  private readonly evidence: readonly RegistryRow[];
  private clock_ms: number;

  private constructor(
    options: AccuracyWorld,
    directory: string,
    warehouse: Warehouse,
    evidence: readonly RegistryRow[],
  ) {
    this.options = options;
    this.organisations = composeOrganisations(options.organisations, options.seed, options.knowledge);
    this.directory = directory;
    this.warehouse = warehouse;
    this.evidence = evidence;
    this.clock_ms = Date.now();
  }

  /** Simulates, imports and ingests. */
  static async make(options: AccuracyWorld): Promise<World> {
    const directory = mkdtempSync(join(tmpdir(), 'fairshare-accuracy-'));
    try {
      const out = join(directory, 'world');
      const { seed, lines, days, sources, scenario } = options;
      await simulate({
        out,
        force: false,
        seed,
        lines,
        days,
        start: `${PERIOD}-01`,
        organisations: options.organisations,
        objectsPerDay: 1,
        scenario,
        spoofed: 0.3,
        truth: 'totals',
        sources,
        world: options,
      });
      const organisations = composeOrganisations(options.organisations, seed, options.knowledge);
      const evidence = evidenceOf(organisations, options);
      const registry = {
        organisations: organisations.map(({ id, name }) => ({
          id,
          name,
          contact: `billing@${id}.example`,
          evidence: evidence
            .filter(({ org }) => org === id)
            .map(({ org: _org, ...row }) => ({
              ...row,
              valid_from: SINCE,
              source: 'the simulation',
              proof: 'the plan',
            })),
        })),
      };
      writeFileSync(join(out, 'registry/orgs.yaml'), stringify(registry));
      const location = join(directory, 'warehouse');
      const run = (...args: string[]) =>
        program(args, { FAIRSHARE_CONFIG: join(out, 'fairshare.yaml'), FAIRSHARE_WAREHOUSE: location });
      await run('orgs', 'import', join(out, 'registry/orgs.yaml'));
      await run('ranges', 'import', join(out, 'registry/ranges'), join(out, 'registry/networks.csv'));
      for (const source of sources) await run('ingest', 'files', join(out, 'logs', source), '--source', source);
      const warehouse = await openWarehouse({ location });
      const rows = await warehouse.query<RegistryRow>('SELECT * FROM org_evidence FINAL WHERE state = 0');
      return new World(options, directory, warehouse, rows);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Attributes; each piece of evidence is known with the given probability. → number of known pieces by organisation
   * @param tokens the probability for tokens, if it is another
   */
  async know(coverage: number, tokens = coverage): Promise<Map<string, number>> {
    const random = new Random(this.options.seed, 0xc0e, Math.round(coverage * 1000));
    const isKnown = (tier: string): boolean => {
      const chance = tier === 'E1' ? tokens : coverage;
      return random.chance(chance) || chance === 1 || !['E1', 'E2', 'E3'].includes(tier);
    };
    const known = [...this.evidence]
      .sort((a, b) => (String(a.evidence_id) < String(b.evidence_id) ? -1 : 1))
      .filter((row) => isKnown(String(row.tier)));
    this.clock_ms = Math.max(this.clock_ms + 1_000, Date.now());
    const now = new Date(this.clock_ms);
    const change = await compareRegistry(this.warehouse, registryTables.orgEvidence, known);
    await applyRegistry(this.warehouse, registryTables.orgEvidence, change, now);
    await attribute(this.warehouse, { now: new Date(this.clock_ms + 500) });
    const pieces = new Map<string, number>();
    for (const { org_id, tier } of known as unknown as readonly { org_id: string; tier: string }[])
      if (tier < 'E4') pieces.set(org_id, (pieces.get(org_id) ?? 0) + 1);
    return pieces;
  }

  /** Returns the usage attributed by the tiers of a condition, e.g. "tier <= 'E3'". */
  async attributed(where: string): Promise<UsageCells> {
    const rows = await this.warehouse.query<Record<string, string>>(
      `SELECT org_id, toString(day) AS day, ecosystem, sum(usage.requests) AS requests, sum(usage.bytes) AS bytes
      FROM attributed_usage AS usage WHERE org_id != '' AND ${where} GROUP BY org_id, day, ecosystem`,
    );
    return cells(rows.map((row) => ({ ...row, organisation: row.org_id })));
  }

  /** Returns the true usage of all lines, as the simulation wrote it. */
  truth(): UsageCells {
    const [head, ...lines] = readFileSync(join(this.directory, 'world/truth/totals.csv'), 'utf8').trim().split('\n');
    const names = head.split(',');
    const rows = lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])));
    return cells(rows.filter(({ organisation }) => organisation !== ''));
  }

  /** Bytes that E1–E3 attribute, by client. */
  async bytesByClient(): Promise<Map<string, bigint>> {
    const rows = await this.warehouse.query<{ client: string; bytes: string }>(
      `SELECT client, sum(usage.bytes) AS bytes
      FROM attributed_usage AS usage WHERE org_id != '' AND tier <= 'E3' GROUP BY client`,
    );
    return new Map(rows.map(({ client, bytes }) => [client, BigInt(bytes)]));
  }

  /** Returns the intervals of the month's requests and bytes, their inputs, and the measured precision of the evidence. */
  async intervals(): Promise<{
    intervals: UsageInterval[];
    usage: readonly AttributedUsage[];
    precision: readonly Precision[];
  }> {
    const inputs = await periodInputs(this.warehouse, PERIOD, `${PERIOD}-31`);
    return { intervals: drawIntervals(inputs, () => zero), usage: inputs.usage, precision: inputs.precision };
  }

  /** Returns the true user of each /24 or /48 of the organisations' own networks. */
  users(): Map<string, string> {
    const { organisations, options } = this;
    return new Map(
      organisations.flatMap((_, o) =>
        [0, 1, 2].flatMap((j) =>
          blocksOf(o, j).map(([block, cidr]): [string, string] => [
            cidr,
            organisations[userOf(options, options.seed, organisations.length, [o, j, block])].id,
          ]),
        ),
      ),
    );
  }

  async close(): Promise<void> {
    await this.warehouse.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function cells(rows: readonly Record<string, string>[]): Map<string, Map<string, Usage>> {
  const found = new Map<string, Map<string, Usage>>();
  for (const { organisation, day, ecosystem, requests, bytes } of rows) {
    const own = found.get(organisation) ?? new Map<string, Usage>();
    found.set(organisation, own);
    const key = `${day} ${ecosystem}`;
    const before = own.get(key) ?? { requests: 0n, bytes: 0n };
    own.set(key, { requests: before.requests + BigInt(requests), bytes: before.bytes + BigInt(bytes) });
  }
  return found;
}

/** Runs the program in this process. @throws Error with its output */
async function program(args: readonly string[], settings: Record<string, string>): Promise<void> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let said = '';
  stdout.resume();
  stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const env = { ...process.env, ...settings };
  const status = await runProgram(args, commands, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env,
    color: false,
    signal: new AbortController().signal,
  });
  if (status !== 0) throw new Error(`fairshare ${args.join(' ')} ended with ${status}\n${said}`);
}
