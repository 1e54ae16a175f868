// Commands with figures of organisations need an attribution: the first one is computed for them, and an old one is reported.

import { attribute, attributionState } from '../../sql/attribution.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type Runtime } from '../runtime/command.ts';

/** Attributes if that was never done, and says so on stderr. */
export async function attributeFirst(runtime: Runtime, warehouse: Warehouse): Promise<void> {
  const { runs, judged, sets } = await attributionState(warehouse);
  if (runs === 0 && sets > 0) {
    const run = await attribute(warehouse, { now: runtime.now() });
    runtime.stderr.write(
      `fairshare: nothing was attributed yet: ${sets} evidence set(s) are attributed now, by ${run.evidence_rows} piece(s) of evidence\n`,
    );
  } else sayUnjudged(runtime, runs, judged, sets);
}

/** For readers: says on stderr that some evidence sets are not attributed yet. */
export async function sayUnattributed(runtime: Runtime, warehouse: Warehouse): Promise<void> {
  const { runs, judged, sets } = await attributionState(warehouse);
  sayUnjudged(runtime, runs, judged, sets);
}

function sayUnjudged(runtime: Runtime, runs: number, judged: number, sets: number): void {
  if (sets <= judged) return;
  runtime.stderr.write(
    runs === 0
      ? 'fairshare: nothing was attributed yet, so all usage counts as unknown; run: fairshare attribute\n'
      : `fairshare: ${sets - judged} evidence set(s) came after the last attribution and count as unknown; run: fairshare attribute\n`,
  );
}
