// The foundation's summary of a period as a page: who used how much, what is unattributed and why, who owes what.

import { dayChart, rankChart } from './charts.ts';
import {
  amount,
  commonsText,
  from,
  keyFigures,
  methodSection,
  page,
  policyTable,
  querySection,
  section,
  seriesColor,
  sumOf,
  unattributedTable,
  usageTable,
  wasteByClass,
} from './document.ts';
import { dueCents, type ClassUsage, type DayUsage, type NamedFunding, type Summary } from './figures.ts';
import { classLabel, reasonLabel, label, statementName } from './names.ts';
import { intervalSection } from './intervals.ts';
import { bytesCell, html, nameCell, table, type Child, type Markup } from './markup.ts';
import {
  formatBytes,
  formatCents,
  formatCount,
  formatExactCents,
  formatPercent,
  formatUnits,
} from '../../transform/numbers.ts';

export interface SummaryHtmlOptions {
  /** Whether statements stand beside it in statements/, so that they can be linked. */
  readonly statements: boolean;
}

export const renderSummaryHtml = (summary: Summary, options: SummaryHtmlOptions): string =>
  page({
    title: 'Usage and funding',
    subtitle: html`Summary for the foundation. <strong>Internal</strong>: it sets organisations side by side.`,
    head: summary,
    body: [
      overview(summary),
      whoUsed(summary),
      unattributed(summary),
      whoOwes(summary, options),
      corrections(summary),
      sureness(summary),
      days(summary),
      what(summary),
      waste(summary),
      freshness(summary),
      methodSection(
        summary,
        summary.queries.run,
        html`<p>
          Before anything was written, the usage of every party was compared with what the allocation
          took${from(summary.queries.parties)}: they are the same.
        </p>`,
      ),
      querySection(summary.queries),
    ],
  });

function overview({ totals, funding }: Summary): Markup {
  const unattributed_bytes = totals.bytes - totals.attributed_bytes;
  return keyFigures([
    { title: 'Requests', figure: formatCount(totals.requests), note: `${formatCount(totals.downloads)} downloads` },
    { title: 'Bytes sent', figure: bytesCell(totals.bytes), note: `${formatBytes(totals.repeat_bytes)} sent again` },
    {
      title: 'Attributed',
      figure: formatPercent(totals.attributed_bytes, totals.bytes),
      note: `of bytes; ${formatPercent(unattributed_bytes, totals.bytes)} are not`,
    },
    {
      title: 'Due from families',
      figure: amount(funding.billed_cents + funding.true_up_cents, funding.currency),
      note: `to ${funding.families.filter((family) => dueCents(family) > 0n).length} of ${funding.families.length} families`,
    },
    {
      title: 'Commons',
      figure: amount(funding.commons_cents, funding.currency),
      note: `of ${amount(funding.cost_pool_cents, funding.currency)} net cost`,
    },
  ]);
}

function whoUsed({ classes, totals, queries }: Summary): Markup {
  return section(
    'Who used how much',
    rankChart({
      label: 'Bytes by requester class, attributed and not; the table below has the figures.',
      categories: classes.map(({ value }) => classLabel(value)),
      series: [
        {
          name: 'Attributed to organisations',
          color: '--attributed',
          values: classes.map((row) => row.attributed_bytes),
        },
        { name: 'Unattributed', color: '--platform', values: classes.map((row) => row.bytes - row.attributed_bytes) },
      ],
    }),
    usageTable({
      caption: 'Usage by requester class',
      heading: 'Requester class',
      source: queries.classes,
      rows: classes,
      name: classLabel,
      whole: totals,
      more: [attributedShare],
      total: true,
    }),
    html`<p>
      ${formatPercent(totals.unknown_class_bytes, totals.bytes)} of the bytes
      (${formatPercent(totals.unknown_class_requests, totals.requests)} of the requests) came from requesters whose
      class is not known${from(queries.totals)}.
    </p>`,
  );
}

const attributedShare = {
  title: 'Attributed',
  cell: (row: ClassUsage): Child => formatPercent(row.attributed_bytes, row.bytes),
};

