// Overview: how much was used, by whom, and what changed.

import { addDays } from '../../transform/periods.ts';
import { keyFigures } from '../report/document.ts';
import { bytesCell, html, nameCell, section, table, type Child } from '../report/markup.ts';
import { english } from '../report/texts/words.ts';
import { addressOf, big, choice, pageQuery, source, text, type Answers, type Page, type Range } from './page.ts';
import { chartOfDays, daysOf, eachDay, measures } from './series.ts';
import { HOW_MEASURED, mostUnusual, unusualSentence } from './unusual.ts';
import { type Measure } from '../report/charts.ts';

const dimensions = { requester_class: 'kind of program', ecosystem: 'ecosystem', client: 'client' } as const;
type Dimension = keyof typeof dimensions;

const dimensionIn = (address: URLSearchParams): Dimension =>
  (Object.keys(dimensions) as Dimension[]).find((one) => one === address.get('by')) ?? 'requester_class';
const measureIn = (address: URLSearchParams): Measure =>
  measures.find((one) => one === address.get('measure')) ?? 'bytes';

export const overview: Page = {
  name: 'overview',
  title: 'Overview',
  byEcosystem: true,
  plan(range, address) {
    const days = { from: range.from, to: range.to };
    const by = (dimension: Dimension) => pageQuery('pages/usage_by.sql', `Usage by ${dimensions[dimension]}`, { ...range, dimension }); // prettier-ignore
    return {
      days: pageQuery('pages/days.sql', 'Sealed days', days),
      usage: by(dimensionIn(address)),
      classes: by('requester_class'),
      identities: pageQuery('pages/identities.sql', 'AI agents and search bots, and what proves their names', days),
      unattributed: pageQuery('pages/unattributed.sql', 'Who answers for the usage', days),
      packages: pageQuery('pages/top_packages.sql', 'Packages with most bytes', { ...range }),
    };
  },
  render(answers, range, address) {
    const classes = answers.rowsOf('classes');
    const days = daysOf(range.from, range.to, answers.rowsOf('days'));
    const sealed = days.days.filter((day) => days.methodologies.has(day));
    const sum = (measure: Measure): bigint => classes.reduce((all, row) => all + big(row[measure]), 0n);
    const dimension = dimensionIn(address);
    const measure = measureIn(address);
    const at = (by: Dimension, what: Measure) => addressOf('overview', { ...range, by, measure: what });
    const change = mostUnusual(
      classes.map((row) => ({
        day: text(row.day),
        requester_class: text(row.value),
        requests: big(row.requests),
        downloads: big(row.downloads),
        bytes: big(row.bytes),
      })),
      days.methodologies,
    );
    return [
      html`<p class="lead">${unusualSentence(change)}</p>
        <details>
          <summary>How this is measured</summary>
          <p class="note">${HOW_MEASURED}</p>
        </details>`,
      keyFigures([
        { title: 'Requests', figure: english.count(sum('requests')) },
        { title: 'Downloads', figure: english.count(sum('downloads')) },
        { title: 'Bytes sent', figure: bytesCell(sum('bytes'), english) },
        { title: 'Days', figure: String(days.days.length), note: `${sealed.length} of them sealed` },
      ]),
      section(
        'Over time',
        choice(
          'Show',
          measures.map((one) => ({ title: one, href: at(dimension, one), current: one === measure })),
        ),
        choice(
          'by',
          (Object.keys(dimensions) as Dimension[]).map((one) => ({
            title: dimensions[one],
            href: at(one, measure),
            current: one === dimension,
          })),
        ),
        chartOfDays(
          `${measure} by day and ${dimensions[dimension]}`,
          answers.rowsOf('usage'),
          days,
          measure,
          dimension === 'requester_class' ? english.className : (value) => value || 'not known',
        ),
        source(answers.queryOf('usage')),
      ),
      classTable(answers, sealed),
      identityTable(answers),
      unattributedTable(answers),
      packageTable(answers, range),
    ];
  },
};

