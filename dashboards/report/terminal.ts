// The summary as text for a terminal: usage of each family, unattributed usage by reason, each family's amount, how fresh it all is.

import { printable } from '../../transform/printable.ts';
import { byDue, dueCents, payableCents, type Statement, type Summary } from './figures.ts';
import { printPace } from './pace.ts';
import { rulesText } from './funding-tables.ts';
import { classLabel, minute, monthName, reasonLabel } from './names.ts';
import { amountText, noteTexts } from './statement-amount.ts';
import { statementWords, type Words } from './texts/words.ts';
import { printIntervals } from './intervals.ts';
import { textTable } from '../text-table.ts';
import {
  formatBytes,
  formatCents,
  formatCount,
  formatExactCents,
  formatPercent,
  formatUnits,
} from '../../transform/numbers.ts';

const BAR_WIDTH = 16;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
function bar(part: bigint, whole: bigint): string {
  if (whole <= 0n || part <= 0n) return '';
  const filled = Number((part * BigInt(BAR_WIDTH * 8)) / whole);
  return '█'.repeat(filled >> 3) + eighths[filled & 7];
}

/** Cuts a name that would not fit its line. */
const cut = (text: string, width: number): string => {
  const characters = [...printable(text)];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
};

/** Corrections and late usage: both are outside the sum. */
const corrected = ({ corrections_cents, families, pending, currency }: Summary['funding']): string =>
  [
    families.some(({ corrections }) => corrections.length > 0)
      ? `\n  Corrections of closed periods, outside this sum: ${formatCents(corrections_cents, currency)} ${currency}`
      : '',
    ...pending.map(
      ({ of_period, requests }) =>
        `\n  ${formatCount(requests)} requests of ${of_period} came after their days were closed: they are corrected when ${of_period} is closed`,
    ),
  ].join('');

/** One line sums up all families beyond these. */
const SHOWN_FAMILIES = 20;

export function printSummary(summary: Summary): string {
  const { issuer, period, status, totals, funding, versions } = summary;
  const unattributed = totals.bytes - totals.attributed_bytes;
  const head = [
    `${printable(issuer.name)}: usage and funding, ${monthName(period)} (${status === 'open' ? 'provisional, the period is open' : 'final, the period is closed'})`,
    `  ${formatCount(totals.requests)} requests, ${formatCount(totals.downloads)} downloads, ${formatBytes(totals.bytes)}; ${formatPercent(totals.repeat_bytes, totals.bytes)} of the bytes were sent again to the same network`,
  ];
  return `${[
    [...head, ...notesOf(summary)].join('\n'),
    classes(summary),
    `What is not attributed, and why: ${formatPercent(unattributed, totals.bytes)} of the bytes\n${reasons(summary)}`,
    owes(summary),
    ...(summary.pace === undefined ? [] : [printPace(summary.pace, funding.currency)]),
    printIntervals(summary.intervals),
    fresh(summary),
    `Run ${versions.run_id}, policy ${printable(versions.policy_version)}, attribution ${versions.attribution_version.slice(0, 12)}, methodology ${versions.methodology_version}${versions.methodology_from === null ? '' : ` from ${versions.methodology_from} on, 1 before`}; costs in ${funding.currency}.`,
  ].join('\n\n')}\n`;
}

const notesOf = ({ notes = [] }: Pick<Summary, 'notes'>): string[] => notes.map((note) => `  Note: ${printable(note)}`);

const classes = ({ classes, totals }: Summary): string =>
  `Who used how much\n${textTable(
    ['requester class', 'requests', 'downloads', 'bytes', 'share', ''],
    classes.map((row) => [
      cut(classLabel(row.value), 32),
      row.requests,
      row.downloads,
      formatBytes(row.bytes),
      formatPercent(row.bytes, totals.bytes),
      bar(row.bytes, totals.bytes),
    ]),
    { right: [3, 4] },
  )}`;

const reasons = ({ unattributed, totals }: Summary): string =>
  unattributed.length === 0
    ? '  All usage is attributed.'
    : textTable(
        ['reason', 'provider', 'requests', 'bytes', 'of all', ''],
        unattributed.map((row) => [
          reasonLabel(row.reason),
          cut(row.platform, 24),
          row.requests,
          formatBytes(row.bytes),
          formatPercent(row.bytes, totals.bytes),
          bar(row.bytes, totals.bytes),
        ]),
        { right: [3, 4] },
      );

