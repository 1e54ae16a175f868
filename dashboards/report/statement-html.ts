// A family's statement as a page: its usage, its amounts, and each step of their calculation.

import { formatBytes, formatCount, formatFactor, formatPercent } from '../../transform/numbers.ts';
import { dayChart, rankChart } from './charts.ts';
import { keyFigures, methodSection, page, querySection } from './document.ts';
import { payableCents, type FamilyUsageBy, type Statement } from './figures.ts';
import { amount, policyTable } from './funding-tables.ts';
import { intervalSection } from './intervals.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { classLabel, evidenceText } from './names.ts';
import { corrections, due, ruleText, steps } from './statement-funding.ts';
import {
  clientsTable,
  daysOf,
  packagesTable,
  sumOf,
  unattributedTable,
  usageTable,
  wasteByClass,
} from './usage-tables.ts';

export const renderStatementHtml = (statement: Statement): string =>
  page({
    title: 'Usage and funding statement',
    subtitle: html`<strong>${statement.name}</strong> <span class="id">${statement.family}</span>`,
    head: statement,
    body: [
      overview(statement),
      due(statement),
      corrections(statement),
      steps(statement),
      usage(statement),
      repeats(statement),
      evidence(statement),
      sureness(statement),
      notHere(statement),
      methodSection(
        statement,
        statement.queries.run,
        policyTable(statement.funding, statement.versions, statement.queries.run),
      ),
      querySection(statement.queries),
      section(
        'Questions and corrections',
        html`<p>
          Write to ${statement.issuer.contact}. If a network or token listed here is not yours, or one of yours is
          missing, say so: usage is attributed anew from the evidence, and a closed period is set right by a correction
          line in a later one.
        </p>`,
      ),
    ],
  });

const none = { requests: 0n, downloads: 0n, bytes: 0n, repeat_downloads: 0n, repeat_bytes: 0n, partials: 0n };

function overview({ usage, share, funding, totals, status }: Statement): Markup {
  const used = usage ?? none;
  return keyFigures([
    { title: 'Requests', figure: formatCount(used.requests), note: `${formatCount(used.downloads)} downloads` },
    {
      title: 'Bytes sent',
      figure: bytesCell(used.bytes),
      note: `${formatPercent(used.bytes, totals.bytes)} of the registry's`,
    },
    {
      title: 'A cache would have saved',
      figure: bytesCell(used.repeat_bytes),
      note: `${formatPercent(used.repeat_bytes, used.bytes)} of your bytes, at most`,
    },
    {
      title: status === 'open' ? 'So far, not due' : payableCents(share) < 0n ? 'Credit' : 'Amount',
      figure: amount(payableCents(share), funding.currency),
      note: share.corrections.length > 0 ? 'with corrections of earlier periods' : ruleText(share.share),
    },
  ]);
}

const billable = {
  title: 'May be billed',
  cell: (row: FamilyUsageBy): Child => formatPercent(row.billable_bytes, row.bytes),
};

function usage({ usage, days, period, classes, ecosystems, clients, packages, queries }: Statement): Markup | null {
  if (usage === null) return null;
  const categories = daysOf(period);
  const ofDay = new Map(days.map((row) => [row.value, row]));
  return section(
    'What was used',
    html`<p>Bytes by the day they are booked on${from(queries.days)}.</p>`,
    dayChart({
      label: 'Bytes by day.',
      categories: categories.map((day) => String(Number(day.slice(8)))),
      series: [
        {
          name: 'May be billed',
          color: '--attributed',
          values: categories.map((day) => ofDay.get(day)?.billable_bytes ?? 0n),
        },
        {
          name: 'Never billed',
          color: '--platform',
          values: categories.map((day) => (ofDay.get(day)?.bytes ?? 0n) - (ofDay.get(day)?.billable_bytes ?? 0n)),
        },
      ],
    }),
    rankChart({
      label: 'Bytes by requester class; the table below has the figures.',
      categories: classes.map(({ value }) => classLabel(value)),
      series: [{ name: 'Bytes', color: '--attributed', values: classes.map((row) => row.bytes) }],
    }),
    usageTable({
      caption: 'By requester class',
      heading: 'Requester class',
      source: queries.classes,
      rows: classes,
      name: classLabel,
      whole: usage,
      more: [billable],
      total: true,
    }),
    usageTable({
      caption: 'By ecosystem',
      heading: 'Ecosystem',
      source: queries.ecosystems,
      rows: ecosystems,
      name: (name) => name,
      whole: usage,
      total: true,
    }),
    clientsTable({ source: queries.clients, rows: clients, whole: usage }),
    packagesTable(packages, queries.packages),
  );
}

