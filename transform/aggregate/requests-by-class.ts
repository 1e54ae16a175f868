// A sum over a batch's own rows, for monitoring only: no figure is computed from it.

import * as arrow from 'apache-arrow';
import { type TableData } from './arrow-table.ts';

/** Requester class → requests, of the rows of usage_batch. */
export function requestsByClass({ ipc }: Pick<TableData, 'ipc'>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const table = arrow.tableFromIPC(ipc);
  const rows = table.numRows;
  if (rows === 0) return sums;
  const classes = table.getChild('requester_class')!.data[0] as arrow.Data<arrow.Dictionary>;
  const requests = table.getChild('requests')!.data[0].values as BigUint64Array;
  const codes = classes.values as ArrayLike<number>;
  // Numbers are exact to 2^53, and a batch has about a million lines.
  const byCode = new Float64Array(classes.dictionary!.length);
  for (let row = 0; row < rows; row++) byCode[codes[row]] += Number(requests[row]);
  for (const [code, sum] of byCode.entries()) if (sum > 0) sums.set(String(classes.dictionary!.get(code)), BigInt(sum));
  return sums;
}
