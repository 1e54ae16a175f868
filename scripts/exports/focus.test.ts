import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costAndUsage, met, rowRules, typeForms } from '../../test/fixtures/focus/specification.ts';
import { payableCents } from '../../dashboards/report/figures.ts';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { type CorrectionLine } from '../../transform/funding/corrections.ts';
import { add, parseRational, type Rational, zero } from '../../transform/funding/rational.ts';
import { addUsage } from '../../transform/funding/corrections.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { fundingFigures } from '../funding/figures.ts';
import { rangeKey } from '../funding/interval-records.ts';
import { allocateParties, priced } from '../funding/parties.ts';
import { type PeriodAllocation } from '../funding/run.ts';
import { termsOf } from '../funding/terms.ts';
import { teamCosts } from '../../dashboards/report/teams.ts';
import { dictionaryText } from './data-dictionary.ts';
import { focusColumns } from './focus-columns.ts';
import { focusRows, type ChargeUsage, type FocusRow } from './focus.ts';

const costs = `pool,driver,currency,gross,donated,donor
bandwidth,bytes,EUR,25000.00,17500.00,Example CDN
compute,requests,EUR,7500.01,0.00,
`;
const policy = (allowance: number, capBp: number): string => `version: p1
currency: EUR
free_allowance: ${allowance}
bands: [{ up_to: 40000, multiplier_bp: 10000 }, { multiplier_bp: 15000 }]
cap_bp: ${capBp}
minimum: 0
class_weights_bp: { developer: 2500, ai_training: 20000, mirror_proxy: 0 }
contract_minimums: { f1: 1000.00 }
`;