function repeats({ usage, classes, queries }: Statement): Markup | null {
  if (usage === null) return null;
  return section(
    'What a cache would have saved',
    html`<p>
      ${formatCount(usage.repeat_downloads)} of your ${formatCount(usage.downloads)} downloads
      (${formatPercent(usage.repeat_downloads, usage.downloads)}) fetched a file that the same /24 or /48 network had
      fetched before on that day with all else equal. They carried ${formatBytes(usage.repeat_bytes)},
      ${formatPercent(usage.repeat_bytes, usage.bytes)} of your bytes${from(queries.usage)}. A caching proxy would have
      saved up to as much; where a network is shared, less.
    </p>`,
    wasteByClass(classes, from(queries.classes)),
  );
}

function evidence({ evidence, members, usage, queries }: Statement): Markup | null {
  if (usage === null) return null;
  return section(
    'How we know that it is yours',
    table({
      caption: 'Usage by the evidence that attributes it, strongest first',
      source: from(queries.evidence),
      columns: [
        { title: 'Evidence' },
        { title: 'What it is' },
        { title: 'Requests', number: true },
        { title: 'Bytes', number: true },
        { title: 'Share of bytes', number: true },
        { title: 'May be billed', number: true },
      ],
      rows: evidence.map((row) => [
        row.value,
        evidenceText[row.value] ?? '',
        formatCount(row.requests),
        bytesCell(row.bytes),
        formatPercent(row.bytes, usage.bytes),
        formatPercent(row.billable_bytes, row.bytes),
      ]),
    }),
    table({
      caption: 'Organisations of the family',
      source: from(queries.members),
      columns: [
        { title: 'Organisation' },
        { title: 'Id' },
        { title: 'Requests', number: true },
        { title: 'Bytes', number: true },
        { title: 'Share of bytes', number: true },
      ],
      rows: members.map((row) => [
        row.name,
        html`<span class="id">${row.value}</span>`,
        formatCount(row.requests),
        bytesCell(row.bytes),
        formatPercent(row.bytes, usage.bytes),
      ]),
    }),
  );
}

function sureness({ intervals, family, name, members, queries }: Statement): Markup {
  const names = new Map([[family, name], ...members.map((member): [string, string] => [member.value, member.name])]);
  return intervalSection(intervals, queries, (id) => names.get(id) ?? id);
}

function notHere(statement: Statement): Markup {
  const { totals, unattributed, queries, funding } = statement;
  const missing = sumOf(unattributed, 'bytes');
  return section(
    'What is not in this statement',
    html`<p>
      No organisation answers for ${formatPercent(missing, totals.bytes)} of the registry's bytes in this period
      (${formatCount(totals.requests - totals.attributed_requests)} of its ${formatCount(totals.requests)}
      requests)${from(queries.totals)}. Some of it may be yours, for most traffic comes from clouds and shared networks,
      where an address names no customer.
      ${
        funding.rho_bp === 0n
          ? 'None of it is billed to you or to anyone.'
          : `Payers bear ${formatFactor(funding.rho_bp * 100n)} % of what it costs.`
      }
      An organisation token or a declared network shows more of your usage, and lets you see it here.
    </p>`,
    unattributedTable(statement, queries.unattributed, { chart: false }),
  );
}