function unattributed(summary: Summary): Markup {
  const { totals } = summary;
  return section(
    'What is not attributed, and why',
    html`<p>
      No organisation answers for ${formatPercent(totals.bytes - totals.attributed_bytes, totals.bytes)} of the bytes
      and ${formatPercent(totals.requests - totals.attributed_requests, totals.requests)} of the requests. It is never
      billed, and never guessed.
    </p>`,
    unattributedTable(summary, summary.queries.unattributed, { chart: true }),
  );
}

/** Largest amount first, then largest use. */
function byDue(summary: Summary): { funding: NamedFunding; used: Summary['families'][number] | undefined }[] {
  const used = new Map(summary.families.map((family, rank) => [family.family, { family, rank }]));
  const rank = (family: string) => used.get(family)?.rank ?? used.size;
  return [...summary.funding.families]
    .sort((a, b) => {
      const difference = dueCents(b) - dueCents(a);
      return difference === 0n ? rank(a.family) - rank(b.family) : difference > 0n ? 1 : -1;
    })
    .map((funding) => ({ funding, used: used.get(funding.family)?.family }));
}

function whoOwes(summary: Summary, { statements }: SummaryHtmlOptions): Markup {
  const { funding, totals, queries, versions } = summary;
  const rows = byDue(summary).map(({ funding: { family, name, share, not_billed, true_up }, used }) => {
    const gross = share?.gross ?? not_billed[0]?.gross;
    return [
      html`${statements ? html`<a href="statements/${statementName(family, summary.period)}.html">${name}</a>` : name}
        <span class="id">${family}</span>`,
      used === undefined ? '–' : html`${bytesCell(used.bytes)}`,
      used === undefined ? '–' : formatPercent(used.bytes, totals.bytes),
      gross === undefined ? '–' : formatUnits(gross),
      share === null ? '–' : formatUnits(share.net),
      share === null ? '–' : formatUnits(share.tiered),
      share === null ? '–' : formatExactCents(share.raw),
      formatCents((share?.billed_cents ?? 0n) + (true_up?.cents ?? 0n)),
      [share?.rule ?? not_billed.map(({ kind }) => label(kind)).join(', '), true_up === null ? '' : ', true-up']
        .join('')
        .replace(/^, /, ''),
    ];
  });
  return section(
    'Who owes what',
    table({
      caption: `Families, amounts in ${funding.currency}`,
      source: from(queries.lines),
      columns: [
        { title: 'Family' },
        { title: 'Bytes', number: true },
        { title: 'Of all', number: true },
        { title: 'Gross units', number: true },
        { title: 'Net units', number: true },
        { title: 'Weighted', number: true },
        { title: 'Exact share', number: true },
        { title: 'Due', number: true },
        { title: 'Rule' },
      ],
      rows,
      foot: [
        [
          'All families',
          bytesCell(totals.attributed_bytes),
          formatPercent(totals.attributed_bytes, totals.bytes),
          '',
          '',
          formatUnits(funding.tier_sum),
          '',
          formatCents(funding.billed_cents + funding.true_up_cents),
          '',
        ],
      ],
      empty: 'No organisation has usage in this period.',
    }),
    html`<p class="note">
      A unit is the cost in cents that usage has caused, where the policy fixes no other price. Gross: all of a family's
      units. Net: above the free allowance. Weighted: after the bands. Rule: <em>share</em> – the rounded share;
      <em>cap</em> – cut to the highest share; <em>minimum</em> – below the smallest amount billed; <em>free</em> –
      within the allowance; <em>exempt</em> and <em>not_billable</em> – used, never billed. Bytes of
      families${from(queries.families)}.
    </p>`,
    table({
      caption: `Where the cost goes, ${funding.currency}`,
      source: from(queries.run),
      columns: [
        { title: 'Part of the cost' },
        { title: 'Amount', number: true },
        { title: 'Of the cost', number: true },
      ],
      rows: [
        [
          'Billed to families by their shares',
          formatCents(funding.billed_cents),
          formatPercent(funding.billed_cents, funding.cost_pool_cents),
        ],
        ...funding.commons_parts.map(({ reason, cents }) => [
          `Commons: ${(commonsText[reason] ?? reason).replace(/^./, (letter) => letter.toLowerCase())}`,
          formatCents(cents),
          formatPercent(cents, funding.cost_pool_cents),
        ]),
      ],
      foot: [
        ['Net cost', formatCents(funding.cost_pool_cents), ''],
        ...(funding.true_up_cents === 0n
          ? []
          : [
              ['True-ups by contract, which relieve the commons', formatCents(funding.true_up_cents), ''],
              ['Commons after true-ups', formatCents(funding.commons_cents), ''],
            ]),
      ],
    }),
    table({
      caption: `What the period cost, ${funding.currency}`,
      source: from(queries.run),
      columns: [
        { title: 'Pool' },
        { title: 'Driver' },
        { title: 'Gross', number: true },
        { title: 'Donated', number: true },
        { title: 'Net', number: true },
      ],
      rows: funding.pools.map((pool) => [
        pool.pool,
        pool.driver || 'as the policy says',
        formatCents(pool.gross_cents),
        formatCents(pool.donated_cents),
        formatCents(pool.net_cents),
      ]),
      foot: [
        [
          'All',
          '',
          formatCents(funding.pools.reduce((sum, pool) => sum + pool.gross_cents, 0n)),
          formatCents(funding.pools.reduce((sum, pool) => sum + pool.donated_cents, 0n)),
          formatCents(funding.cost_pool_cents),
        ],
      ],
    }),
    policyTable(funding, versions, queries.run),
  );
}

