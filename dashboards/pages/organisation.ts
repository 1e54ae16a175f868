// Organisation: its usage, what it could save, what proves that the usage is its own, and what months allocate to its family.

import { keyFigures } from '../report/document.ts';
import { bytesCell, html, nameCell, section, table, type Child } from '../report/markup.ts';
import { english } from '../report/texts/words.ts';
import {
  addressOf,
  big,
  choice,
  pageQuery,
  source,
  text,
  type Answers,
  type Page,
  type Plan,
  type Range,
} from './page.ts';
import { chartOfDays, daysOf } from './series.ts';

const dimensions = {
  requester_class: 'kind of program',
  ecosystem: 'ecosystem',
  client: 'client',
  tier: 'evidence',
} as const;
type Dimension = keyof typeof dimensions;
const dimensionIn = (address: URLSearchParams): Dimension =>
  (Object.keys(dimensions) as Dimension[]).find((one) => one === address.get('by')) ?? 'requester_class';

export const organisation: Page = {
  name: 'organisation',
  title: 'Organisation',
  plan({ from, to }, address): Plan {
    const days = { from, to };
    const org = address.get('org') ?? '';
    const list = pageQuery('pages/organisations.sql', 'Organisations', {
      ...days,
      text: org === '' ? (address.get('q') ?? '') : org,
    });
    if (org === '') return { list };
    const by = (dimension: Dimension) => pageQuery('pages/organisation_by.sql', `Usage by ${dimensions[dimension]}`, { ...days, org, dimension }); // prettier-ignore
    return {
      list,
      days: pageQuery('pages/days.sql', 'Sealed days', days),
      usage: by(dimensionIn(address)),
      classes: by('requester_class'),
      evidence: by('tier'),
      packages: pageQuery('pages/organisation_packages.sql', 'Packages with most bytes', { ...days, org }),
      months: pageQuery('pages/organisation_months.sql', 'What months allocate to its family', { org }),
    };
  },
  render(answers, range, address) {
    const org = address.get('org') ?? '';
    return [
      html`<form class="search" action="/pages/organisation" method="get" role="search">
        <label
          >Organisation <input type="search" name="q" value="${address.get('q') ?? ''}" autocomplete="off"
        /></label>
        <input type="hidden" name="from" value="${range.from}" /><input type="hidden" name="to" value="${range.to}" />
        <button>Search</button>
      </form>`,
      org === '' ? list(answers, range) : one(answers, range, address, org),
    ];
  },
};

const list = (answers: Answers, range: Range): Child =>
  table({
    caption: 'Organisations with usage in these days',
    source: source(answers.queryOf('list')),
    columns: [{ title: 'Organisation' }, { title: 'Family' }, { title: 'Requests', number: true }, { title: 'Bytes', number: true }, { title: 'A cache would save, at most', number: true }], // prettier-ignore
    rows: answers
      .rowsOf('list')
      .map((row) => [
        html`<a href="${addressOf('organisation', { ...range, org: text(row.org_id) })}"
          >${nameCell(text(row.name))}</a
        >`,
        text(row.family_id),
        english.count(big(row.requests)),
        bytesCell(big(row.bytes), english),
        english.percent(big(row.repeat_bytes), big(row.bytes)),
      ]),
    empty: 'None: no usage of these days is attributed to an organisation of this name.',
  });

