// The second page of a statement: where the usage came from, what its largest part means, what would lower it, and how sure it is.

import { type FamilyUsageBy, type Statement, type TeamUsage, type UsageBy } from './figures.ts';
import { dayChart } from './charts.ts';
import { isPoint, wholeFamily } from './intervals.ts';
import { type Child, type Markup, bar, bytesCell, from, html, nameCell, rangeBar, section, table } from './markup.ts';
import { named, type Words } from './texts/words.ts';
import { clientCell, daysOf, sumOf } from './usage-tables.ts';

/** Rows of a table on this page, which is one sheet of paper. The annex has all. A table of teams needs the room of some of them. */
const SHOWN = 5;
const SHOWN_SOURCES = 4;
const SHOWN_BESIDE_TEAMS = 3;
const SHOWN_SOURCES_BESIDE_TEAMS = 1;
const rowsOf = ({ teams }: Pick<Statement, 'teams'>): number => (teams.length === 0 ? SHOWN : SHOWN_BESIDE_TEAMS);
/** Classes that say that nothing is said. */
const unclear = ['unknown', 'hosted'];

export function whereItCameFrom(statement: Statement, words: Words): Markup | null {
  const { usage, classes, queries } = statement;
  if (usage === null) return null;
  const { usage: texts } = words.texts;
  const [largest] = classes;
  return section(
    texts.where,
    largest === undefined
      ? null
      : html`<p>${texts.most(words.className(largest.value), words.percent(largest.bytes, usage.bytes))}</p>`,
    html`<h3>${texts.byDay}${from(queries.days)}</h3>`,
    daysChart(statement, words),
    table({
      caption: texts.kinds,
      source: from(queries.classes),
      columns: [
        { title: texts.kind },
        { title: texts.requests, number: true },
        { title: texts.bytes, number: true },
        { title: words.texts.percentOfBytes, number: true },
      ],
      rows: shortened(classes, rowsOf(statement), words, (row) => words.className(row.value)).map(([name, row]) => [
        name,
        words.count(row.requests),
        bytesCell(row.bytes, words),
        html`${words.percent(row.bytes, usage.bytes)}${bar(row.bytes, usage.bytes)}`,
      ]),
    }),
    html`<div class="columns">${ecosystems(statement, usage, words)}${packages(statement, usage, words)}</div>`,
    teams(statement, words),
    explanation(statement, words),
  );
}

/** The first rows with their names; all others as one row, if they are several. */
function shortened<Row extends UsageBy>(
  rows: readonly Row[],
  shown: number,
  words: Words,
  nameOf: (row: Row) => Child,
): [name: Child, row: Pick<Row, 'requests' | 'bytes'>][] {
  if (rows.length <= shown + 1) return rows.map((row) => [nameOf(row), row]);
  const rest = rows.slice(shown);
  return [
    ...rows.slice(0, shown).map((row): [Child, Row] => [nameOf(row), row]),
    [
      words.texts.usage.others(words.count(rest.length)),
      { requests: sumOf(rest, 'requests'), bytes: sumOf(rest, 'bytes') },
    ],
  ];
}

function daysChart({ days, period, versions }: Statement, words: Words): Markup {
  const { usage: texts } = words.texts;
  const categories = daysOf(period);
  const ofDay = new Map(days.map((row) => [row.value, row]));
  const value = (day: string, measure: keyof Pick<FamilyUsageBy, 'bytes' | 'billable_bytes'>) =>
    ofDay.get(day)?.[measure] ?? 0n;
  return dayChart(
    {
      label: texts.dayLabel,
      categories: categories.map((day) => String(Number(day.slice(8)))),
      series: [
        {
          name: texts.mayBeBilled,
          color: '--attributed',
          values: categories.map((day) => value(day, 'billable_bytes')),
        },
        {
          name: texts.neverBilled,
          color: '--platform',
          values: categories.map((day) => value(day, 'bytes') - value(day, 'billable_bytes')),
        },
      ],
      methodology_from: versions.methodology_from,
    },
    words,
  );
}

