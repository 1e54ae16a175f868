// Erases personal data from the warehouse: names and contacts of an organisation, the facts of a network, quarantined lines. Ids and
// amounts stay. A statement that changes a table stays in the table's directory for a while, so none of them contains what it erases.

import { randomUUID } from 'node:crypto';
import { sha256 } from './sha256.ts';
import { dropBooking, swap } from './seal.ts';
import { sqlFile } from './sql-file.ts';
import { type QueryParams, type Warehouse } from './warehouse.ts';

/** Changed or deleted rows by table. */
export type ErasedRows = Readonly<Record<string, number>>;

export interface Erasure {
  readonly erasure_id: string;
  readonly kind: 'organisation' | 'network';
  /** '' for a network. */
  readonly org_id: string;
  readonly reason: string;
  readonly begun_at: string;
}

/** Records that an erasure begins, so that an interrupted one leaves a trace. */
export async function beginErasure(
  warehouse: Warehouse,
  { kind, org_id, reason, now }: Pick<Erasure, 'kind' | 'org_id' | 'reason'> & { readonly now: Date },
): Promise<Erasure> {
  const erasure = { erasure_id: randomUUID(), kind, org_id, reason, begun_at: now.toISOString() };
  await warehouse.insert('erasure', [{ ...erasure, erased: {}, state: 0, erased_at: erasure.begun_at }]);
  return erasure;
}

export const endErasure = (warehouse: Warehouse, erasure: Erasure, erased: ErasedRows, now: Date): Promise<void> =>
  warehouse.insert('erasure', [{ ...erasure, erased, state: 1, erased_at: now.toISOString() }]);

/** A recorded allocation whose records an erasure changed. */
export interface ErasedRun {
  readonly run_id: string;
  readonly part: ErasedPart;
  /** Hash of the text after the erasure; '' if no text changed. */
  readonly sha256: string;
}
/** names: no hash covers the change. The others are covered by a hash of the run. */
export type ErasedPart = 'names' | 'intervals' | 'policy' | 'costs' | 'corrections' | 'lines';

export const recordErasedRuns = (
  warehouse: Warehouse,
  { erasure_id }: Erasure,
  runs: readonly ErasedRun[],
): Promise<void> =>
  warehouse.insert(
    'erasure_run',
    runs.map((run) => ({ erasure_id, ...run })),
  );

export interface RunErasure extends Omit<ErasedRun, 'run_id'> {
  readonly kind: Erasure['kind'];
  readonly org_id: string;
  /** 'YYYY-MM-DD hh:mm:ss.mmm' */
  readonly erased_at: string;
}

/** The changes of all erasures to a run's records, the oldest first. */
export const erasuresOfRun = (warehouse: Warehouse, runId: string): Promise<RunErasure[]> =>
  warehouse.query<RunErasure>(sqlFile('queries/erase/of_run.sql'), { run_id: runId });

/** Organisations whose names were erased, with the time of the last erasure, 'YYYY-MM-DD hh:mm:ss.mmm'. */
export async function erasedOrgs(warehouse: Warehouse): Promise<Map<string, string>> {
  const rows = await warehouse.query<{ org_id: string; erased_at: string }>(sqlFile('queries/erase/erased_orgs.sql'));
  return new Map(rows.map(({ org_id, erased_at }) => [org_id, erased_at]));
}

/** Exports that were made for some organisations. */
export const exportsOf = (
  warehouse: Warehouse,
  orgs: readonly string[],
): Promise<{ readonly organisation: string; readonly period: string }[]> =>
  warehouse.query(sqlFile('queries/erase/exports.sql'), { orgs });

export async function isKnownOrg(warehouse: Warehouse, orgId: string): Promise<boolean> {
  const [row] = await warehouse.query<{ is_known: number }>(sqlFile('queries/erase/known.sql'), { org_id: orgId });
  return Boolean(row.is_known);
}

/** Every name and contact that was ever recorded for an organisation. */
export async function namesOfOrg(warehouse: Warehouse, orgId: string): Promise<string[]> {
  const rows = await warehouse.query<{ text: string }>(sqlFile('queries/erase/names.sql'), { org_id: orgId });
  return rows.map(({ text }) => text);
}

/** Every range that evidence ever named for an organisation, CIDR. */
export async function networksOfOrg(warehouse: Warehouse, orgId: string): Promise<string[]> {
  const rows = await warehouse.query<{ network: string }>(sqlFile('queries/erase/networks_of_org.sql'), {
    org_id: orgId,
  });
  return rows.map(({ network }) => network);
}

/** Recorded allocations that an organisation is in. */
export async function runsOfOrg(warehouse: Warehouse, orgId: string): Promise<string[]> {
  const rows = await warehouse.query<{ run_id: string }>(sqlFile('queries/erase/runs_of_org.sql'), { org_id: orgId });
  return rows.map(({ run_id }) => run_id);
}

