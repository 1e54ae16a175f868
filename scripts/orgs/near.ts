// The organisations nearest to a network without one: first who had exactly this range, then ranges around and within it, then
// neighbours by the length of the common prefix.

import { cidrContains, commonBits, parseCidr } from '../../transform/networks/address.ts';
import { compareIds } from '../../transform/funding/checked.ts';

/** Evidence in the neighbourhood of a candidate. */
export interface NearEvidence {
  readonly candidate: string;
  readonly org_id: string;
  readonly name: string;
  /** A CIDR, or 'AS64500'. */
  readonly value: string;
  readonly valid_from: string;
  /** '': no last day. */
  readonly valid_to: string;
  /** '': it was not retracted. */
  readonly retracted_on: string;
}

export interface Near {
  readonly org_id: string;
  readonly name: string;
  /** The nearest evidence first. */
  readonly why: readonly string[];
}

const SHOWN_ORGANISATIONS = 5;
const SHOWN_REASONS = 3;

/** Higher is nearer. An AS number is as near as a range that has nothing in common but its block. */
function closeness({ candidate, value }: NearEvidence): number {
  const own = parseCidr(candidate).cidr;
  const other = parseCidr(value).cidr;
  if (own === null || other === null) return 0;
  const bits = commonBits(own, other);
  const contains = cidrContains(other, own);
  if (contains && cidrContains(own, other)) return 1000;
  return (contains || cidrContains(own, other) ? 500 : 0) + bits;
}

/** @param today evidence with an earlier last day has ended */
const hasEnded = ({ valid_to, retracted_on }: NearEvidence, today: string): boolean =>
  retracted_on !== '' || (valid_to !== '' && valid_to < today);

function reasonOf(evidence: NearEvidence, today: string): string {
  const { candidate, value, valid_from, valid_to, retracted_on } = evidence;
  const range = value.startsWith('AS') ? value : value === candidate ? `this range, ${value}` : `range ${value}`;
  if (!hasEnded(evidence, today)) return value === candidate ? `${range}, since ${valid_from}` : range;
  const end = retracted_on === '' ? valid_to : `${valid_to === '' ? '' : `${valid_to}, `}retracted on ${retracted_on}`;
  return `${range}, ended: ${valid_from} to ${end}`;
}

/** The nearest organisations of one candidate. */
export function nearest(evidence: readonly NearEvidence[], today: string): Near[] {
  const ordered = evidence
    .map((one) => ({ one, near: closeness(one), ended: hasEnded(one, today) }))
    .sort(
      (a, b) =>
        b.near - a.near ||
        Number(a.ended) - Number(b.ended) ||
        (a.ended ? compareIds(b.one.valid_from, a.one.valid_from) : 0) ||
        compareIds(a.one.org_id, b.one.org_id) ||
        compareIds(a.one.value, b.one.value),
    );
  const found = new Map<string, { readonly name: string; readonly values: Set<string>; readonly why: string[] }>();
  for (const { one } of ordered) {
    const near = found.get(one.org_id) ?? { name: one.name, values: new Set<string>(), why: [] };
    found.set(one.org_id, near);
    // A range that was recorded again counts once, as it is now.
    if (near.values.has(one.value) || near.why.length === SHOWN_REASONS) continue;
    near.values.add(one.value);
    near.why.push(reasonOf(one, today));
  }
  return [...found].slice(0, SHOWN_ORGANISATIONS).map(([org_id, { name, why }]) => ({ org_id, name, why }));
}
