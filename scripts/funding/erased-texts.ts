// Replaces an organisation's names in the texts that people wrote for an allocation (policy, costs, reasons of corrections) by its id.
// A run's hashes cover these texts, so the hash of each new text is recorded, and `verify` accepts it.

import {
  reasonsWithText,
  replaceReason,
  replaceRunTexts,
  runsWithText,
  type ErasedRun,
  type RunTexts,
} from '../../sql/erasure.ts';
import { sha256 } from '../../sql/sha256.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { allocationJson } from '../../transform/funding/allocate.ts';
import { correctionLines } from './corrections.ts';
import { allocateParties } from './parties.ts';
import { inputsText, runReader, type CorrectionInputs, type RecordedRun, type RunReader } from './recorded.ts';
import { hashOfLines } from './run.ts';
import { termsOf, termsUntil } from './terms.ts';

/** Shorter names are too likely to be a part of something else. */
const MIN_NAME_LENGTH = 3;

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

/** Replaces the names, where no letter or digit is beside them, as they are and as CSV or YAML quotes them. */
export function replaceNames(text: string, names: readonly string[], id: string): string {
  const spellings = names
    .filter((name) => name.length >= MIN_NAME_LENGTH && name !== id)
    .flatMap((name) => [
      name,
      name.replaceAll('"', '""'),
      name.replaceAll("'", "''"),
      JSON.stringify(name).slice(1, -1),
    ]);
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return text;
  const pattern = String.raw`(?<![\p{L}\p{N}])(?:${longestFirst.map(quoted).join('|')})(?![\p{L}\p{N}])`;
  return text.replace(new RegExp(pattern, 'gv'), () => id);
}

export interface NamedTexts {
  /** Runs with such a text. */
  readonly runs: readonly string[];
  /** Corrections with such a reason. */
  readonly reasons: readonly { readonly id: string; readonly reason: string }[];
}

export async function textsWithNames(warehouse: Warehouse, names: readonly string[], id: string): Promise<NamedTexts> {
  const sought = names.filter((name) => name.length >= MIN_NAME_LENGTH);
  if (sought.length === 0) return { runs: [], reasons: [] };
  const reasons = await reasonsWithText(warehouse, sought);
  return {
    runs: await runsWithText(warehouse, sought),
    reasons: reasons.filter(({ reason }) => replaceNames(reason, names, id) !== reason),
  };
}

/**
 * @param onChange called before a run is changed, with the hash of each changed text
 * @returns how many runs changed; and runs whose texts still have the name, because their figures would be others without it
 */
export async function eraseNamesInTexts(
  warehouse: Warehouse,
  { runs, reasons }: NamedTexts,
  names: readonly string[],
  id: string,
  onChange: (runs: readonly ErasedRun[]) => Promise<void>,
): Promise<{ readonly changed: number; readonly kept: readonly string[] }> {
  let changed = 0;
  const kept: string[] = [];
  const readRun = runReader(warehouse);
  for (const runId of runs) {
    const recorded = await readRun(runId);
    const now = withoutNames(recorded, names, id);
    if (now === undefined) kept.push(runId);
    else if (now !== 'unchanged') {
      await onChange(await hashesAfter(recorded, now, readRun));
      await replaceRunTexts(warehouse, runId, now.texts);
      changed++;
    }
  }
  for (const { id: correction, reason } of reasons)
    await replaceReason(warehouse, correction, reason, replaceNames(reason, names, id));
  return { changed, kept };
}

interface Renamed {
  readonly texts: RunTexts;
  readonly inputs: CorrectionInputs;
}

/** The hash of each text that changes. */
async function hashesAfter(
  { run, parties, terms }: RecordedRun,
  { texts, inputs }: Renamed,
  readRun: RunReader,
): Promise<ErasedRun[]> {
  const { run_id } = run;
  const changed: ErasedRun[] = (['policy', 'costs', 'corrections'] as const)
    .filter((part) => texts[part] !== run[part])
    .map((part) => ({ run_id, part, sha256: sha256(texts[part]) }));
  if (texts.corrections !== run.corrections) {
    const lines = await correctionLines(inputs, readRun);
    const hash = hashOfLines(allocateParties(parties, terms), { inputs, lines, pending: [] });
    changed.push({ run_id, part: 'lines', sha256: hash });
  }
  return changed;
}

/** undefined: the figures would be others */
function withoutNames(
  { run, parties, terms, corrections }: RecordedRun,
  names: readonly string[],
  id: string,
): Renamed | 'unchanged' | undefined {
  const inputs = {
    late: corrections.late,
    manual: corrections.manual.map((line) => ({ ...line, reason: replaceNames(line.reason, names, id) })),
  };
  const texts = {
    policy: replaceNames(run.policy, names, id),
    costs: replaceNames(run.costs, names, id),
    corrections: inputsText(inputs),
  };
  if (texts.policy === run.policy && texts.costs === run.costs && texts.corrections === run.corrections)
    return 'unchanged';
  const figures = (of: typeof terms): string =>
    JSON.stringify([
      allocationJson(allocateParties(parties, of)),
      of.costs.pools.map(({ pool, driver }) => [pool, driver]),
    ]);
  try {
    return figures(termsUntil(termsOf(texts), run.period, run.until)) === figures(terms)
      ? { texts, inputs }
      : undefined;
  } catch {
    return undefined; // the text cannot be read without the name
  }
}