/** Lines that set closed periods right, and late usage that still waits for its period to be closed. */
function corrections({ funding, queries }: Summary): Markup | null {
  const lines = funding.families.flatMap(({ name, family, corrections: own }) =>
    own.map((line) => ({ ...line, name, family })),
  );
  if (lines.length === 0 && funding.pending.length === 0) return null;
  return section(
    'Corrections of closed periods',
    lines.length === 0
      ? null
      : table({
          caption: `Outside the sum of this period, amounts in ${funding.currency}; negative amounts are credits`,
          source: from(queries.corrections),
          columns: [
            { title: 'Family' },
            { title: 'Period' },
            { title: 'Why' },
            { title: 'Requests', number: true },
            { title: 'Bytes', number: true },
            { title: 'Amount', number: true },
          ],
          rows: lines.map((line) => [
            html`${line.name} <span class="id">${line.family}</span>`,
            html`${line.of_period} <span class="id">run ${line.of_run_id.slice(0, 12)}</span>`,
            line.reason,
            line.kind === 'manual' ? '' : formatCount(line.requests),
            line.kind === 'manual' ? '' : bytesCell(line.bytes),
            formatCents(line.cents),
          ]),
          foot: [['All', '', '', '', '', formatCents(funding.corrections_cents)]],
        }),
    funding.pending.map(
      ({ of_period, requests, bytes: late }) =>
        html`<p>
          ${formatCount(requests)} requests (${formatBytes(late)}) of ${of_period} came, or were taken back, after their
          days were closed. They are corrected once ${of_period} is closed.
        </p>`,
    ),
  );
}

function sureness({ intervals, families, funding, queries }: Summary): Markup {
  const names = new Map([...families, ...funding.families].map(({ family, name }) => [family, name]));
  return intervalSection(intervals, queries, (id) => names.get(id) ?? id);
}

function days({ days, period, queries }: Summary): Markup {
  const categories = daysOf(period);
  const series = ['attributed', 'platform', 'negative', 'conflict', 'unknown'];
  const value = (day: string, name: string) =>
    days.find((row: DayUsage) => row.day === day && row.series === name)?.bytes ?? 0n;
  return section(
    'Day by day',
    html`<p>Bytes by the day they are booked on${from(queries.days)}.</p>`,
    dayChart({
      label: 'Bytes by day, attributed and unattributed.',
      categories: categories.map((day) => String(Number(day.slice(8)))),
      series: series.map((name) => ({
        name: name === 'attributed' ? 'Attributed' : reasonLabel(name),
        color: seriesColor(name),
        values: categories.map((day) => value(day, name)),
      })),
    }),
  );
}