function one(answers: Answers, range: Range, address: URLSearchParams, org: string): Child {
  const [found] = answers.rowsOf('list').filter((row) => row.org_id === org);
  if (found === undefined) return html`<p class="problem">No usage of these days is attributed to ${org}.</p>`;
  const dimension = dimensionIn(address);
  const days = daysOf(range.from, range.to, answers.rowsOf('days'));
  return [
    html`<h2>${text(found.name)} <span class="id">${org}</span></h2>`,
    keyFigures([
      { title: 'Requests', figure: english.count(big(found.requests)) },
      { title: 'Bytes sent', figure: bytesCell(big(found.bytes), english) },
      { title: 'A cache would save, at most', figure: bytesCell(big(found.repeat_bytes), english), note: english.percent(big(found.repeat_bytes), big(found.bytes)) }, // prettier-ignore
      { title: 'Family', figure: text(found.family_id) },
    ]),
    section(
      'Over time',
      choice(
        'By',
        (Object.keys(dimensions) as Dimension[]).map((by) => ({
          title: dimensions[by],
          href: addressOf('organisation', { ...range, org, by }),
          current: by === dimension,
        })),
      ),
      chartOfDays(
        `Bytes of ${org} by day and ${dimensions[dimension]}`,
        answers.rowsOf('usage'),
        days,
        'bytes',
        dimension === 'requester_class' ? english.className : (value) => value || 'not known',
      ),
      source(answers.queryOf('usage')),
    ),
    sums(answers, 'evidence', 'What proves that it is its own', 'Evidence', (tier) => tier),
    sums(answers, 'classes', 'By kind of program', 'Kind', english.className),
    section(
      'Packages',
      table({
        caption: 'Packages with most bytes',
        source: source(answers.queryOf('packages')),
        columns: [{ title: 'Package' }, { title: 'Ecosystem' }, { title: 'Downloads', number: true }, { title: 'Bytes', number: true }, { title: 'Repeated', number: true }], // prettier-ignore
        rows: answers.rowsOf('packages').map((row) => [
          html`<a href="${addressOf('package', { from: range.from, to: range.to, package: `${text(row.ecosystem)}/${text(row.package)}` })}">${nameCell(text(row.package))}</a>`, // prettier-ignore
          text(row.ecosystem),
          english.count(big(row.downloads)),
          bytesCell(big(row.bytes), english),
          english.percent(big(row.repeat_bytes), big(row.bytes)),
        ]),
      }),
    ),
    months(answers),
  ];
}

function sums(answers: Answers, name: string, title: string, column: string, nameOf: (value: string) => string): Child {
  const of = new Map<string, { requests: bigint; bytes: bigint }>();
  for (const row of answers.rowsOf(name)) {
    const sum = of.get(text(row.value)) ?? { requests: 0n, bytes: 0n };
    sum.requests += big(row.requests);
    sum.bytes += big(row.bytes);
    of.set(text(row.value), sum);
  }
  const all = [...of.values()].reduce((sum, { bytes }) => sum + bytes, 0n);
  return section(
    title,
    table({
      caption: title,
      source: source(answers.queryOf(name)),
      columns: [{ title: column }, { title: 'Requests', number: true }, { title: 'Bytes', number: true }, { title: 'Share', number: true }], // prettier-ignore
      rows: [...of]
        .sort(([, a], [, b]) => (a.bytes < b.bytes ? 1 : -1))
        .map(([value, { requests, bytes }]) => [nameOf(value), english.count(requests), bytesCell(bytes, english), english.percent(bytes, all)]), // prettier-ignore
    }),
  );
}

const months = (answers: Answers): Child =>
  section(
    'Months',
    html`<p>
      What the last run of each month allocates to the family. A month is open until it is closed: its amount may
      change, and nothing is due.
    </p>`,
    table({
      caption: 'Allocated to its family',
      source: source(answers.queryOf('months')),
      columns: [{ title: 'Month' }, { title: 'State' }, { title: 'Amount', number: true }, { title: 'Rule' }, { title: 'Bytes attributed', number: true }, { title: '90 % interval', number: true }], // prettier-ignore
      rows: answers
        .rowsOf('months')
        .map((row) => [
          english.month(text(row.period)),
          text(row.status),
          english.money(big(row.billed_cents), text(row.currency)),
          text(row.rule),
          bytesCell(big(row.bytes_attributed), english),
          `${english.bytes(big(row.bytes_low))} to ${english.bytes(big(row.bytes_high))}`,
        ]),
      empty: 'No month is allocated to it.',
    }),
  );
