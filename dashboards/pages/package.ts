// Package: who downloads it, by what, with and without mirrors, bots and CI; several side by side.

import { html, nameCell, section, table, type Child } from '../report/markup.ts';
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
  version: 'Version',
  requester_class: 'Kind of program',
  client: 'Client',
  runtime: 'Runtime',
  os: 'System',
  country: 'Country',
} as const;
const audiences = { mirrors: 'mirror', bots: 'bot', ci: 'ci' } as const;
type Switch = keyof typeof audiences;
/** Packages that are compared. */
const MOST = 5;

/** 'npm/@scope/name' → its ecosystem and its name */
const partsOf = (named: string): { ecosystem: string; package: string } => {
  const slash = named.indexOf('/');
  return { ecosystem: named.slice(0, slash), package: named.slice(slash + 1) };
};
const namedIn = (address: URLSearchParams): string[] =>
  address
    .getAll('package')
    .filter((name) => /^[^/]+\/./.test(name))
    .slice(0, MOST);
const without = (address: URLSearchParams): Switch[] =>
  (Object.keys(audiences) as Switch[]).filter((one) => address.get(one) === '0');
const parametersOf = (address: URLSearchParams, change: Readonly<Record<string, string>> = {}) => ({
  package: namedIn(address),
  ...Object.fromEntries(without(address).map((one) => [one, '0'])),
  ...change,
});

export const packagePage: Page = {
  name: 'package',
  title: 'Package',
  plan({ from, to }, address): Plan {
    const packages = namedIn(address);
    const search = (address.get('q') ?? '').trim();
    const days = { from, to };
    const plan: Record<string, Plan[string]> = { days: pageQuery('pages/days.sql', 'Sealed days', days) };
    if (search !== '')
      plan.found = pageQuery('pages/package_search.sql', 'Packages by name', { ...days, text: search });
    const left = without(address).map((one) => audiences[one]);
    packages.forEach((named, at) => {
      const of = { ...days, ...partsOf(named), without: left };
      plan[`days ${at}`] = pageQuery('pages/package_days.sql', `Downloads of ${named} by day`, of);
    });
    if (packages.length === 1) {
      const of = { ...days, ...partsOf(packages[0]), without: left };
      for (const [dimension, title] of Object.entries(dimensions))
        plan[dimension] = pageQuery('pages/package_by.sql', `Downloads by ${title.toLowerCase()}`, {
          ...of,
          dimension,
        });
      plan.networks = pageQuery('pages/package_networks.sql', 'Distinct networks', {
        ...days,
        ...partsOf(packages[0]),
      });
    }
    return plan;
  },
  render(answers, range, address) {
    const packages = namedIn(address);
    return [
      searchForm(range, address),
      address.get('q') ? found(answers, range, address) : null,
      packages.length === 0
        ? html`<p>
            Search for a package, or choose one on the <a href="${addressOf('overview', { ...range })}">overview</a>.
          </p>`
        : [
            switches(range, address),
            chart(answers, range, packages),
            packages.length === 1 ? details(answers) : totals(answers, packages),
          ],
    ];
  },
};

const searchForm = (range: Range, address: URLSearchParams): Child =>
  html`<form class="search" action="/pages/package" method="get" role="search">
    <label>Package <input type="search" name="q" value="${address.get('q') ?? ''}" autocomplete="off" /></label>
    <input type="hidden" name="from" value="${range.from}" /><input type="hidden" name="to" value="${range.to}" />
    ${namedIn(address).map((one) => html`<input type="hidden" name="package" value="${one}" />`)}
    <button>Search</button>
  </form> `;

const found = (answers: Answers, range: Range, address: URLSearchParams): Child =>
  table({
    caption: 'Packages found',
    source: source(answers.queryOf('found')),
    columns: [{ title: 'Package' }, { title: 'Ecosystem' }, { title: 'Downloads', number: true }, { title: 'Compare' }],
    rows: answers.rowsOf('found').map((row) => {
      const named = `${text(row.ecosystem)}/${text(row.package)}`;
      const compared = [...namedIn(address).filter((one) => one !== named), named];
      return [
        html`<a href="${addressOf('package', { ...range, package: named })}">${nameCell(text(row.package))}</a>`,
        text(row.ecosystem),
        english.count(big(row.downloads)),
        compared.length > 1 && compared.length <= MOST
          ? html`<a href="${addressOf('package', { ...range, ...parametersOf(address), package: compared })}"
              >beside the others</a
            >`
          : null,
      ];
    }),
    empty: 'No package of these days has this in its name.',
  });

const switches = (range: Range, address: URLSearchParams): Child =>
  (Object.keys(audiences) as Switch[]).map((one) => {
    const isOut = address.get(one) === '0';
    const at = (value: string) => addressOf('package', { ...range, ...parametersOf(address, { [one]: value }) });
    return choice(one === 'ci' ? 'CI' : one, [
      { title: 'with', href: at(''), current: !isOut },
      { title: 'without', href: at('0'), current: isOut },
    ]);
  });

function chart(answers: Answers, range: Range, packages: readonly string[]): Child {
  const rows = packages.flatMap((value, at) => answers.rowsOf(`days ${at}`).map((row) => ({ ...row, value })));
  const days = daysOf(range.from, range.to, answers.rowsOf('days'));
  return section(
    packages.join(', '),
    chartOfDays(`Downloads by day: ${packages.join(', ')}`, rows, days, 'downloads', (value) => value),
    packages.map((_, at) => source(answers.queryOf(`days ${at}`))),
  );
}

const sumOf = (answers: Answers, name: string): bigint =>
  answers.rowsOf(name).reduce((sum, row) => sum + big(row.downloads), 0n);

const totals = (answers: Answers, packages: readonly string[]): Child =>
  table({
    caption: 'Downloads in these days',
    columns: [{ title: 'Package' }, { title: 'Downloads', number: true }],
    rows: packages.map((name, at) => [nameCell(name), english.count(sumOf(answers, `days ${at}`))]),
  });

function details(answers: Answers): Child {
  const all = sumOf(answers, 'days 0');
  return html`<p>
      Downloads: <strong>${english.count(all)}</strong>. Distinct networks:
      ${answers.rowsOf('networks').map((row) => html`${english.month(text(row.month).slice(0, 7))} about ${english.count(big(row.networks))}; `)}
      ${answers.rowsOf('networks').length === 0 ? 'not recorded for these days.' : 'of all audiences, within about 2 %.'}
    </p>
    <div class="columns">
      ${Object.entries(dimensions).map(([dimension, title]) =>
        section(
          title,
          table({
            caption: `Downloads by ${title.toLowerCase()}`,
            source: source(answers.queryOf(dimension)),
            columns: [{ title }, { title: 'Downloads', number: true }, { title: 'Share', number: true }],
            rows: answers
              .rowsOf(dimension)
              .map((row) => [
                row.value === ''
                  ? 'not said'
                  : dimension === 'requester_class'
                    ? english.className(text(row.value))
                    : nameCell(text(row.value)),
                english.count(big(row.downloads)),
                english.percent(big(row.downloads), all),
              ]),
            empty: 'No downloads in these days.',
          }),
        ),
      )}
    </div> `;
}