const ecosystems = ({ ecosystems: rows, teams: own, queries }: Statement, whole: UsageSum, words: Words): Markup =>
  table({
    caption: words.texts.usage.ecosystems,
    source: from(queries.ecosystems),
    columns: [
      { title: words.texts.usage.ecosystem },
      { title: words.texts.usage.bytes, number: true },
      { title: words.texts.percentOfBytes, number: true },
    ],
    rows: shortened(rows, rowsOf({ teams: own }), words, ({ value }) => value).map(([name, row]) => [
      name,
      bytesCell(row.bytes, words),
      words.percent(row.bytes, whole.bytes),
    ]),
  });

const packages = ({ packages: rows, teams: own, queries }: Statement, whole: UsageSum, words: Words): Markup =>
  table({
    caption: words.texts.usage.packages,
    source: from(queries.packages),
    columns: [
      { title: words.texts.usage.package },
      { title: words.texts.usage.bytes, number: true },
      { title: words.texts.percentOfBytes, number: true },
    ],
    rows: rows
      .slice(0, rowsOf({ teams: own }))
      .map((row) => [nameCell(row.package), bytesCell(row.bytes, words), words.percent(row.bytes, whole.bytes)]),
  });
type UsageSum = Pick<FamilyUsageBy, 'bytes'>;

/** So that a company can split its bill; nothing where no usage carried a token. */
function teams({ teams: rows, queries, funding }: Statement, words: Words): Markup | null {
  if (rows.length === 0) return null;
  const shown = rows.length <= SHOWN_BESIDE_TEAMS + 1 ? rows : rows.slice(0, SHOWN_BESIDE_TEAMS);
  const rest = rows.slice(shown.length);
  const restCents = rest.reduce((sum, { billed_cents }) => sum + billed_cents, 0n);
  const { usage: texts } = words.texts;
  const others = { name: texts.others(words.count(rest.length)), requests: sumOf(rest, 'requests'), bytes: sumOf(rest, 'bytes'), billed_cents: restCents }; // prettier-ignore
  return teamTable(
    [...shown.map((row) => ({ ...row, name: teamName(row.value, words) })), ...(rest.length > 0 ? [others] : [])],
    { source: from(queries.teams), currency: funding.currency },
    words,
  );
}

/** For the annex: all teams, if the second page has not all of them. */
export const allTeams = ({ teams: rows, queries, funding }: Statement, words: Words): Markup | null =>
  rows.length <= SHOWN_BESIDE_TEAMS + 1
    ? null
    : teamTable(
        rows.map((row) => ({ ...row, name: teamName(row.value, words) })),
        { source: from(queries.teams), currency: funding.currency },
        words,
      );

function teamName(team: string, words: Words): Child {
  if (team === '') return words.texts.usage.noToken;
  return team === '(unnamed)' ? words.texts.usage.unnamedToken : nameCell(team);
}

const teamTable = (
  rows: readonly (Pick<TeamUsage, 'requests' | 'bytes' | 'billed_cents'> & { readonly name: Child })[],
  { source, currency }: { readonly source: Markup; readonly currency: string },
  words: Words,
): Markup =>
  table({
    caption: words.texts.usage.teams,
    source,
    columns: [
      { title: words.texts.usage.team },
      { title: words.texts.usage.requests, number: true },
      { title: words.texts.usage.bytes, number: true },
      { title: words.texts.usage.teamCost(currency), number: true },
    ],
    rows: rows.map((row) => [
      row.name,
      words.count(row.requests),
      bytesCell(row.bytes, words),
      words.cents(row.billed_cents, currency),
    ]),
  });

/** The largest class: what it means, whence it came, what would change it. */
const explanation = (statement: Statement, words: Words): Markup | null => {
  const [largest] = statement.classes;
  return largest === undefined
    ? null
    : explained(statement, largest, words.texts.usage.largest(words.className(largest.value)), words);
};

/** For the annex: the other classes that say that nothing is said. */
export const unclearClasses = (statement: Statement, words: Words): Markup[] =>
  statement.classes
    .filter(({ value, bytes }, rank) => rank > 0 && unclear.includes(value) && bytes > 0n)
    .map((row) => explained(statement, row, words.texts.usage.alsoUnclear(words.className(row.value)), words));