/** All days of a month. */
export function daysOf(period: string): string[] {
  const [year, month] = period.split('-').map(Number) as [number, number];
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length }, (_, index) => `${period}-${String(index + 1).padStart(2, '0')}`);
}

function what({ ecosystems, clients, packages, totals, queries }: Summary): Markup {
  return section(
    'What was used',
    usageTable({
      caption: 'Usage by ecosystem',
      heading: 'Ecosystem',
      source: queries.ecosystems,
      rows: ecosystems,
      name: (name) => name,
      whole: totals,
      more: [attributedShare],
      total: true,
    }),
    usageTable({
      caption: 'The clients that cause the most bytes',
      heading: 'Client',
      source: queries.clients,
      rows: clients,
      name: (name) => (name === '' ? 'not known' : nameCell(name)),
      whole: totals,
      more: [attributedShare],
    }),
    table({
      caption: 'The packages that cause the most bytes',
      source: from(queries.packages),
      columns: [
        { title: 'Package' },
        { title: 'Ecosystem' },
        { title: 'Requests', number: true },
        { title: 'Downloads', number: true },
        { title: 'Bytes', number: true },
        { title: 'Sent again', number: true },
      ],
      rows: packages.map((row) => [
        nameCell(row.package),
        row.ecosystem,
        formatCount(row.requests),
        formatCount(row.downloads),
        bytesCell(row.bytes),
        formatPercent(row.repeat_bytes, row.bytes),
      ]),
    }),
  );
}

function waste({ totals, classes, ci, queries }: Summary): Markup {
  const ciName = (value: string) => (value === '' ? 'Not known' : value === 'true' ? 'In CI' : 'Not in CI');
  const known = ci.filter(({ value }) => value !== '');
  return section(
    'Waste, and what is not known',
    html`<p>
        ${formatCount(totals.repeat_downloads)} downloads (${formatPercent(totals.repeat_downloads, totals.downloads)})
        fetched a file that the same /24 or /48 network had fetched before on that day with all else equal; they carried
        ${formatBytes(totals.repeat_bytes)}, ${formatPercent(totals.repeat_bytes, totals.bytes)} of all
        bytes${from(queries.totals)}. A cache there would have saved them: an upper bound, for a network may hold many
        customers. By family, with money: <code>fairshare waste</code>.
      </p>
      ${wasteByClass(classes, from(queries.classes))}
      <p>
        ${formatPercent(totals.downloads, totals.requests)} of the requests are downloads. Whether a request ran in CI
        is known of ${formatPercent(sumOf(known, 'requests'), totals.requests)} of the requests.
      </p>`,
    usageTable({
      caption: 'What is known of CI',
      heading: 'CI',
      source: queries.ci,
      rows: ci,
      name: ciName,
      whole: totals,
      total: true,
    }),
  );
}

function freshness({ freshness, day_states, queries }: Summary): Markup {
  return section(
    'How fresh and how complete the data are',
    table({
      caption: 'Sources: how far each has come, and what became of its lines since the beginning',
      source: from(queries.freshness),
      columns: [
        { title: 'Source' },
        { title: 'Last record' },
        { title: 'Last loaded' },
        { title: 'Lines read', number: true },
        { title: 'Requests', number: true },
        { title: 'Excluded by rule', number: true },
        { title: 'Quarantined', number: true },
        { title: 'Size not known', number: true },
      ],
      rows: freshness.map((row) => [
        row.source,
        row.last_record_at === null ? 'never' : minuteOf(row.last_record_at),
        minuteOf(row.loaded_at),
        formatCount(row.lines),
        formatCount(row.requests),
        formatCount(row.excluded),
        formatCount(row.quarantined),
        formatCount(row.bytes_unknown),
      ]),
      empty: 'No source is in the ledger.',
    }),
    table({
      caption: 'Days of this period by state',
      source: from(queries.day_states),
      columns: [{ title: 'State' }, { title: 'Days', number: true }, { title: 'First' }, { title: 'Last' }],
      rows: day_states.map((row) => [row.state, formatCount(row.days), row.first_day, row.last_day]),
    }),
  );
}

const minuteOf = (time: string): string => time.slice(0, 16);
