// The summary as text for a terminal: who used how much, what is unattributed and why, who owes what, how fresh it is.

import { dueCents, payableCents, type Statement, type Summary } from './figures.ts';
import {
  bytes,
  classLabel,
  count,
  exactMoney,
  label,
  minute,
  money,
  monthName,
  percent,
  plain,
  reasonLabel,
  units,
} from './format.ts';
import { printIntervals } from './intervals.ts';

const BAR_WIDTH = 16;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
function bar(part: bigint, whole: bigint): string {
  if (whole <= 0n || part <= 0n) return '';
  const filled = Number((part * BigInt(BAR_WIDTH * 8)) / whole);
  return '█'.repeat(filled >> 3) + eighths[filled & 7];
}

/** Names are cut where a line would not fit. */
const cut = (text: string, width: number): string => {
  const characters = [...plain(text)];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
};

interface TextColumn {
  readonly title: string;
  readonly left?: boolean;
}
function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(plain))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => [...(row[index] ?? '')].length)));
  const pad = (text: string, index: number) => {
    const blanks = ' '.repeat(widths[index] - [...text].length);
    return columns[index].left ? text + blanks : blanks + text;
  };
  const line = (row: readonly string[]) => `  ${row.map(pad).join('  ')}`.trimEnd();
  const rule = `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** What stands outside the sum. */
const corrected = ({ corrections_cents, families, pending, currency }: Summary['funding']): string =>
  [
    families.some(({ corrections }) => corrections.length > 0)
      ? `\n  Corrections of closed periods, outside this sum: ${money(corrections_cents)} ${currency}`
      : '',
    ...pending.map(
      ({ of_period, requests }) =>
        `\n  ${count(requests)} requests of ${of_period} came after their days were closed: they are corrected when ${of_period} is closed`,
    ),
  ].join('');

/** Families beyond these are summed up in one line. */
const SHOWN_FAMILIES = 20;

export function printSummary(summary: Summary): string {
  const { issuer, period, status, totals, funding, versions } = summary;
  const unattributed = totals.bytes - totals.attributed_bytes;
  const head = [
    `${plain(issuer.name)}: usage and funding, ${monthName(period)} (${status === 'open' ? 'provisional, the period is open' : 'final, the period is closed'})`,
    `  ${count(totals.requests)} requests, ${count(totals.downloads)} downloads, ${bytes(totals.bytes)}; ${percent(totals.repeat_bytes, totals.bytes)} of the bytes were sent again to the same network`,
  ];
  return `${[
    head.join('\n'),
    classes(summary),
    `What is not attributed, and why: ${percent(unattributed, totals.bytes)} of the bytes\n${reasons(summary)}`,
    owes(summary),
    printIntervals(summary.intervals),
    fresh(summary),
    `Run ${versions.run_id}, policy ${plain(versions.policy_version)}, attribution ${versions.attribution_version.slice(0, 12)}, methodology ${versions.methodology_version}; costs in ${funding.currency}.`,
  ].join('\n\n')}\n`;
}

const classes = ({ classes, totals }: Summary): string =>
  `Who used how much\n${textTable(
    [
      { title: 'requester class', left: true },
      { title: 'requests' },
      { title: 'downloads' },
      { title: 'bytes' },
      { title: 'share' },
      { title: '', left: true },
    ],
    classes.map((row) => [
      cut(classLabel(row.value), 32),
      count(row.requests),
      count(row.downloads),
      bytes(row.bytes),
      percent(row.bytes, totals.bytes),
      bar(row.bytes, totals.bytes),
    ]),
  )}`;

const reasons = ({ unattributed, totals }: Summary): string =>
  unattributed.length === 0
    ? '  All usage is attributed.'
    : textTable(
        [
          { title: 'reason', left: true },
          { title: 'provider', left: true },
          { title: 'requests' },
          { title: 'bytes' },
          { title: 'of all' },
          { title: '', left: true },
        ],
        unattributed.map((row) => [
          reasonLabel(row.reason),
          cut(row.platform, 24),
          count(row.requests),
          bytes(row.bytes),
          percent(row.bytes, totals.bytes),
          bar(row.bytes, totals.bytes),
        ]),
      );

function owes({ funding, families, totals }: Summary): string {
  const used = new Map(families.map((row, rank) => [row.family, { ...row, rank }]));
  const ordered = [...funding.families].sort((a, b) => {
    const difference = dueCents(b) - dueCents(a);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return (used.get(a.family)?.rank ?? used.size) - (used.get(b.family)?.rank ?? used.size);
  });
  const rows = ordered
    .slice(0, SHOWN_FAMILIES)
    .map(({ family, name, share, true_up, not_billed }) => [
      cut(name, 32),
      bytes(used.get(family)?.bytes ?? 0n),
      percent(used.get(family)?.bytes ?? 0n, totals.bytes),
      share === null ? '–' : units(share.gross),
      share === null ? '–' : exactMoney(share.raw),
      money((share?.billed_cents ?? 0n) + (true_up?.cents ?? 0n)),
      [share?.rule ?? not_billed.map(({ kind }) => label(kind)).join(', '), ...(true_up === null ? [] : ['true-up'])]
        .filter((text) => text !== '')
        .join(', '),
    ]);
  const rest = ordered.slice(SHOWN_FAMILIES);
  if (rest.length > 0)
    rows.push([
      `and ${rest.length} more`,
      bytes(rest.reduce((sum, { family }) => sum + (used.get(family)?.bytes ?? 0n), 0n)),
      '',
      '',
      '',
      money(rest.reduce((sum, family) => sum + dueCents(family), 0n)),
      '',
    ]);
  const list = textTable(
    [
      { title: 'family', left: true },
      { title: 'bytes' },
      { title: 'of all' },
      { title: 'gross units' },
      { title: `exact share ${funding.currency}` },
      { title: `owes ${funding.currency}` },
      { title: 'rule', left: true },
    ],
    rows,
  );
  return `Who owes what\n${ordered.length === 0 ? '  No organisation has usage in this period.' : list}
  Net cost ${money(funding.cost_pool_cents)} = billed ${money(funding.billed_cents)} + true-ups ${money(funding.true_up_cents)} + commons ${money(funding.commons_cents)} ${funding.currency}${corrected(funding)}`;
}

function fresh({ freshness, day_states }: Summary): string {
  const days = day_states
    .map(({ state, days, first_day, last_day }) => `${count(days)} ${state} (${first_day} to ${last_day})`)
    .join(', ');
  const list =
    freshness.length === 0
      ? '  No source is in the ledger.'
      : textTable(
          [
            { title: 'source', left: true },
            { title: 'last record', left: true },
            { title: 'last loaded', left: true },
            { title: 'lines' },
            { title: 'excluded' },
            { title: 'quarantined' },
          ],
          freshness.map((row) => [
            cut(row.source, 24),
            row.last_record_at === null ? 'never' : minute(row.last_record_at),
            minute(row.loaded_at),
            count(row.lines),
            count(row.excluded),
            count(row.quarantined),
          ]),
        );
  return `How fresh the data are\n${list}\n  Days of the period: ${days === '' ? 'none' : days}`;
}

/** One family's statement, short. */
export function printStatement({
  name,
  period,
  status,
  usage,
  share: family,
  funding,
  totals,
  intervals,
  versions,
}: Statement): string {
  const { share, true_up, corrections } = family;
  const rows = (share?.lines ?? []).map((line) => [
    classLabel(line.requester_class),
    count(line.requests),
    bytes(line.bytes),
    units(line.units),
    money(line.billed_cents),
  ]);
  if (true_up !== null) rows.push(['True-up to the contract minimum', '', '', '', money(true_up.cents)]);
  rows.push([
    share === null ? 'Nothing that may be billed' : `Due (${share.rule})`,
    '',
    '',
    '',
    money(dueCents(family)),
  ]);
  for (const line of corrections) rows.push([`Correction: ${cut(line.reason, 70)}`, '', '', '', money(line.cents)]);
  if (corrections.length > 0)
    rows.push([payableCents(family) < 0n ? 'Credit' : 'Amount', '', '', '', money(payableCents(family))]);
  const lines = textTable(
    [
      { title: 'requester class', left: true },
      { title: 'requests' },
      { title: 'bytes' },
      { title: 'units' },
      { title: funding.currency },
    ],
    rows,
  );
  return `${cut(name, 80)}: usage and funding, ${monthName(period)} (${status === 'open' ? 'provisional, the period is open' : 'final'})
  ${count(usage?.requests ?? 0n)} requests, ${count(usage?.downloads ?? 0n)} downloads, ${bytes(usage?.bytes ?? 0n)}; ${percent(usage?.repeat_bytes ?? 0n, usage?.bytes ?? 0n)} a cache would have saved
  ${percent(totals.bytes - totals.attributed_bytes, totals.bytes)} of the registry's bytes are not attributed to anyone

${lines}

${printIntervals(intervals)}

Run ${versions.run_id}, policy ${plain(versions.policy_version)}
`;
}