function owes(summary: Summary): string {
  const { funding, totals } = summary;
  const ordered = byDue(summary);
  const rows = ordered
    .slice(0, SHOWN_FAMILIES)
    .map(({ funding: { name, share, true_up, not_billed }, used }) => [
      cut(name, 32),
      formatBytes(used?.bytes ?? 0n),
      formatPercent(used?.bytes ?? 0n, totals.bytes),
      share === null ? '–' : formatUnits(share.gross),
      share === null ? '–' : formatExactCents(share.raw, funding.currency),
      formatCents((share?.billed_cents ?? 0n) + (true_up?.cents ?? 0n), funding.currency),
      rulesText({ share, not_billed, true_up }),
    ]);
  const rest = ordered.slice(SHOWN_FAMILIES);
  if (rest.length > 0)
    rows.push([
      `and ${rest.length} more`,
      formatBytes(rest.reduce((sum, { used }) => sum + (used?.bytes ?? 0n), 0n)),
      '',
      '',
      '',
      formatCents(
        rest.reduce((sum, family) => sum + dueCents(family.funding), 0n),
        funding.currency,
      ),
      '',
    ]);
  const list = textTable(
    ['family', 'bytes', 'of all', 'gross units', `exact share ${funding.currency}`, `owes ${funding.currency}`, 'rule'],
    rows,
    { right: [1, 2, 3, 4, 5] },
  );
  return `Who owes what\n${ordered.length === 0 ? '  No organisation has usage in this period.' : list}
  Net cost ${formatCents(funding.cost_pool_cents, funding.currency)} = billed ${formatCents(funding.billed_cents, funding.currency)} + true-ups ${formatCents(funding.true_up_cents, funding.currency)} + commons ${formatCents(funding.commons_cents, funding.currency)} ${funding.currency}${corrected(funding)}`;
}

function fresh({ freshness, day_states }: Summary): string {
  const days = day_states
    .map(({ state, days, first_day, last_day }) => `${formatCount(days)} ${state} (${first_day} to ${last_day})`)
    .join(', ');
  const list =
    freshness.length === 0
      ? '  No source is in the ledger.'
      : textTable(
          ['source', 'last record', 'last loaded', 'lines', 'excluded', 'quarantined', 'in doubt'],
          freshness.map((row) => [
            cut(row.source, 24),
            row.last_record_at === null ? 'never' : minute(row.last_record_at),
            minute(row.loaded_at),
            row.lines,
            row.excluded,
            row.quarantined,
            row.degraded_requests,
          ]),
        );
  return `How fresh the data are\n${list}\n  Days of the period: ${days === '' ? 'none' : days}`;
}

/** One family's statement, in short form. */
export function printStatement(statement: Statement, words: Words = statementWords(statement.issuer.language)): string {
  const { name, period, status, usage, share: family, funding, totals, intervals, versions } = statement;
  const { terminal: texts, annex } = words.texts;
  const { share, true_up, corrections } = family;
  const money = (cents: bigint) => words.cents(cents, funding.currency);
  const sum = (text: string, cents: bigint) => [text, '', '', '', money(cents)];
  const rows = (share?.lines ?? []).map((line) => [
    words.className(line.requester_class),
    words.count(line.requests),
    words.bytes(line.bytes),
    words.units(line.units),
    money(line.billed_cents),
  ]);
  if (true_up !== null) rows.push(sum(texts.trueUp, true_up.cents));
  rows.push(
    sum(
      share === null ? texts.nothing : (status === 'open' ? texts.soFar : texts.due)(annex.rules[share.rule]),
      dueCents(family),
    ),
  );
  for (const line of corrections)
    rows.push(
      sum(
        texts.correction(line.kind === 'manual' ? cut(line.reason, 70) : annex.late(words.count(line.requests))),
        line.cents,
      ),
    );
  const payable = payableCents(family);
  if (corrections.length > 0) rows.push(sum(payable < 0n ? texts.credit : texts.amount, payable));
  const lines = textTable([...texts.columns, funding.currency], rows, { right: [1, 2, 3, 4] });
  const used = texts.used(
    words.count(usage?.requests ?? 0n),
    words.count(usage?.downloads ?? 0n),
    words.bytes(usage?.bytes ?? 0n),
    words.percent(usage?.repeat_bytes ?? 0n, usage?.bytes ?? 0n),
  );
  const { label, figure, sentence } = amountText(statement, words);
  return `${texts.head(cut(name, 80), words.month(period), status === 'open' ? texts.open : texts.final)}
  ${printable(`${label}: ${figure}. ${sentence}`)}
  ${used}
  ${texts.missing(words.percent(totals.bytes - totals.attributed_bytes, totals.bytes))}${noteTexts(statement, words)
    .map((note) => `\n  ${texts.note(printable(note))}`)
    .join('')}

${lines}

${printIntervals(intervals)}

${texts.run(versions.run_id, printable(versions.policy_version))}
`;
}