const charge: fc.Arbitrary<ChargeUsage> = fc.record({
  day: fc.integer({ min: 1, max: 31 }).map((day) => `2026-10-${String(day).padStart(2, '0')}`),
  org_id: fc.constantFrom('f1', 'f1-labs'),
  ecosystem: fc.constantFrom('npm', 'pypi'),
  requester_class: fc.constantFrom(...requesterClasses),
  tier: fc.constantFrom('E1', 'E2', 'E4'),
  kind: fc.constantFrom('billable', 'billable', 'billable', 'exempt', 'not_billable'),
  team: fc.constantFrom('', 'ci', 'web "shop"'),
  requests: fc.bigInt({ min: 0n, max: 10n ** 9n }).map(String),
  bytes: fc.bigInt({ min: 0n, max: 10n ** 13n }).map(String),
});
const correction: fc.Arbitrary<CorrectionLine> = fc.record({
  of_period: fc.constantFrom('2026-08', '2026-09'),
  of_run_id: fc.constant('earlier'),
  family: fc.constant('f1'),
  kind: fc.constantFrom('late_usage', 'manual'),
  id: fc.constantFrom('c1', 'c2'),
  requests: fc.bigInt({ min: -100n, max: 100n }),
  bytes: fc.bigInt({ min: -100n, max: 100n }),
  cents: fc.bigInt({ min: -100_000n, max: 100_000n }),
  reason: fc.constant('a reason'),
});
const worlds = fc.record({
  usage: fc.array(charge, { maxLength: 60 }),
  corrections: fc.array(correction, { maxLength: 3 }),
  allowance: fc.constantFrom(0, 1000),
  capBp: fc.constantFrom(500, 10_000),
  invoice: fc.constantFrom('202610-ABC', null),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** Usage as the allocation takes it: by party, without day, ecosystem and team. */
const partiesOf = (usage: readonly ChargeUsage[]): PartyUsage[] => [
  ...addUsage(
    [],
    usage.map(({ requester_class, tier, kind, requests, bytes }) => ({
      party: 'f1',
      kind: kind as PartyUsage['kind'],
      requester_class,
      tier,
      requests,
      bytes,
      downloads: '0',
    })),
  ).rows,
  { party: 'f2', kind: 'billable', requester_class: 'ci', tier: 'E1', requests: '1000', downloads: '0', bytes: '1000' },
];

function exported({ usage, corrections, allowance, capBp, invoice }: World) {
  const terms = termsOf({ policy: policy(allowance, capBp), costs });
  const parties = partiesOf(usage);
  const allocation: PeriodAllocation = {
    run_id: 'run',
    period: '2026-10',
    status: invoice === null ? 'open' : 'closed',
    attribution_version: 'attribution',
    lines_sha256: '',
    billable_tiers: ['E1', 'E2', 'E4'],
    terms,
    result: allocateParties(parties, terms),
    until: '2026-10-31',
    parties,
    corrections: { inputs: { late: [], manual: [] }, lines: corrections, pending: [] },
  };
  const funding = priced(parties, terms);
  const figures = fundingFigures(allocation, funding);
  const share = figures.families.find(({ family }) => family === 'f1')!;
  const weak = usage.filter(({ tier }) => tier === 'E4').map((row) => [rangeKey(row), { low: '0.123457', high: '9876543.000001' }] as const); // prettier-ignore
  const rows = focusRows({
    period: '2026-10',
    invoice,
    issuer: { name: 'Foundation' },
    currency: 'EUR',
    family: { id: 'f1', name: '=F1' },
    nameOf: (id) => `${id} Ltd`,
    usage,
    ranges: new Map(weak),
    share,
    terms: funding,
    run_id: 'run',
    attribution_version: 'attribution',
  });
  return { rows, share, figures };
}
const cents = (text: string | null): bigint => BigInt((text ?? '0').replace('.', ''));
const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
const sumBy = <Item>(items: readonly Item[], key: (item: Item) => string, value: (item: Item) => bigint) => {
  const sums: Record<string, bigint> = {};
  for (const item of items) sums[key(item)] = (sums[key(item)] ?? 0n) + value(item);
  return sums;
};
const costOf = (row: FocusRow): bigint => cents(row.x_ShownCost ?? row.BilledCost);

describe('rows of FOCUS 1.4', () => {
  it('sum to the statement to the cent: billed if it is invoiced, else shown', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { rows, share } = exported(world);
        const payable = payableCents(share);
        expect(total(rows.map((row) => cents(row.BilledCost)))).toBe(world.invoice === null ? 0n : payable);
        expect(total(rows.map((row) => cents(row.x_ShownCost)))).toBe(world.invoice === null ? payable : 0n);
        const lines = sumBy(
          rows.filter((row) => row.x_OriginChargeId !== null),
          (row) => row.x_RequesterClass!,
          costOf,
        );
        for (const line of share.share?.lines ?? []) expect(lines[line.requester_class]).toBe(line.billed_cents);
      }),
    );
  });

  it('give each team what the statement gives it', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { rows, share, figures } = exported(world);
        const own = rows.filter((row) => row.x_OriginChargeId !== null);
        const byTeam = teamCosts(
          world.usage.map((row) => ({ ...row, value: row.team, requests: BigInt(row.requests), bytes: BigInt(row.bytes) })),
          share.share,
          figures,
        ); // prettier-ignore
        const teams = sumBy(own, (row) => row.x_TeamName ?? '', costOf);
        for (const [team, amount] of Object.entries(teams)) expect(byTeam.get(team) ?? 0n).toBe(amount);
        expect(total([...byTeam.values()])).toBe(share.share?.billed_cents ?? 0n);
      }),
    );
  });

  it('divide each line of the statement into ratios that sum to exactly 1, and each bound exactly', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { rows } = exported(world);
        const ratios = new Map<string, Rational>();
        for (const { x_OriginChargeId: id, x_OriginRatio: ratio } of rows)
          if (id !== null && ratio !== null) ratios.set(id, add(ratios.get(id) ?? zero, parseRational(ratio)!));
        for (const sum of ratios.values()) expect(sum).toEqual({ num: 1n, den: 1n });
        const low = sumBy(
          rows.filter((row) => row.x_EvidenceKind === 'E4' && row.x_UnitsLow !== null),
          (row) => JSON.stringify([row.SubAccountId, row.x_RequesterClass]),
          (row) => cents(row.x_UnitsLow),
        );
        for (const sum of Object.values(low)) expect(sum).toBe(123_457n);
      }),
    );
  });

  it('have the types, nulls and values of the specification, and keep its rules', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const row of exported(world).rows) {
          for (const [name, value] of Object.entries(row)) {
            const column = costAndUsage[name];
            if (column === undefined) continue;
            if (value === null) expect([name, column.nulls]).toEqual([name, true]);
            else {
              expect([name, value]).toEqual([name, expect.stringMatching(typeForms[column.type])]);
              if (column.values) expect(column.values).toContain(value);
              if (column.type === 'JSON') JSON.parse(value);
            }
          }
          for (const [rule, holds] of Object.entries(rowRules)) expect([rule, holds(row)]).toEqual([rule, true]);
        }
      }),
    );
  });

  it('have every column whose condition holds, in order, and no other', () => {
    const names = Object.keys(focusColumns);
    const standard = names.filter((name) => !name.startsWith('x_'));
    expect(standard).toEqual(Object.keys(costAndUsage).filter((name) => met.has(costAndUsage[name].present)));
    expect(names).toEqual([...[...standard].sort(), ...names.filter((name) => name.startsWith('x_')).sort()]);
    for (const name of names) expect(name).toMatch(/^(x_)?[A-Z][A-Za-z0-9]{1,48}$/);
    for (const [name, column] of Object.entries(focusColumns)) {
      const specified = costAndUsage[name];
      if (specified === undefined) continue;
      if (!specified.nulls) expect([name, column.type.startsWith('Nullable')]).toEqual([name, false]);
      if ('values' in column && specified.values) expect(specified.values).toEqual(expect.arrayContaining([...column.values])); // prettier-ignore
    }
  });

  it('mark corrections as such, with organisation and month', () => {
    const { rows } = exported({
      usage: [],
      corrections: [
        { of_period: '2026-09', of_run_id: 'r', family: 'f1', kind: 'manual', id: 'c1', requests: 0n, bytes: 0n, cents: -500n, reason: 'wrong' },
      ],
      allowance: 0,
      capBp: 10_000,
      invoice: '202610-ABC',
    }); // prettier-ignore
    expect(rows.find((row) => row.ChargeClass === 'Correction')).toMatchObject({
      BilledCost: '-5.00',
      ChargeCategory: 'Usage',
      ChargePeriodStart: '2026-09-01T00:00:00Z',
      ChargePeriodEnd: '2026-10-01T00:00:00Z',
      BillingPeriodStart: '2026-10-01T00:00:00Z',
      InvoiceId: '202610-ABC',
      InvoiceDetailId: '202610-ABC/correction/2026-09/manual/c1',
      SubAccountId: 'f1',
      SubAccountName: '=F1',
    });
  });
});

