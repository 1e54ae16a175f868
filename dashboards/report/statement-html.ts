// A family's statement as a page: what it used, what it owes and how that was calculated, step by step.

import { dayChart, rankChart } from './charts.ts';
import {
  amount,
  from,
  keyFigures,
  methodSection,
  page,
  policyTable,
  querySection,
  section,
  sumOf,
  unattributedTable,
  usageTable,
  wasteByClass,
} from './document.ts';
import { dueCents, payableCents, type FamilyShare, type FamilyUsageBy, type Statement } from './figures.ts';
import { classLabel, evidenceText, monthName } from './names.ts';
import { intervalSection } from './intervals.ts';
import { bytesCell, html, nameCell, table, type Child, type Markup } from './markup.ts';
import { daysOf } from './summary-html.ts';
import {
  formatBytes,
  formatCents,
  formatCount,
  formatExactCents,
  formatFactor,
  formatPercent,
  formatRational,
  formatUnits,
} from '../../transform/numbers.ts';

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

const none = { requests: 0n, downloads: 0n, bytes: 0n, repeat_downloads: 0n, repeat_bytes: 0n };

function overview({ usage, share, funding, totals }: Statement): Markup {
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
      title: payableCents(share) < 0n ? 'Credit' : 'Amount',
      figure: amount(payableCents(share), funding.currency),
      note: share.corrections.length > 0 ? 'with corrections of earlier periods' : ruleText(share.share),
    },
  ]);
}

function ruleText(share: FamilyShare | null): string {
  if (share === null) return 'nothing that may be billed';
  return {
    share: 'your share, rounded',
    cap: 'cut to the cap',
    minimum: 'below the smallest amount billed',
    free: 'within the free allowance',
  }[share.rule]!;
}

function due({ share, funding, status, period, queries }: Statement): Markup {
  const lines = share.share?.lines ?? [];
  const { true_up } = share;
  const total = amount(dueCents(share), funding.currency);
  return section(
    'What is due',
    html`<p class="due">
      ${
        dueCents(share) === 0n
          ? html`Nothing is due for ${monthName(period)}: ${ruleText(share.share)}.`
          : status === 'open'
            ? html`As far as it is known, <strong>${total}</strong> for ${monthName(period)}. The period is open; this
                is not an invoice.`
            : html`<strong>${total}</strong> for ${monthName(period)}.`
      }
    </p>`,
    table({
      caption: `Lines, amounts in ${funding.currency}`,
      source: from(queries.classes),
      columns: [
        { title: 'Requester class' },
        { title: 'Requests', number: true },
        { title: 'Bytes', number: true },
        { title: 'Weight', number: true },
        { title: 'Units', number: true },
        { title: 'Amount', number: true },
      ],
      rows: lines.map((line) => [
        classLabel(line.requester_class),
        formatCount(line.requests),
        bytesCell(line.bytes),
        formatFactor(line.weight_bp),
        formatUnits(line.units),
        formatCents(line.billed_cents),
      ]),
      foot: [
        [
          'Share',
          formatCount(lines.reduce((sum, line) => sum + line.requests, 0n)),
          bytesCell(lines.reduce((sum, line) => sum + line.bytes, 0n)),
          '',
          share.share === null ? '0' : formatUnits(share.share.gross),
          formatCents(share.share?.billed_cents ?? 0n),
        ],
        ...(true_up === null
          ? []
          : [
              [
                `True-up to the contract's minimum of ${formatCents(true_up.contract_minimum_cents)}`,
                '',
                '',
                '',
                '',
                formatCents(true_up.cents),
              ],
              ['Amount', '', '', '', '', formatCents(dueCents(share))],
            ]),
      ],
      empty: 'No usage that may be billed.',
    }),
    share.not_billed.length === 0
      ? null
      : html`<p class="note">
          Not billed:
          ${share.not_billed
            .map(
              ({ kind, gross }) =>
                `${formatUnits(gross)} units ${kind === 'exempt' ? 'of exempt organisations' : 'attributed by evidence that is not good enough to bill'}`,
            )
            .join('; ')}.
        </p>`,
  );
}