function explained(
  { sources, teams: teamRows, queries }: Statement,
  row: UsageBy,
  heading: string,
  words: Words,
): Markup {
  const { usage: texts } = words.texts;
  const [meaning, change] = [texts.meaning[row.value], texts.change[row.value]];
  const ofClass = sources.filter((source) => source.requester_class === row.value);
  const shown = ofClass.slice(0, teamRows.length === 0 ? SHOWN_SOURCES : SHOWN_SOURCES_BESIDE_TEAMS);
  return html`<div class="explained">
    <h3>${heading}</h3>
    ${meaning === undefined ? null : html`<p>${meaning}</p>`}
    ${
      shown.length === 0
        ? null
        : table({
            caption: texts.sources,
            source: from(queries.sources),
            columns: [
              { title: texts.client },
              { title: texts.rule },
              { title: texts.bytes, number: true },
              { title: texts.ofClass, number: true },
            ],
            rows: shown.map((source) => [
              clientCell(source.client, words),
              named(texts.rules, source.rule_id),
              bytesCell(source.bytes, words),
              words.percent(source.bytes, row.bytes),
            ]),
          })
    }
    ${change === undefined ? null : html`<p><strong>${texts.whatWouldChange}</strong> ${change}</p>`}
  </div>`;
}

export function whatWouldLowerIt({ usage, classes, evidence, queries }: Statement, words: Words): Markup | null {
  if (usage === null) return null;
  const { usage: texts } = words.texts;
  const bytesOf = (rows: readonly UsageBy[], names: readonly string[]) =>
    sumOf(
      rows.filter(({ value }) => names.includes(value)),
      'bytes',
    );
  const undeclared = bytesOf(classes, unclear);
  const item = (name: string, text: string, source: Markup) => html`<li><strong>${name}</strong> ${text}${source}</li>`;
  return section(
    texts.lower,
    html`<ul class="advice">
      ${item(
        texts.caching,
        usage.repeat_downloads === 0n
          ? texts.noRepeats
          : texts.cachingText(
              words.count(usage.repeat_downloads),
              words.count(usage.downloads),
              words.percent(usage.repeat_downloads, usage.downloads),
              words.bytes(usage.repeat_bytes),
              words.percent(usage.repeat_bytes, usage.bytes),
            ),
        from(queries.usage),
      )}
      ${item(
        texts.declare,
        undeclared === 0n ? texts.declared : texts.declareText(words.percent(undeclared, usage.bytes)),
        from(queries.classes),
      )}
      ${item(
        texts.tokens,
        texts.tokensText(words.percent(bytesOf(evidence, ['E1']), usage.bytes)),
        from(queries.evidence),
      )}
    </ul>`,
  );
}

/** A sentence and a bar. The annex has the figures. */
export function howSureItIs({ intervals, totals, queries }: Statement, words: Words): Markup {
  const { usage: texts } = words.texts;
  const row = wholeFamily(intervals);
  const missing = texts.missing(words.percent(totals.bytes - totals.attributed_bytes, totals.bytes));
  const units = (bound: 'low' | 'high' | 'attributed') => words.rational(row!.units[bound], 2);
  // Hundredths of a unit, so that a bar of a small company is not empty.
  const hundredths = (bound: 'low' | 'high' | 'attributed') => (row!.units[bound].num * 100n) / row!.units[bound].den;
  return section(
    texts.sure,
    row === undefined
      ? html`<p>${intervals.draws === 0 ? texts.oldRun : texts.noneAttributed} ${missing}</p>`
      : html`<p>
            ${isPoint(row) ? texts.certain : texts.between(units('low'), units('high'), units('attributed'))}
            ${isPoint(row) ? null : texts.unit} ${missing}${from(queries.intervals)}
          </p>
          ${rangeBar(
            texts.range(units('low'), units('high')),
            hundredths('low'),
            hundredths('high'),
            hundredths('attributed'),
          )}`,
  );
}