describe('the data dictionary', () => {
  it('has one definition for each column, with FOCUS’s names of types', () => {
    const text = (currency: string) =>
      dictionaryText({ columns: focusColumns, currency, focusVersion: '1.4', generatorVersion: 'v', apostrophe: true });
    const dictionary = JSON.parse(text('EUR')) as { FocusVersion: string; ColumnDefinition: Record<string, unknown>[] };
    expect(dictionary.FocusVersion).toBe('1.4');
    expect(dictionary.ColumnDefinition.map(({ ColumnName }) => ColumnName)).toEqual(Object.keys(focusColumns));
    for (const { ColumnName, DataType, x_AllowsNulls } of dictionary.ColumnDefinition) {
      const column = costAndUsage[ColumnName as string];
      if (column) expect([ColumnName, DataType]).toEqual([ColumnName, column.type]);
      if (column && !column.nulls) expect([ColumnName, x_AllowsNulls]).toEqual([ColumnName, false]);
    }
    expect(dictionary.ColumnDefinition.find(({ ColumnName }) => ColumnName === 'BilledCost')).toMatchObject({
      NumericPrecision: 18,
      NumberScale: 2,
    });
    expect(text('JPY')).toContain('"NumberScale": 0');
    expect(text('EUR')).toBe(text('EUR'));
  });
});
