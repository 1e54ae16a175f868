// The annex of a statement: the derivation of the amount, corrections, the usage in full, the evidence, and the method.

import { methodSection, querySection } from './document.ts';
import { type FamilyUsageBy, type Statement } from './figures.ts';
import { policyTable } from './funding-tables.ts';
import { intervalSection } from './intervals.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { queriesName, statementName } from './names.ts';
import { corrections, derivation } from './statement-funding.ts';
import { allTeams, unclearClasses } from './statement-usage.ts';
import { type Words } from './texts/words.ts';
import { clientsTable, packagesTable, sumOf, unattributedTable, usageTable, wasteByClass } from './usage-tables.ts';

export function annex(statement: Statement, words: Words): Markup {
  const { annex: texts } = words.texts;
  const { queries, funding, versions } = statement;
  const file = queriesName(statementName(statement.family, statement.period));
  const titled = Object.fromEntries(
    Object.entries(queries).map(([name, query]) => [
      name,
      { ...query, title: texts.titles[name as keyof typeof texts.titles] },
    ]),
  );
  return html`<div class="annex">
    <h2 class="part">${texts.title}</h2>
    <p>${texts.intro(file)}</p>
    ${derivation(statement, words)} ${corrections(statement, words)} ${usage(statement, words)}
    ${repeats(statement, words)} ${evidence(statement, words)} ${sureness(statement, words)}
    ${notHere(statement, words)}
    ${methodSection(statement, queries.run, words, policyTable(funding, versions, queries.run, words))}
    ${querySection(titled, file, words)}
  </div> `;
}

function usage(statement: Statement, words: Words): Markup | null {
  const { usage: whole, classes, ecosystems, clients, packages, queries } = statement;
  if (whole === null) return null;
  const { annex: texts, usage: heads } = words.texts;
  const billable = {
    title: heads.mayBeBilled,
    cell: (row: FamilyUsageBy): Child => words.percent(row.billable_bytes, row.bytes),
  };
  return section(
    texts.used,
    usageTable({
      caption: texts.classesCaption,
      heading: heads.kind,
      source: queries.classes,
      rows: classes,
      name: (name) => words.className(name),
      whole,
      more: [billable],
      total: true,
      words,
    }),
    usageTable({
      caption: texts.ecosystemsCaption,
      heading: heads.ecosystem,
      source: queries.ecosystems,
      rows: ecosystems,
      name: (name) => name,
      whole,
      total: true,
      words,
    }),
    unclearClasses(statement, words),
    allTeams(statement, words),
    clientsTable({ source: queries.clients, rows: clients, whole, words }),
    packagesTable(packages, queries.packages, words),
  );
}

function repeats(statement: Statement, words: Words): Markup | null {
  const shown = wasteByClass(statement, from(statement.queries.classes), words);
  return shown === null ? null : section(words.texts.annex.again, shown);
}

function evidence({ evidence: rows, members, usage: whole, queries }: Statement, words: Words): Markup | null {
  if (whole === null) return null;
  const { annex: texts, usage: heads, percentOfBytes } = words.texts;
  return section(
    texts.evidence,
    table({
      caption: texts.evidenceCaption,
      source: from(queries.evidence),
      columns: [
        { title: texts.evidenceHead },
        { title: texts.what },
        { title: heads.requests, number: true },
        { title: heads.bytes, number: true },
        { title: percentOfBytes, number: true },
        { title: heads.mayBeBilled, number: true },
      ],
      rows: rows.map((row) => [
        row.value,
        texts.evidenceText[row.value] ?? '',
        words.count(row.requests),
        bytesCell(row.bytes, words),
        words.percent(row.bytes, whole.bytes),
        words.percent(row.billable_bytes, row.bytes),
      ]),
    }),
    table({
      caption: texts.members,
      source: from(queries.members),
      columns: [
        { title: texts.member },
        { title: texts.id },
        { title: heads.requests, number: true },
        { title: heads.bytes, number: true },
        { title: percentOfBytes, number: true },
      ],
      rows: members.map((row) => [
        row.name,
        html`<span class="id">${row.value}</span>`,
        words.count(row.requests),
        bytesCell(row.bytes, words),
        words.percent(row.bytes, whole.bytes),
      ]),
    }),
  );
}

function sureness({ intervals, family, name, members, queries }: Statement, words: Words): Markup {
  const names = new Map([[family, name], ...members.map((member): [string, string] => [member.value, member.name])]);
  return intervalSection(intervals, queries, (id) => names.get(id) ?? id, words);
}

function notHere(statement: Statement, words: Words): Markup {
  const { totals, unattributed, queries, funding } = statement;
  const { annex: texts } = words.texts;
  const missing = texts.notHereText(
    words.percent(sumOf(unattributed, 'bytes'), totals.bytes),
    words.count(totals.requests - totals.attributed_requests),
    words.count(totals.requests),
  );
  return section(
    texts.notHere,
    html`<p>
      ${missing}${from(queries.totals)}
      ${funding.rho_bp === 0n ? texts.notHereFree : texts.notHereRho(words.factor(funding.rho_bp * 100n))}
      ${texts.notHereMore}
    </p>`,
    unattributedTable(statement, queries.unattributed, { chart: false, words }),
  );
}
