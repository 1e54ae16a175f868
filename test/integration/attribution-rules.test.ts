// Compares attribution in SQL with a second version of the rules: random registries and evidence sets, judged day by day.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attribute } from '../../sql/attribution.ts';
import { House } from '../support/house.ts';
import { Random } from '../support/generator.ts';

interface Evidence {
  readonly evidence_id: string;
  readonly org_id: string;
  readonly tier: string;
  readonly kind: 'token' | 'cidr' | 'asn';
  readonly value: string;
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly recorded_at: string;
}
interface EvidenceSet {
  readonly id: string;
  readonly token_id: string | null;
  readonly prefix: string | null;
  readonly range_id: string | null;
  readonly asn: number | null;
  readonly network_type: string | null;
}
interface Verdict {
  readonly org: string | null;
  readonly tier: string;
  readonly evidence: string;
  readonly unattributed: string;
  readonly hidden: string;
}

const seed = 20261122;
const random = new Random(seed);
const days = ['2026-10-01', '2026-10-10', '2026-10-11', '2026-10-20', '2026-10-31', '2026-12-01'];
const orgs = ['a', 'b', 'c'];
/** Nested prefixes: each contains those that begin with it. */
const prefixes = ['20.0.0.0/8', '20.16.0.0/12', '20.16.4.0/22', '20.16.5.0/24', '20.16.5.64/26', '20.40.0.0/16', '20.40.1.0/24', '20.50.0.0/16', '20.60.0.0/16', '20.70.0.0/16',
  '3ffe::/16', '3ffe:db8::/32', '3ffe:db8:1::/48', '3ffe:db8:2::/48']; // prettier-ignore
const asns = [3_900_001, 3_900_002, 3_900_003, 3_900_004, 3_900_005, 3_900_006];
const types = ['cloud', 'ci', 'hosting', 'enterprise', 'isp', 'mobile', 'vpn', 'cgnat', 'tor'];
const maybe = <T>(probability: number, value: () => T): T | null => (random.chance(probability) ? value() : null);

const evidence: Evidence[] = Array.from({ length: 80 }, (_, i) => {
  const kind = random.pick(['token', 'cidr', 'cidr', 'cidr', 'asn'] as const);
  return {
    evidence_id: kind === 'token' ? `t${i}` : `e${(i * 37) % 100}-${i}`,
    org_id: random.pick(orgs),
    tier:
      kind === 'token'
        ? 'E1'
        : kind === 'asn'
          ? random.pick(['E5', 'E5', 'E6', 'N'])
          : random.pick(['E2', 'E3', 'E4', 'E4', 'E6', 'E7', 'N']),
    kind,
    value: kind === 'cidr' ? random.pick(prefixes) : kind === 'asn' ? String(random.pick(asns)) : `t${i}`,
    valid_from: random.pick(['2026-01-01', '2026-10-10', '2026-10-20']),
    valid_to: maybe(0.4, () => random.pick(['2026-10-10', '2026-10-25'])),
    recorded_at: `2026-09-0${random.between(1, 3)}T00:00:00.000Z`,
  };
});
const tokens = evidence.filter(({ kind }) => kind === 'token').map(({ evidence_id }) => evidence_id);
const sets: EvidenceSet[] = Array.from({ length: 3_000 }, (_, i) => ({
  id: String(i + 1),
  token_id: maybe(0.25, () => random.pick([...tokens, 'unknown'])),
  prefix: maybe(0.7, () => random.pick(prefixes)),
  range_id: maybe(0.15, () => 'aws:20.0.0.0/8'),
  asn: maybe(0.5, () => random.pick(asns)),
  network_type: maybe(0.4, () => random.pick(types)),
}));

