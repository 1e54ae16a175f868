// Finds the organisation that a flag names. If there is none, the fault lists similar names.

import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { printable } from '../../transform/printable.ts';

interface Named {
  readonly org_id: string;
  readonly name: string;
}

/** Edits (insert, delete, replace) that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++)
      row.push(Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    previous = row;
  }
  return previous[b.length];
}

const SHOWN = 3;

/** Organisations with an id or name similar to the text, the most similar first. */
export function nearOrgs<Org extends Named>(orgs: readonly Org[], text: string): Org[] {
  const wanted = text.toLowerCase();
  const distance = (candidate: string): number => {
    const other = candidate.toLowerCase();
    if (wanted.length >= 3 && (other.includes(wanted) || wanted.includes(other))) return 0;
    const edits = editDistance(wanted, other);
    return edits <= Math.max(2, wanted.length / 3) ? edits : Infinity;
  };
  return orgs
    .map((org) => ({ org, far: Math.min(distance(org.org_id), org.name === '' ? Infinity : distance(org.name)) }))
    .filter(({ far }) => far < Infinity)
    .sort((a, b) => a.far - b.far || (a.org.org_id < b.org.org_id ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ org }) => org);
}

/** @throws Fault(inputRefused) */
export function findOrg<Org extends Named>(orgs: readonly Org[], id: string): Org {
  const found = orgs.find(({ org_id }) => org_id === id);
  if (found !== undefined) return found;
  const near = nearOrgs(orgs, id).map(({ org_id, name }) => (name === '' ? org_id : `${org_id} (${printable(name)})`));
  throw new Fault(
    'inputRefused',
    `there is no organisation ${printable(id)}`,
    near.length > 0
      ? `Did you mean ${near.join(', ')}?`
      : "See them: fairshare query 'SELECT org_id, name FROM org_current ORDER BY org_id'",
  );
}

/** Refuses an id that the registry does not have on a day ('YYYY-MM-DD'). @throws Fault(inputRefused) */
export async function requireOrg(warehouse: Warehouse, id: string, on: string): Promise<void> {
  findOrg(await warehouse.query<Named>(sqlFile('queries/orgs/show.sql'), { id: '', on }), id);
}
