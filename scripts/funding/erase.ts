// Erases the personal data of an organisation or a network: finds what there is, removes it, and records the erasure.

import {
  beginErasure,
  emptyQuarantined,
  endErasure,
  eraseFacts,
  eraseOrg,
  factsOfNetwork,
  forgetList,
  listedRows,
  overlappingRows,
  listedRuns,
  listNetworks,
  namesOfOrg,
  networksOfOrg,
  orgRows,
  purge,
  quarantinedWhere,
  recordErasedRuns,
  replaceNetworks,
  runsOfOrg,
  type ErasedRows,
  type ErasedRun,
} from '../../sql/erasure.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { parseCidr, type Cidr } from '../../transform/networks/address.ts';
import { mentionsNetwork } from '../../transform/networks/mentions.ts';
import { eraseNamesInTexts, textsWithNames, type NamedTexts } from './erased-texts.ts';

export interface ErasurePlan {
  /** Rows that will be changed or deleted, by table. */
  readonly rows: ErasedRows;
  /** What stays, and what a person should do about it. */
  readonly notes: readonly string[];
}

export interface Erased extends ErasurePlan {
  readonly erasure_id: string;
  readonly erased_at: string;
}

/** An erasure that was planned and not begun. */
export interface PlannedErasure extends ErasurePlan {
  /** Carries it out. After an interruption, plan and run it again. */
  run(reason: string, now: () => Date): Promise<Erased>;
}

const existing = (rows: ErasedRows): ErasedRows =>
  Object.fromEntries(Object.entries(rows).filter(([, count]) => count > 0));

async function purged(warehouse: Warehouse): Promise<string[]> {
  const left = await purge(warehouse);
  return left.length === 0
    ? []
    : [
        `a running query still reads old files of ${left.join(', ')}: the engine deletes them within minutes of its end, or erase again`,
      ];
}

/** Lines that mention one of the networks, or one of the names. */
function quarantinedOf(warehouse: Warehouse, networks: readonly Cidr[], names: readonly string[]): Promise<string[]> {
  const texts = names.map((name) => Buffer.from(name));
  return quarantinedWhere(
    warehouse,
    (line) =>
      networks.some((network) => mentionsNetwork(line, network)) ||
      texts.some((text) => Buffer.from(line).includes(text)),
  );
}

export async function planOrgErasure(warehouse: Warehouse, orgId: string): Promise<PlannedErasure> {
  const names = (await namesOfOrg(warehouse, orgId)).filter((name) => name !== orgId);
  const texts = await textsWithNames(warehouse, names, orgId);
  const networks = await networksOfOrg(warehouse, orgId);
  const lines = await quarantinedOf(
    warehouse,
    networks.flatMap((network) => parseCidr(network).cidr ?? []),
    names,
  );
  const rows = existing({
    ...(await orgRows(warehouse, orgId)),
    quarantine: lines.length,
    allocation_run: texts.runs.length,
    correction: texts.reasons.length,
  });
  const notes =
    networks.length === 0
      ? []
      : [
          `evidence in force, and the facts of its networks, stay: usage is attributed by them. Take ${orgId} out of the registry file, import it and erase again; then erase each network: ${networks.map((network) => `fairshare erase --network ${network}`).join('; ')}`,
        ];
  return {
    rows,
    notes,
    run: (reason, now) => runOrgErasure(warehouse, orgId, { names, texts, lines, rows, notes }, reason, now),
  };
}

interface OrgPlan extends ErasurePlan {
  readonly names: readonly string[];
  readonly texts: NamedTexts;
  readonly lines: readonly string[];
}

async function runOrgErasure(
  warehouse: Warehouse,
  orgId: string,
  { names, texts, lines, rows, notes }: OrgPlan,
  reason: string,
  now: () => Date,
): Promise<Erased> {
  const begun = { kind: 'organisation', org_id: orgId, reason, now: now() } as const;
  const erasure = await beginErasure(warehouse, begun);
  // The runs first: verify must know of a change before it meets it.
  const runs: ErasedRun[] = (await runsOfOrg(warehouse, orgId)).map((run_id) => ({
    run_id,
    part: 'names',
    sha256: '',
  }));
  await recordErasedRuns(warehouse, erasure, runs);
  const { changed, kept } = await eraseNamesInTexts(warehouse, texts, names, orgId, (run) =>
    recordErasedRuns(warehouse, erasure, run),
  );
  await emptyQuarantined(warehouse, lines);
  // The names last, because an interrupted erasure finds the texts by them.
  await eraseOrg(warehouse, orgId);
  const left = await purged(warehouse);
  const at = now();
  await endErasure(warehouse, erasure, { ...rows, allocation_run: changed }, at);
  return {
    erasure_id: erasure.erasure_id,
    erased_at: at.toISOString(),
    rows: existing({ ...rows, allocation_run: changed }),
    notes: [
      ...notes,
      ...left,
      ...(kept.length === 0
        ? []
        : [`the texts of run(s) ${kept.join(', ')} keep the name: without it their figures would be others`]),
    ],
  };
}

/** @param network canonical CIDR */
export async function planNetworkErasure(warehouse: Warehouse, cidr: Cidr, network: string): Promise<PlannedErasure> {
  const facts = await factsOfNetwork(warehouse, network);
  const lines = await quarantinedOf(warehouse, [cidr], []);
  const { in_force, ...keys } = facts;
  const ownRows = {
    quarantine: lines.length,
    ...Object.fromEntries(Object.entries(keys).map(([table, found]) => [table, found.length])),
  };
  const notes =
    in_force.length === 0
      ? []
      : [
          `evidence ${in_force.join(', ')} is in force: from the next attribution on, open months are attributed without it. Take it out of the registry file, or the next import records it again`,
        ];
  return {
    rows: existing({ ...ownRows, ...(await overlappingRows(warehouse, network)) }),
    notes,
    async run(reason, now) {
      const erasure = await beginErasure(warehouse, { kind: 'network', org_id: '', reason, now: now() });
      await listNetworks(warehouse, network);
      const rows = existing({ ...ownRows, ...(await listedRows(warehouse)) });
      const runs = (await listedRuns(warehouse)).map((run_id) => ({ run_id, part: 'intervals', sha256: '' }) as const);
      await recordErasedRuns(warehouse, erasure, runs);
      await replaceNetworks(warehouse);
      await emptyQuarantined(warehouse, lines);
      await eraseFacts(warehouse, facts);
      await forgetList(warehouse);
      const left = await purged(warehouse);
      const at = now();
      await endErasure(warehouse, erasure, rows, at);
      return { erasure_id: erasure.erasure_id, erased_at: at.toISOString(), rows, notes: [...notes, ...left] };
    },
  };
}