/** The bits of a prefix as text: a prefix contains every other whose text begins with its own. */
function bits(cidr: string): string {
  const [address, length] = cidr.split('/') as [string, string];
  const text = address.includes(':')
    ? expand(address).map((group) => group.toString(2).padStart(16, '0')).join('')
    : address.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0')).join(''); // prettier-ignore
  return (address.includes(':') ? '6' : '4') + text.slice(0, Number(length));
}
const expand = (address: string): number[] => {
  const [head, tail] = address.split('::').map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail].map((group) =>
    parseInt(group, 16),
  );
};

/** The rules of docs/METHODOLOGY.md for one set on one day. */
function judge(set: EvidenceSet, day: string): Verdict {
  const live = evidence.filter(
    (one) =>
      one.valid_from <= day &&
      (one.valid_to === null || one.valid_to >= day) &&
      (one.kind === 'token'
        ? one.evidence_id === set.token_id
        : one.kind === 'asn'
          ? Number(one.value) === set.asn
          : set.prefix !== null && bits(set.prefix).startsWith(bits(one.value))),
  );
  const platform = set.range_id !== null || ['cloud', 'ci', 'hosting'].includes(set.network_type ?? '');
  const negative =
    ['isp', 'mobile', 'vpn', 'cgnat', 'tor'].includes(set.network_type ?? '') || live.some(({ tier }) => tier === 'N');
  const specificity = ({ kind, value }: Evidence) => (kind === 'token' ? 999 : kind === 'asn' ? 0 : bits(value).length);
  const best = (claims: readonly Evidence[]): readonly Evidence[] => {
    const tier = claims.map((one) => one.tier).sort()[0];
    const same = claims.filter((one) => one.tier === tier);
    const longest = Math.max(...same.map(specificity));
    return same
      .filter((one) => specificity(one) === longest)
      .sort((a, b) =>
        a.recorded_at === b.recorded_at
          ? a.evidence_id < b.evidence_id
            ? -1
            : 1
          : a.recorded_at > b.recorded_at
            ? -1
            : 1,
      );
  };
  const eligible = live.filter(
    ({ tier }) => ['E1', 'E2', 'E3'].includes(tier) || (['E4', 'E5', 'E6'].includes(tier) && !platform && !negative),
  );
  const winners = best(eligible);
  const named = new Set(winners.map(({ org_id }) => org_id));
  const without = best(eligible.filter(({ kind }) => kind !== 'token'));
  const isMeasured =
    winners[0]?.kind === 'token' &&
    without.length > 0 &&
    without[0].tier >= 'E4' &&
    new Set(without.map(({ org_id }) => org_id)).size === 1;
  const hidden = isMeasured ? `${without[0].tier} ${without[0].org_id} ${without[0].evidence_id}` : '';
  if (named.size === 1)
    return {
      org: winners[0].org_id,
      tier: winners[0].tier,
      evidence: winners[0].evidence_id,
      unattributed: '',
      hidden,
    };
  const unattributed = named.size > 1 ? 'conflict' : platform ? 'platform' : negative ? 'negative' : 'unknown';
  return { org: null, tier: '', evidence: '', unattributed, hidden: '' };
}

let house: House;
beforeAll(async () => {
  house = await House.open();
  await house.warehouse.insert(
    'org_evidence',
    evidence.map((row) => ({ ...row, secret_sha256: '', source: 'test' })),
  );
  await house.warehouse.insert(
    'evidence_set',
    sets.map((row) => ({ ...row })),
  );
  await attribute(house.warehouse, { now: new Date('2026-11-01T00:00:00Z') });
});
afterAll(() => house.close());