const counts = async (warehouse: Warehouse, file: string, params?: QueryParams): Promise<ErasedRows> => {
  const rows = await warehouse.query<{ table: string; rows: string }>(sqlFile(file), params);
  return Object.fromEntries(rows.map(({ table, rows: count }) => [table, Number(count)]));
};

/** Rows of the registry that hold an organisation's personal data. */
export const orgRows = (warehouse: Warehouse, orgId: string): Promise<ErasedRows> =>
  counts(warehouse, 'queries/erase/org_rows.sql', { org_id: orgId });

/**
 * Empties an organisation's name, contact, billing particulars and sources in every version, and deletes the versions of its evidence that
 * are no longer in force. Evidence in force stays, because usage is attributed by it.
 */
export async function eraseOrg(warehouse: Warehouse, orgId: string): Promise<void> {
  const params = { org_id: orgId };
  await warehouse.command(sqlFile('queries/erase/org_names.sql'), params);
  await warehouse.command(sqlFile('queries/erase/period_names.sql'), params);
  for (const table of ['proof_nonce', 'proof_seen'])
    await warehouse.command(sqlFile('queries/erase/org_proofs.sql'), { ...params, table });
  await warehouse.command(sqlFile('queries/erase/old_evidence.sql'), params);
  await warehouse.command(sqlFile('queries/erase/evidence_sources.sql'), params);
}

/** Texts of a run that people wrote. */
export interface RunTexts {
  readonly policy: string;
  readonly costs: string;
  readonly corrections: string;
}

/** Runs whose texts contain one of these names. */
export async function runsWithText(warehouse: Warehouse, texts: readonly string[]): Promise<string[]> {
  const json_texts = texts.map((text) => JSON.stringify(text).slice(1, -1));
  const rows = await warehouse.query<{ run_id: string }>(sqlFile('queries/erase/run_texts.sql'), { texts, json_texts });
  return rows.map(({ run_id }) => run_id);
}

export const replaceRunTexts = (warehouse: Warehouse, runId: string, texts: RunTexts): Promise<void> =>
  warehouse.command(sqlFile('queries/erase/update_run.sql'), { run_id: runId, ...texts });

/** Reasons of corrections that contain one of these names. */
export const reasonsWithText = (
  warehouse: Warehouse,
  texts: readonly string[],
): Promise<{ readonly id: string; readonly reason: string }[]> =>
  warehouse.query(sqlFile('queries/erase/reasons.sql'), { texts });

/** Replaces a correction's reason, in the file's record and on the lines of every allocation. */
export async function replaceReason(warehouse: Warehouse, id: string, old: string, reason: string): Promise<void> {
  for (const table of ['correction', 'allocation_correction'])
    await warehouse.command(sqlFile('queries/erase/update_reason.sql'), { table, id, reason, sha256: sha256(old) });
}

const PAGE_LINES = 5_000;
const CHANGED_LINES = 500;

/** Ids (BATCH/ROW) of the quarantined lines that a test accepts. It reads every stored line. */
export async function quarantinedWhere(
  warehouse: Warehouse,
  isWanted: (line: Uint8Array) => boolean,
): Promise<string[]> {
  const found = new Set<string>();
  let after = { batch_id: '00000000-0000-0000-0000-000000000000', row: -1 };
  for (;;) {
    const lines = await warehouse.query<{ batch_id: string; row: number; line_hex: string }>(
      sqlFile('queries/erase/quarantined.sql'),
      { ...after, page: PAGE_LINES },
    );
    for (const { batch_id, row, line_hex } of lines)
      if (isWanted(Buffer.from(line_hex, 'hex'))) found.add(`${batch_id}/${row}`);
    if (lines.length < PAGE_LINES) return [...found];
    after = lines.at(-1)!;
  }
}

export async function emptyQuarantined(warehouse: Warehouse, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += CHANGED_LINES)
    await warehouse.command(sqlFile('queries/erase/empty_lines.sql'), { ids: ids.slice(from, from + CHANGED_LINES) });
}

/** Facts of the registry and of ingest that lie within a network: the keys, by table. */
export interface NetworkFacts {
  readonly org_evidence: readonly string[];
  readonly proof_nonce: readonly string[];
  readonly proof_seen: readonly string[];
  readonly evidence_set: readonly string[];
  /** Those of org_evidence that are in force. */
  readonly in_force: readonly string[];
}

/** @param network canonical CIDR */
export async function factsOfNetwork(warehouse: Warehouse, network: string): Promise<NetworkFacts> {
  const rows = await warehouse.query<{ table: string; key: string; in_force: number | boolean }>(
    sqlFile('queries/erase/network_facts.sql'),
    { cidr: network, length: Number(network.split('/')[1]) },
  );
  const keysOf = (table: string) => [...new Set(rows.filter((row) => row.table === table).map(({ key }) => key))];
  return {
    org_evidence: keysOf('org_evidence'),
    proof_nonce: keysOf('proof_nonce'),
    proof_seen: keysOf('proof_seen'),
    evidence_set: keysOf('evidence_set'),
    in_force: [...new Set(rows.filter((row) => Boolean(row.in_force)).map(({ key }) => key))],
  };
}

