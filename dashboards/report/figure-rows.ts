// A report as rows with one figure each, for CSV; and as exact JSON. Figures that a spreadsheet can sum are plain numbers.

import {
  correctionCents,
  dueCents,
  payableCents,
  type BillableUsage,
  type FamilyShare,
  type Funding,
  type Measures,
  type RegistryFigures,
  type ReportHead,
  type Statement,
  type Summary,
} from './figures.ts';
import { noteTexts } from './statement-amount.ts';
import { english } from './texts/words.ts';
import { intervalFigureRows, intervalsJson } from './intervals.ts';
import { printableJson } from '../../transform/printable.ts';
import { centsText, exactCentsText } from '../../transform/funding/money.ts';
import { decimalText, type Rational } from '../../transform/funding/rational.ts';

/** value: a number as text, without thousands; unit: requests, downloads, bytes, units, lines, days or the currency. */
export interface FigureRow {
  readonly section: string;
  readonly item: string;
  readonly detail: string;
  readonly measure: string;
  readonly value: string;
  readonly unit: string;
}
export const figureColumns = [
  { name: 'section', kind: 'text' },
  { name: 'item', kind: 'text' },
  { name: 'detail', kind: 'text' },
  { name: 'measure', kind: 'text' },
  { name: 'value', kind: 'number' },
  { name: 'unit', kind: 'text' },
] as const;

const unitOf = (measure: string): string =>
  measure.endsWith('bytes') ? 'bytes' : measure.endsWith('downloads') ? 'downloads' : 'requests';
const measureNames = ['requests', 'downloads', 'bytes', 'repeat_downloads', 'repeat_bytes', 'partials'] as const;

function* measures(
  section: string,
  item: string,
  detail: string,
  usage: Measures & Partial<BillableUsage> & { readonly attributed_bytes?: bigint },
): Generator<FigureRow> {
  for (const measure of [...measureNames, 'attributed_bytes', 'billable_requests', 'billable_bytes'] as const) {
    const value = usage[measure];
    // Methodology 1 knows no parts.
    if (measure === 'partials' && value === 0n) continue;
    if (value !== undefined) yield { section, item, detail, measure, value: String(value), unit: unitOf(measure) };
  }
}

const unitsRow = (section: string, item: string, detail: string, measure: string, value: Rational): FigureRow => ({
  section,
  item,
  detail,
  measure,
  value: decimalText(value, 6),
  unit: 'units',
});
const moneyRow = (
  section: string,
  item: string,
  detail: string,
  measure: string,
  cents: bigint,
  currency: string,
): FigureRow => ({ section, item, detail, measure, value: centsText(cents, currency), unit: currency });

function* headRows(
  { issuer, period, until, status, versions }: ReportHead,
  notes: readonly string[] = [],
): Generator<FigureRow> {
  const facts = {
    issuer: issuer.name,
    contact: issuer.contact,
    period,
    until,
    status,
    ...versions,
    methodology_version: String(versions.methodology_version),
    closed_at: versions.closed_at ?? '',
  };
  for (const [item, detail] of Object.entries(facts))
    if (detail !== null) yield { section: 'document', item, detail, measure: '', value: '', unit: '' };
  for (const note of notes) yield { section: 'document', item: 'note', detail: note, measure: '', value: '', unit: '' };
}

function* registryRows({ totals, unattributed }: RegistryFigures): Generator<FigureRow> {
  yield* measures('registry', 'total', '', totals);
  yield {
    section: 'registry',
    item: 'total',
    detail: 'class not known',
    measure: 'bytes',
    value: String(totals.unknown_class_bytes),
    unit: 'bytes',
  };
  for (const row of unattributed) yield* measures('unattributed', row.reason, row.platform, row);
}

function* fundingRows(funding: Omit<Funding, 'families'>): Generator<FigureRow> {
  const { currency } = funding;
  const cents = (item: string, value: bigint, detail = '') => moneyRow('cost', item, detail, 'amount', value, currency);
  yield cents('net_cost', funding.cost_pool_cents);
  yield cents('billed', funding.billed_cents);
  yield cents('true_up', funding.true_up_cents);
  yield cents('commons', funding.commons_cents);
  yield cents('corrections', funding.corrections_cents);
  for (const row of funding.pending)
    for (const measure of ['requests', 'bytes'] as const)
      yield {
        section: 'pending',
        item: row.of_period,
        detail: 'came late; the period is still open',
        measure,
        value: String(row[measure]),
        unit: measure,
      };
  for (const part of funding.commons_parts) yield cents('not_billed', part.cents, part.reason);
  for (const pool of funding.pools) {
    yield cents('pool_gross', pool.gross_cents, pool.pool);
    yield cents('pool_donated', pool.donated_cents, pool.pool);
  }
  for (const [kind, value] of Object.entries(funding.units)) yield unitsRow('units', kind, '', 'gross', value);
  yield unitsRow('units', 'tier_sum', '', 'weighted', funding.tier_sum);
}