describe('attribution', () => {
  it(`judges every set on every day as the rules say (seed ${seed})`, async () => {
    const seen = new Set<string>();
    for (const day of days) {
      const rows = await house.warehouse.query<Record<string, string | null>>(
        `SELECT toString(evidence_set) AS id, org_id, tier, evidence_id, unattributed, trim(concat(hidden_tier, ' ', hidden_org_id, ' ', hidden_evidence_id)) AS hidden
        FROM verdict_current WHERE valid_from <= '${day}' AND valid_to > '${day}'`,
      );
      expect(rows.length).toBe(sets.length);
      const found = new Map(
        rows.map((row) => [
          row.id!,
          {
            org: row.org_id,
            tier: row.tier,
            evidence: row.evidence_id,
            unattributed: row.unattributed,
            hidden: row.hidden,
          },
        ]),
      );
      for (const set of sets) {
        const expected = judge(set, day);
        if (JSON.stringify(found.get(set.id)) !== JSON.stringify(expected))
          expect(found.get(set.id), `set ${JSON.stringify(set)} on ${day}`).toEqual(expected);
        seen.add(expected.unattributed || expected.tier);
        if (expected.hidden !== '') seen.add('hidden');
      }
    }
    // Every kind of verdict must occur, or the comparison proves nothing for it.
    expect([...seen].sort()).toEqual([
      'E1',
      'E2',
      'E3',
      'E4',
      'E5',
      'E6',
      'conflict',
      'hidden',
      'negative',
      'platform',
      'unknown',
    ]);
  });

  it('gives the same version and verdicts again, whatever the order of the registry', async () => {
    const state = () => house.warehouse.query('SELECT * FROM verdict_current ORDER BY evidence_set, valid_from');
    const before = await state();
    await house.warehouse.insert(
      'org_evidence',
      [...evidence].reverse().map((row) => ({ ...row, secret_sha256: '', source: 'test' })),
    );
    await attribute(house.warehouse, { now: new Date('2026-11-02T00:00:00Z') });
    expect(await state()).toEqual(before);
  });

  it('conserves requests, downloads and bytes under every filter', async () => {
    const measures = ['requests', 'downloads', 'bytes', 'repeat_downloads', 'repeat_bytes'] as const;
    const usage = sets.flatMap((set) =>
      Array.from({ length: random.below(3) }, () => ({
        day: random.pick(days.slice(0, 5)),
        booked_day: '2026-10-31',
        ecosystem: random.pick(['npm', 'pypi']),
        package: random.pick(['x', 'y', '']),
        version: '1',
        artifact: 'artifact',
        requester_class: random.pick(['ci', 'developer', 'unknown']),
        identity: 'none',
        client: random.pick(['npm', 'pip']),
        ci: random.pick([true, false, null]),
        ci_provider: '',
        container: null,
        rule_id: 'test',
        evidence_set: set.id,
        country: random.pick(['DE', '']),
        // signed, because corrections subtract
        ...Object.fromEntries(measures.map((measure) => [measure, random.between(-5, 100)])),
      })),
    );
    await house.warehouse.insert('usage_daily', usage);
    await house.warehouse.insert(
      'day_seal',
      [...new Set(usage.map(({ day }) => day))].map((day) => ({
        day, booked_day: '2026-10-31', seal_no: 1, state: 'open', batches: [], revisions: [1], methodology_version: 2,
        requests: 0, downloads: 0, bytes: 0, usage_rows: 0, usage_hash: 0, sealed_at: '2026-11-01 01:00:00.000',
      })), // prettier-ignore
    );
    const sums = measures.map((measure) => `sum(usage.${measure}) AS ${measure}`).join(', ');
    for (const dimension of [
      'day',
      'ecosystem',
      'package',
      'requester_class',
      'client',
      'ci',
      'country',
      'evidence_set',
    ]) {
      const by = (view: string) =>
        house.warehouse.query(
          `SELECT ${dimension}, ${sums} FROM ${view} AS usage GROUP BY ${dimension} ORDER BY ${dimension}`,
        );
      const total = await by('usage_known');
      expect(await by('attributed_usage'), dimension).toEqual(total);
      expect(total.length).toBeGreaterThan(1);
    }
    const [split] = await house.warehouse.query<Record<string, string>>(
      'SELECT (SELECT sum(requests) FROM org_usage_daily) + (SELECT sum(requests) FROM unattributed_usage_daily) AS split, (SELECT sum(requests) FROM usage_known) AS total',
    );
    expect(split.split).toBe(split.total);
  });
});