function classTable(answers: Answers, sealed: readonly string[]): Child {
  const rows = answers.rowsOf('classes');
  // The last seven days and the seven before, by the calendar: a day that is not sealed leaves no weeks to compare.
  const last = sealed.at(-1);
  const weeks = last === undefined ? [] : [0, 7].map((back) => eachDay(addDays(last, -back - 6), addDays(last, -back)));
  const of = new Map<string, { requests: bigint; downloads: bigint; bytes: bigint; weeks: [bigint, bigint] }>();
  for (const row of rows) {
    const sum = of.get(text(row.value)) ?? {
      requests: 0n,
      downloads: 0n,
      bytes: 0n,
      weeks: [0n, 0n] as [bigint, bigint],
    };
    sum.requests += big(row.requests);
    sum.downloads += big(row.downloads);
    sum.bytes += big(row.bytes);
    const at = weeks.findIndex((week) => week.includes(text(row.day)));
    if (at >= 0) sum.weeks[at] += big(row.bytes);
    of.set(text(row.value), sum);
  }
  const all = [...of.values()].reduce((sum, { bytes }) => sum + bytes, 0n);
  const hasWeeks = weeks.length > 0 && weeks.flat().every((day) => sealed.includes(day));
  return section(
    'By kind of program',
    table({
      caption: 'Usage by kind of program',
      source: source(answers.queryOf('classes')),
      columns: ['Kind', 'Requests', 'Downloads', 'Bytes', 'Share of bytes', 'Week over week'].map((title, index) => ({ title, number: index > 0 })), // prettier-ignore
      rows: [...of]
        .sort(([, a], [, b]) => (a.bytes < b.bytes ? 1 : -1))
        .map(([value, sum]) => [
          english.className(value),
          english.count(sum.requests),
          english.count(sum.downloads),
          bytesCell(sum.bytes, english),
          english.percent(sum.bytes, all),
          hasWeeks && sum.weeks[1] > 0n ? signed(((sum.weeks[0] - sum.weeks[1]) * 1000n) / sum.weeks[1]) : 'not known',
        ]),
    }),
  );
}

/** @param tenths of a percent */
const signed = (tenths: bigint): string => `${tenths < 0n ? '−' : '+'}${Math.abs(Number(tenths)) / 10} %`;

function identityTable(answers: Answers): Child {
  const words: Readonly<Record<string, string>> = {
    signed: 'signed by its operator',
    ip_verified: 'its operator’s address',
    claimed: 'claimed only',
    contradicted: 'contradicted: another’s address',
    none: 'no name claimed',
  };
  return section(
    'AI agents and search bots',
    table({
      caption: 'What proves their names',
      source: source(answers.queryOf('identities')),
      columns: [
        { title: 'Kind' },
        { title: 'Name is' },
        { title: 'Requests', number: true },
        { title: 'Bytes', number: true },
      ],
      rows: answers
        .rowsOf('identities')
        .map((row) => [
          english.className(text(row.requester_class)),
          words[text(row.identity)] ?? text(row.identity),
          english.count(big(row.requests)),
          bytesCell(big(row.bytes), english),
        ]),
      empty: 'None in these days.',
    }),
  );
}

function unattributedTable(answers: Answers): Child {
  const rows = answers.rowsOf('unattributed');
  const all = rows.reduce((sum, row) => sum + big(row.bytes), 0n);
  return section(
    'Who answers',
    table({
      caption: 'Usage with and without an organisation that answers for it',
      source: source(answers.queryOf('unattributed')),
      columns: [{ title: 'Answer' }, { title: 'Platform' }, { title: 'Requests', number: true }, { title: 'Bytes', number: true }, { title: 'Share', number: true }], // prettier-ignore
      rows: rows.map((row) => [
        row.unattributed === '' ? 'An organisation answers' : english.reasonName(text(row.unattributed)),
        text(row.platform),
        english.count(big(row.requests)),
        bytesCell(big(row.bytes), english),
        english.percent(big(row.bytes), all),
      ]),
    }),
  );
}

const packageTable = (answers: Answers, range: Range): Child =>
  section(
    'Packages',
    table({
      caption: 'Packages with most bytes',
      source: source(answers.queryOf('packages')),
      columns: [{ title: 'Package' }, { title: 'Ecosystem' }, { title: 'Requests', number: true }, { title: 'Downloads', number: true }, { title: 'Bytes', number: true }], // prettier-ignore
      rows: answers.rowsOf('packages').map((row) => [
        html`<a href="${addressOf('package', { from: range.from, to: range.to, package: `${text(row.ecosystem)}/${text(row.package)}` })}">${nameCell(text(row.package))}</a>`, // prettier-ignore
        text(row.ecosystem),
        english.count(big(row.requests)),
        english.count(big(row.downloads)),
        bytesCell(big(row.bytes), english),
      ]),
    }),
  );