function* paceRows({ pace }: ReportHead, currency: string): Generator<FigureRow> {
  if (pace === undefined) return;
  yield {
    section: 'pace',
    item: 'days',
    detail: `of ${pace.of}`,
    measure: 'days',
    value: String(pace.days),
    unit: 'days',
  };
  yield moneyRow('pace', 'net_cost', 'whole month', 'amount', pace.cost_cents, currency);
  for (const { family, cents, low_cents, high_cents } of pace.families) {
    yield moneyRow('pace', family, 'whole month at this pace', 'amount', cents, currency);
    if (low_cents !== null) yield moneyRow('pace', family, '5 % of the draws', 'amount', low_cents, currency);
    if (high_cents !== null) yield moneyRow('pace', family, '95 % of the draws', 'amount', high_cents, currency);
  }
}

export function* summaryRows(summary: Summary): Generator<FigureRow> {
  const { currency } = summary.funding;
  yield* headRows(summary, summary.notes);
  yield* registryRows(summary);
  for (const row of summary.classes) yield* measures('class', row.value, '', row);
  for (const { family, name, share, true_up, not_billed, corrections } of summary.funding.families) {
    if (share !== null) {
      yield unitsRow('family', family, name, 'gross', share.gross);
      yield unitsRow('family', family, name, 'net', share.net);
      yield unitsRow('family', family, name, 'weighted', share.tiered);
      yield {
        section: 'family',
        item: family,
        detail: name,
        measure: 'exact_share',
        value: exactCentsText(share.raw, currency),
        unit: currency,
      };
      yield moneyRow('family', family, name, `billed (${share.rule})`, share.billed_cents, currency);
    }
    for (const { kind, gross } of not_billed) yield unitsRow('family', family, name, `gross (${kind})`, gross);
    if (true_up !== null) yield moneyRow('family', family, name, 'true_up', true_up.cents, currency);
    for (const line of corrections)
      yield moneyRow('family', family, name, `correction of ${line.of_period}`, line.cents, currency);
  }
  for (const row of summary.families) yield* measures('family', row.family, row.name, row);
  yield* fundingRows(summary.funding);
  yield* paceRows(summary, currency);
  for (const row of summary.days) yield* measures('day', row.day, row.series, row);
  for (const row of summary.ecosystems) yield* measures('ecosystem', row.value, '', row);
  for (const row of summary.clients) yield* measures('client', row.value, '', row);
  for (const row of summary.packages) yield* measures('package', row.package, row.ecosystem, row);
  for (const row of summary.ci) yield* measures('ci', row.value === '' ? 'not known' : row.value, '', row);
  yield* intervalFigureRows(summary.intervals);
  for (const row of summary.freshness) {
    for (const measure of [
      'lines',
      'requests',
      'excluded',
      'quarantined',
      'bytes_unknown',
      'degraded_requests',
    ] as const)
      yield {
        section: 'source',
        item: row.source,
        detail: row.last_record_at ?? '',
        measure,
        value: String(row[measure]),
        unit: 'lines',
      };
    for (const measure of ['reasons', 'degraded'] as const)
      for (const [reason, lines] of Object.entries(row[measure]))
        yield { section: 'source', item: row.source, detail: reason, measure, value: String(lines), unit: 'lines' };
  }
  for (const row of summary.day_states)
    yield {
      section: 'days',
      item: row.state,
      detail: `${row.first_day} to ${row.last_day}`,
      measure: 'days',
      value: String(row.days),
      unit: 'days',
    };
}

