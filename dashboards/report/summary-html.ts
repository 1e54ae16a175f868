// The foundation's summary of a period as a page: usage of each family, unattributed usage by reason, and each family's amount.

import { formatBytes, formatCount, formatPercent } from '../../transform/numbers.ts';
import { dayChart, rankChart } from './charts.ts';
import { footerText, keyFigures, methodSection, page, querySection, titleHeader } from './document.ts';
import { dueCents, type ClassUsage, type DayUsage, type Summary } from './figures.ts';
import { amount } from './funding-tables.ts';
import { intervalSection } from './intervals.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { classLabel, monthName, queriesName, reasonLabel, summaryName } from './names.ts';
import { corrections, whoOwes, type SummaryHtmlOptions } from './summary-funding.ts';
import { english } from './texts/words.ts';
import {
  clientsTable,
  daysOf,
  packagesTable,
  seriesColor,
  sumOf,
  unattributedTable,
  usageTable,
  wasteByClass,
} from './usage-tables.ts';

export const renderSummaryHtml = (summary: Summary, options: SummaryHtmlOptions): string =>
  page({
    language: english.language,
    title: `Usage and funding, ${monthName(summary.period)} – ${summary.issuer.name}`,
    running: `${summary.issuer.name} · Usage and funding, ${monthName(summary.period)} · internal`,
    pageNumber: english.texts.page,
    header: titleHeader(
      `Usage and funding, ${monthName(summary.period)}`,
      html`Summary for the foundation. <strong>Internal</strong>: it sets organisations side by side.`,
      summary,
    ),
    footer: footerText(summary, english),
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
        english,
        html`<p>
          Before anything was written, the usage of every party was compared with what the allocation
          took${from(summary.queries.parties)}: they are the same.
        </p>`,
      ),
      querySection(summary.queries, queriesName(summaryName(summary.period)), english),
    ],
  });

function overview({ totals, funding }: Summary): Markup {
  const unattributed_bytes = totals.bytes - totals.attributed_bytes;
  return keyFigures([
    { title: 'Requests', figure: formatCount(totals.requests), note: `${formatCount(totals.downloads)} downloads` },
    {
      title: 'Bytes sent',
      figure: bytesCell(totals.bytes, english),
      note: `${formatBytes(totals.repeat_bytes)} sent again`,
    },
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

function whoUsed({ classes, totals, queries, versions }: Summary): Markup {
  return section(
    'Who used how much',
    rankChart(
      {
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
        of: classes.map(() => totals.bytes),
        methodology_from: versions.methodology_from,
      },
      english,
    ),
    usageTable({
      caption: 'Usage by requester class',
      heading: 'Requester class',
      source: queries.classes,
      rows: classes,
      name: classLabel,
      whole: totals,
      more: [attributedShare],
      total: true,
      words: english,
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
    unattributedTable(summary, summary.queries.unattributed, { chart: true, words: english }),
  );
}

function sureness({ intervals, families, funding, queries }: Summary): Markup {
  const names = new Map([...families, ...funding.families].map(({ family, name }) => [family, name]));
  return intervalSection(intervals, queries, (id) => names.get(id) ?? id, english);
}

function days({ days, period, queries, versions }: Summary): Markup {
  const categories = daysOf(period);
  const series = ['attributed', 'platform', 'negative', 'conflict', 'unknown'];
  const value = (day: string, name: string) =>
    days.find((row: DayUsage) => row.day === day && row.series === name)?.bytes ?? 0n;
  return section(
    'Day by day',
    html`<p>Bytes by the day they are booked on${from(queries.days)}.</p>`,
    dayChart(
      {
        label: 'Bytes by day, attributed and unattributed.',
        categories: categories.map((day) => String(Number(day.slice(8)))),
        series: series.map((name) => ({
          name: name === 'attributed' ? 'Attributed' : reasonLabel(name),
          color: seriesColor(name),
          values: categories.map((day) => value(day, name)),
        })),
        methodology_from: versions.methodology_from,
      },
      english,
    ),
  );
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
      words: english,
    }),
    clientsTable({ source: queries.clients, rows: clients, whole: totals, more: [attributedShare], words: english }),
    packagesTable(packages, queries.packages, english),
  );
}

function waste(summary: Summary): Markup {
  const { totals, ci, queries } = summary;
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
      ${wasteByClass(summary, from(queries.classes), english)}
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
      words: english,
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
        { title: 'A field in doubt', number: true },
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
        formatCount(row.degraded_requests),
      ]),
      empty: 'No source is in the ledger.',
    }),
    table({
      caption:
        'Lines that are no requests, and requests with a field that could not be read, by reason. A request with several such fields is in several rows',
      source: from(queries.freshness),
      columns: [{ title: 'Source' }, { title: 'Reason' }, { title: 'What counts' }, { title: 'Lines', number: true }],
      rows: freshness.flatMap(({ source, reasons, degraded }) => [
        ...Object.entries(reasons).map(([reason, lines]) => [source, reason, 'nothing', formatCount(lines)]),
        ...Object.entries(degraded).map(([reason, lines]) => [source, reason, 'the request', formatCount(lines)]),
      ]),
      empty: 'Every line was read whole.',
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
