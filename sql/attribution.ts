// Attribution turns evidence sets into verdicts, by the registry as known at a time. Each run recomputes all verdicts under its version.

import { createHash } from 'node:crypto';
import { type EvidenceSet } from '../transform/aggregate/evidence-set.ts';
import { Fault } from '../transform/fault.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/** Raise it when queries/attribute/verdicts.sql or attribute/moves.sql judge differently. */
const RULES_VERSION = 2;

export interface AttributionRun {
  readonly attribution_version: string;
  readonly known_at: string;
  readonly evidence_rows: string;
  readonly evidence_sets: string;
}

/** Hash of the evidence that was active as known at `knownAt`, and of the rules that judge it. */
async function attributionVersion(warehouse: Warehouse, knownAt: Date): Promise<{ version: string; rows: number }> {
  const rows = await warehouse.query<Record<string, unknown>>(sqlFile('queries/attribute/evidence.sql'), {
    known_at: engineTime(knownAt),
  });
  const hash = createHash('sha256').update(`rules ${RULES_VERSION}\n`);
  for (const row of rows) hash.update(JSON.stringify(Object.values(row))).update('\n');
  return { version: hash.digest('hex').slice(0, 32), rows: rows.length };
}

/** 'YYYY-MM-DD hh:mm:ss.mmm', UTC. */
const engineTime = (time: Date): string => time.toISOString().replace('T', ' ').replace('Z', '');

/** Moves usage to the organisation of its network, if the network was declared after the traffic was read. */
async function moveDeclared(
  warehouse: Warehouse,
  version: string,
  { now, knownAt }: { readonly now: Date; readonly knownAt: Date },
): Promise<void> {
  const known = { attribution_version: version, known_at: engineTime(knownAt) };
  const [kept] = await warehouse.query<{ first_read_at: string }>(sqlFile('queries/attribute/first_read.sql'));
  if (kept === undefined) return; // No network facts are stored any more: earlier moves stay.
  const [late] = await warehouse.query<{ rows: string }>(sqlFile('queries/attribute/late_evidence.sql'), {
    ...known,
    ...kept,
  });
  if (late.rows === '0') return;
  await warehouse.command(sqlFile('queries/attribute/moves.sql'), {
    ...known,
    ...kept,
    computed_at: engineTime(now),
  });
  await warehouse.command(sqlFile('queries/attribute/declared.sql'), { attribution_version: version });
}

/**
 * Moves usage that was booked after an older attribution was computed, by the evidence of that attribution. So late usage of a
 * closed period goes to the organisation that the period counted it for.
 */
export async function moveLate(warehouse: Warehouse, version: string, now: Date): Promise<void> {
  const [run] = await warehouse.query<{ known_at: string }>(sqlFile('queries/attribute/known_at.sql'), { version });
  if (run !== undefined)
    await moveDeclared(warehouse, version, { now, knownAt: new Date(`${run.known_at.replace(' ', 'T')}Z`) });
}

/** Later than any evidence: nothing was declared late. */
const NEVER_READ = '2199-01-01 00:00:00.000';

/** Which attribution is in force, and which networks it moved: parameters of queries that read networks themselves. */
export interface AnsweringParameters {
  readonly attribution_version: string;
  readonly evidence_known_at: string;
  readonly first_read_at: string;
}

/**
 * Parameters by which a query names the parties that allocations and reports name, without allocating.
 * @throws Fault(checkFailed) if nothing was attributed yet, or the registry is newer than its verdicts
 */
export async function answeringParameters(warehouse: Warehouse): Promise<AnsweringParameters> {
  const version = await latestAttribution(warehouse);
  if (version === '')
    throw new Fault(
      'checkFailed',
      'nothing was attributed yet',
      'Run fairshare attribute, then the same command again.',
    );
  await requireNewVerdicts(warehouse);
  const [run] = await warehouse.query<{ known_at: string }>(sqlFile('queries/attribute/known_at.sql'), { version });
  const [kept] = await warehouse.query<{ first_read_at: string }>(sqlFile('queries/attribute/first_read.sql'));
  return {
    attribution_version: version,
    evidence_known_at: run?.known_at ?? NEVER_READ,
    first_read_at: kept?.first_read_at ?? NEVER_READ,
  };
}

/** The attribution that was computed last; '' if there is none yet. */
export async function latestAttribution(warehouse: Warehouse): Promise<string> {
  const [run] = await warehouse.query<{ version: string }>(sqlFile('queries/period/attribution_version.sql'));
  return run.version;
}

/** Number of attributions, of evidence sets that the last one judged, and of all evidence sets. */
export async function attributionState(
  warehouse: Warehouse,
): Promise<{ readonly runs: number; readonly judged: number; readonly sets: number }> {
  const [state] = await warehouse.query<Record<'runs' | 'judged' | 'sets', string>>(
    sqlFile('queries/attribute/state.sql'),
  );
  return { runs: Number(state.runs), judged: Number(state.judged), sets: Number(state.sets) };
}

/**
 * An allocation must not use verdicts that are older than the registry.
 * @throws Fault(checkFailed)
 */
export async function requireNewVerdicts(warehouse: Warehouse): Promise<void> {
  const [newer] = await warehouse.query<{ pieces: string }>(sqlFile('queries/attribute/newer_evidence.sql'));
  if (newer.pieces === '0') return;
  throw new Fault(
    'checkFailed',
    `the registry changed after the last attribution: ${newer.pieces} piece(s) of evidence are newer than its verdicts`,
    'Run fairshare attribute, then the same command again.',
  );
}

/** Judges every evidence set. The same registry gives the same version and the same verdicts. */
export async function attribute(
  warehouse: Warehouse,
  { now, knownAt = now }: { readonly now: Date; readonly knownAt?: Date },
): Promise<AttributionRun> {
  const { version, rows } = await attributionVersion(warehouse, knownAt);
  await warehouse.command(sqlFile('queries/attribute/verdicts.sql'), {
    attribution_version: version,
    known_at: engineTime(knownAt),
  });
  await moveDeclared(warehouse, version, { now, knownAt });
  const [sets] = await warehouse.query<{ sets: string }>(sqlFile('queries/attribute/evidence_sets.sql'));
  const run = {
    attribution_version: version,
    known_at: engineTime(knownAt),
    evidence_rows: String(rows),
    evidence_sets: sets.sets,
  };
  await warehouse.insert('attribution_run', [{ ...run, computed_at: now.toISOString() }]);
  return run;
}

/** Judges evidence sets that are not stored, if there are any: stores them, and attributes again. */
export async function judgeSets(
  warehouse: Warehouse,
  evidence: readonly { readonly id: bigint; readonly set: EvidenceSet }[],
  now: Date,
): Promise<void> {
  const stored = await warehouse.query<{ id: string }>(sqlFile('queries/attribute/stored_sets.sql'), {
    sets: evidence.map(({ id }) => String(id)),
  });
  const known = new Set(stored.map(({ id }) => id));
  const fresh = evidence.filter(({ id }) => !known.has(String(id)));
  if (fresh.length === 0) return;
  await warehouse.insert('evidence_set', fresh.map(evidenceRow));
  await attribute(warehouse, { now });
}

/** A row of evidence_set. */
export const evidenceRow = ({ id, set }: { readonly id: bigint; readonly set: EvidenceSet }) => ({
  id: `${id}`,
  token_id: set.tokenId,
  prefix: set.prefix,
  range_id: set.rangeId,
  asn: set.asn,
  network_type: set.networkType,
});