export async function eraseFacts(warehouse: Warehouse, facts: NetworkFacts): Promise<void> {
  const change = async (file: string, keys: readonly string[], params: QueryParams = {}) => {
    for (let from = 0; from < keys.length; from += CHANGED_LINES)
      await warehouse.command(sqlFile(file), { ...params, keys: keys.slice(from, from + CHANGED_LINES) });
  };
  for (const table of ['proof_nonce', 'proof_seen'] as const)
    await change('queries/erase/delete_proofs.sql', facts[table], { table });
  await change('queries/erase/delete_evidence.sql', facts.org_evidence);
  await change('queries/erase/forget_prefixes.sql', facts.evidence_set);
}

/**
 * Lists the stored networks that overlap a network, each with a random one that replaces it. An interrupted erasure leaves its list, and
 * the next one goes on with it, so a network never gets two replacements.
 */
export const listNetworks = (warehouse: Warehouse, network: string): Promise<void> =>
  warehouse.command(sqlFile('queries/erase/list_networks.sql'), { cidr: network });

/** Rows with a network that listNetworks would list. @param network canonical CIDR */
export const overlappingRows = (warehouse: Warehouse, network: string): Promise<ErasedRows> =>
  counts(warehouse, 'queries/erase/overlapping_networks.sql', { cidr: network });

/** Rows with a listed network. */
export const listedRows = (warehouse: Warehouse): Promise<ErasedRows> =>
  counts(warehouse, 'queries/erase/listed_networks.sql');

export async function listedRuns(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ run_id: string }>(sqlFile('queries/erase/interval_runs.sql'));
  return rows.map(({ run_id }) => run_id);
}

const sealedByNetwork = [
  ['network_daily', 'queries/erase/stage_network_daily.sql'],
  ['request_rate', 'queries/erase/stage_request_rate.sql'],
] as const;

/**
 * Replaces the listed networks everywhere. Every step can be repeated. Landing and sealed tables get the same replacement, because a
 * later seal compares them.
 */
export async function replaceNetworks(warehouse: Warehouse): Promise<void> {
  await warehouse.command(sqlFile('queries/erase/usage_networks.sql'));
  await warehouse.command(sqlFile('queries/erase/rate_networks.sql'));
  await warehouse.command(sqlFile('queries/erase/drop_rate_networks.sql'));
  for (const [table, stage] of sealedByNetwork) {
    const bookings = await warehouse.query<{ day: string; booked_day: string }>(sqlFile('queries/erase/bookings.sql'), {
      table,
    });
    for (const booking of bookings) {
      await dropBooking(warehouse, `${table}_staging`, booking);
      await warehouse.command(sqlFile(stage), { ...booking });
      await swap(warehouse, table, booking);
    }
  }
  // Without the salts nobody can test whether a network is among those that package_daily counted.
  await warehouse.command(sqlFile('queries/erase/forget_salts.sql'));
  await warehouse.command(sqlFile('queries/erase/interval_networks.sql'));
  await warehouse.command(sqlFile('queries/erase/drop_interval_networks.sql'));
  await warehouse.command(sqlFile('queries/erase/drop_kept_tiers.sql'));
}

export const forgetList = (warehouse: Warehouse): Promise<void> =>
  warehouse.command(sqlFile('queries/erase/clear_list.sql'));

/** Tables that an erasure changes. */
const changedTables = [
  'org',
  'period_name',
  'org_evidence',
  'proof_nonce',
  'proof_seen',
  'evidence_set',
  'quarantine',
  'allocation_run',
  'correction',
  'allocation_correction',
  'interval_input',
  'period_tier',
  'usage_batch',
  'rate_batch',
  'network_daily',
  'network_daily_staging',
  'request_rate',
  'request_rate_staging',
  'network_salt',
  'erasure_network',
] as const;

/**
 * Deletes the files that the engine would keep for some minutes after rows were changed.
 * @returns tables with such files that a running query still reads
 */
export async function purge(warehouse: Warehouse): Promise<string[]> {
  const left = async (): Promise<string[]> => {
    const rows = await warehouse.query<{ table: string }>(sqlFile('queries/erase/replaced_parts.sql'), {
      tables: changedTables,
    });
    return rows.map(({ table }) => table);
  };
  for (const table of await left()) {
    await warehouse.command(sqlFile('queries/erase/purge_now.sql'), { table });
    try {
      await warehouse.command(sqlFile('queries/erase/purge.sql'), { table });
    } finally {
      await warehouse.command(sqlFile('queries/erase/purge_later.sql'), { table });
    }
  }
  return left();
}
