// Whether a month can be allocated by the terms in force. It is asked before anything is sealed or closed, so that a fault in the files
// is said while everything can still be set right.

import { closedRunId } from '../../sql/allocation-run.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { requireFamilies } from './named-families.ts';
import { requireSizes } from './sizes.ts';
import { type FundingTerms } from './terms.ts';

/** @throws Fault(usage, inputRefused) */
export async function requireFitting(warehouse: Warehouse, period: string, terms: FundingTerms): Promise<void> {
  await requireFamilies(warehouse, terms.policy);
  await requireSizes(warehouse, period, terms);
}

/** The reason why a month cannot be allocated. A closed month needs no terms. */
export async function refusalOf(
  warehouse: Warehouse,
  period: string,
  terms: () => FundingTerms,
): Promise<Fault | undefined> {
  if ((await closedRunId(warehouse, period)) !== undefined) return undefined;
  try {
    await requireFitting(warehouse, period, terms());
    return undefined;
  } catch (error) {
    if (error instanceof Fault && (error.kind === 'usage' || error.kind === 'inputRefused')) return error;
    throw error;
  }
}