/** Lines that set closed periods right: outside the period's own sum. */
function corrections({ share, funding, period, queries }: Statement): Markup | null {
  if (share.corrections.length === 0) return null;
  const payable = payableCents(share);
  return section(
    'Corrections of earlier periods',
    table({
      caption: `Lines, amounts in ${funding.currency}`,
      source: from(queries.corrections),
      columns: [
        { title: 'Period' },
        { title: 'Why' },
        { title: 'Its closed run' },
        { title: 'Requests', number: true },
        { title: 'Bytes', number: true },
        { title: 'Amount', number: true },
      ],
      rows: share.corrections.map((line) => [
        monthName(line.of_period),
        line.kind === 'manual' ? html`${line.reason} <span class="id">${line.id}</span>` : line.reason,
        html`<span class="id">${line.of_run_id}</span>`,
        line.kind === 'manual' ? '' : formatCount(line.requests),
        line.kind === 'manual' ? '' : bytesCell(line.bytes),
        formatCents(line.cents),
      ]),
      foot: [
        [`Due for ${monthName(period)}`, '', '', '', '', formatCents(dueCents(share))],
        [payable < 0n ? 'Credit' : 'Amount', '', '', '', '', formatCents(payable)],
      ],
    }),
    html`<p class="note">
      A closed period never changes. What arrives for it later, or is taken back, is computed into it as if it had been
      there; the difference to what was billed is a line here. It stands outside the sum of this period.
    </p>`,
  );
}

/** The allocation as docs/FUNDING.md numbers it, with this family's figures. */
function steps({ share: { share, true_up }, funding, queries }: Statement): Markup | null {
  if (share === null) return null;
  const { currency } = funding;
  const cents = (value: { num: bigint; den: bigint }) => formatExactCents(value);
  const outcome: Record<string, Child> = {
    share: `Between the smallest amount billed (${formatCents(funding.minimum_cents)}) and the cap (${formatCents(funding.cap_cents)}): the share stands.`,
    cap: `No share is above ${formatFactor(funding.cap_bp * 100n)} % of the cost, ${formatCents(funding.cap_cents)}. What the cap cuts goes to the commons, not to others.`,
    minimum: `A share below ${formatCents(funding.minimum_cents)} is not billed. It goes to the commons.`,
    free: 'All units are within the free allowance.',
  };
  const rows: Child[][] = [
    [
      'Gross units',
      html`What the family's usage has caused: weight × (requests × ${formatRational(funding.alpha, 9)} + bytes ×
      ${formatRational(funding.beta, 15)}), summed over its organisations`,
      formatUnits(share.gross),
    ],
    ['Free allowance', 'Free once for each family', `− ${formatCount(funding.free_allowance)}`],
    ['Net units', 'What is left', formatUnits(share.net)],
    ...share.bands
      .filter(({ units: part }) => part.num > 0n)
      .map((band): Child[] => [
        band.up_to === null
          ? `Band above ${formatCount(band.from)}`
          : `Band ${formatCount(band.from)} to ${formatCount(band.up_to)}`,
        `${formatUnits(band.units)} units × ${formatFactor(band.multiplier_bp)}`,
        formatUnits(band.tiered),
      ]),
    ['Weighted units, T', 'Sum of the bands', formatUnits(share.tiered)],
    [
      'Recoverable cost, R',
      html`Net cost ${formatCents(funding.cost_pool_cents)} × net units of all families / all units
      (${formatUnits(funding.units.total)})${funding.rho_bp === 0n ? null : html`, with ${formatFactor(funding.rho_bp * 100n)} % of what is unattributed`}`,
      cents(funding.recoverable),
    ],
    [
      'Exact share',
      html`R × T / S, where S = ${formatUnits(funding.tier_sum)} are the weighted units of all families`,
      cents(share.raw),
    ],
    [html`Cap and minimum: <em>${share.rule}</em>`, outcome[share.rule], ''],
    [
      'Billed',
      'Rounded down to the cent; cents left over go to the largest remainders',
      formatCents(share.billed_cents),
    ],
    ...(true_up === null
      ? []
      : [
          [
            'True-up',
            `To the contract's minimum of ${formatCents(true_up.contract_minimum_cents)}`,
            formatCents(true_up.cents),
          ],
        ]),
  ];
  return section(
    'How the amount was calculated',
    html`<p>Every step is exact; figures are rounded for reading only.</p>`,
    table({
      caption: `Steps of the allocation, money in ${currency}`,
      source: from(queries.lines),
      columns: [{ title: 'Step' }, { title: 'What it is' }, { title: 'Figure', number: true }],
      rows,
    }),
  );
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
    usageTable({
      caption: 'The clients that cause the most bytes',
      heading: 'Client',
      source: queries.clients,
      rows: clients,
      name: (name) => (name === '' ? 'not known' : nameCell(name)),
      whole: usage,
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