/** The lines of a share, and each step of its calculation. */
function* shareRows(share: FamilyShare, { currency, free_allowance }: Statement['funding']): Generator<FigureRow> {
  for (const line of share.lines) {
    yield moneyRow('line', line.requester_class, '', 'amount', line.billed_cents, currency);
    yield unitsRow('line', line.requester_class, '', 'units', line.units);
    yield {
      section: 'line',
      item: line.requester_class,
      detail: '',
      measure: 'requests',
      value: String(line.requests),
      unit: 'requests',
    };
    yield {
      section: 'line',
      item: line.requester_class,
      detail: '',
      measure: 'bytes',
      value: String(line.bytes),
      unit: 'bytes',
    };
  }
  yield unitsRow('step', 'gross', '', 'units', share.gross);
  yield unitsRow('step', 'free_allowance', '', 'units', { num: free_allowance, den: 1n });
  yield unitsRow('step', 'net', '', 'units', share.net);
  for (const band of share.bands)
    yield unitsRow(
      'step',
      'band',
      `${band.from} to ${band.up_to ?? 'any'} x ${band.multiplier_bp} bp`,
      'weighted',
      band.tiered,
    );
  yield unitsRow('step', 'weighted', '', 'units', share.tiered);
  yield {
    section: 'step',
    item: 'exact_share',
    detail: share.rule,
    measure: 'amount',
    value: exactCentsText(share.raw, currency),
    unit: currency,
  };
  yield moneyRow('step', 'billed', share.rule, 'amount', share.billed_cents, currency);
}

export function* statementRows(statement: Statement): Generator<FigureRow> {
  const { share: family, funding, usage } = statement;
  const { currency } = funding;
  yield* headRows(statement, noteTexts(statement, english));
  yield { section: 'document', item: 'family', detail: statement.family, measure: '', value: '', unit: '' };
  yield { section: 'document', item: 'name', detail: statement.name, measure: '', value: '', unit: '' };
  const { share, true_up } = family;
  if (share !== null) yield* shareRows(share, funding);
  for (const { kind, gross } of family.not_billed) yield unitsRow('step', 'not_billed', kind, 'units', gross);
  if (true_up !== null) yield moneyRow('line', 'true_up', 'to the contract minimum', 'amount', true_up.cents, currency);
  yield moneyRow('due', 'period', '', 'amount', dueCents(family), currency);
  for (const line of family.corrections)
    yield moneyRow(
      'correction',
      line.of_period,
      `run ${line.of_run_id}: ${line.reason}`,
      'amount',
      line.cents,
      currency,
    );
  yield moneyRow('due', 'corrections', '', 'amount', correctionCents(family), currency);
  yield moneyRow('due', 'total', '', 'amount', payableCents(family), currency);
  yield* paceRows(statement, currency);
  if (usage !== null) yield* measures('family', 'total', '', usage);
  for (const row of statement.members) yield* measures('organisation', row.value, row.name, row);
  for (const row of statement.classes) yield* measures('class', row.value, '', row);
  for (const row of statement.ecosystems) yield* measures('ecosystem', row.value, '', row);
  for (const row of statement.clients) yield* measures('client', row.value, '', row);
  for (const row of statement.evidence) yield* measures('evidence', row.value, '', row);
  for (const row of statement.packages) yield* measures('package', row.package, row.ecosystem, row);
  for (const row of statement.teams) {
    yield* measures('team', row.value, row.value === '' ? 'no token' : '', row);
    yield moneyRow('team', row.value, row.value === '' ? 'no token' : '', 'amount', row.billed_cents, currency);
  }
  for (const row of statement.days) yield* measures('day', row.value, '', row);
  yield* intervalFigureRows(statement.intervals);
  yield* registryRows(statement);
}

/** In the order of figureColumns. */
export const rowValues = ({ section, item, detail, measure, value, unit }: FigureRow): string[] => [
  section,
  item,
  detail,
  measure,
  value,
  unit,
];

/** Big integers are texts, fractions are {num, den}, money is in cents; the queries are beside the figures. */
function exact(document: string, head: Record<string, unknown>, value: Summary | Statement): string {
  const text = JSON.stringify(
    { document, ...head, ...value, intervals: intervalsJson(value.intervals) },
    (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field),
    2,
  );
  return `${printableJson(text)}\n`;
}

/** It shows organisations side by side, so it is only for the foundation. */
export const summaryJson = (summary: Summary): string =>
  exact('fairshare.summary/1', { classification: 'internal' }, summary);

export const statementJson = (statement: Statement): string =>
  exact(
    'fairshare.statement/1',
    { due_cents: dueCents(statement.share), payable_cents: payableCents(statement.share) },
    statement,
  );
