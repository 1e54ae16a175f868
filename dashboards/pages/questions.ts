// Questions: a reader's own SQL, with the schema beside it. The statement runs with the reader's rights and limits.

import { html, nameCell, section, table, type Child } from '../report/markup.ts';
import { addressOf, choice, pageQuery, text, type Answers, type Page, type PageQuery, type Row } from './page.ts';

/** Rows that the page shows; a download has all. */
const SHOWN = 1000;

const examples = (): PageQuery[] => [
  pageQuery('pages/example_weeks.sql', 'Downloads by week', {}),
  pageQuery('pages/example_shares.sql', 'Shares of kinds of programs', {}),
  pageQuery('pages/example_risers.sql', 'Packages that rise', {}),
];

export const questions: Page = {
  name: 'questions',
  title: 'Questions',
  plan(_range, address) {
    const sql = queryIn(address);
    return {
      schema: pageQuery('pages/schema.sql', 'Columns of all views', {}),
      ...(sql === '' ? {} : { answer: { title: 'The question', file: '', parameters: {}, sql } }),
    };
  },
  render(answers, _range, address) {
    const sql = queryIn(address);
    return [
      html`<form class="question" action="/pages/questions" method="get">
        <label for="query">SQL, read-only, over the views below</label>
        <textarea id="query" name="query" rows="10" spellcheck="false" required="required">${sql}</textarea>
        <button>Ask</button>
      </form> `,
      choice(
        'Examples',
        examples().map(({ title, sql: query }) => ({
          title,
          href: addressOf('questions', { query }),
          current: query === sql,
        })),
      ),
      sql === '' ? null : result(answers.rowsOf('answer'), sql),
      schema(answers),
    ];
  },
};

const queryIn = (address: URLSearchParams): string => (address.get('query') ?? '').trim();

function result(rows: readonly Row[], sql: string): Child {
  const columns = Object.keys(rows[0] ?? {});
  const isNumber = (name: string) =>
    rows.every((row) => row[name] === null || /^-?\d+(?:\.\d+)?$/.test(text(row[name])));
  const download = (format: string) => `/?${new URLSearchParams({ query: sql, default_format: format }).toString()}`;
  return section(
    'Answer',
    html`<p>
      ${rows.length >= SHOWN ? `The first ${SHOWN} rows. ` : `${rows.length} rows. `} All rows as
      <a href="${download('CSVWithNames')}" download="answer.csv">CSV</a>,
      <a href="${download('JSON')}" download="answer.json">JSON</a> or
      <a href="${download('Parquet')}" download="answer.parquet">Parquet</a>.
    </p>`,
    table({
      caption: 'Answer',
      columns: columns.map((title) => ({ title, number: isNumber(title) })),
      rows: rows.slice(0, SHOWN).map((row) =>
        columns.map((name) => {
          const value = row[name];
          if (value === null) return html`<span class="note">NULL</span>`;
          return typeof value === 'object' ? JSON.stringify(value) : nameCell(text(value));
        }),
      ),
      empty: 'No rows.',
    }),
  );
}

function schema(answers: Answers): Child {
  const tables = new Map<string, Row[]>();
  for (const row of answers.rowsOf('schema'))
    tables.set(text(row.table), [...(tables.get(text(row.table)) ?? []), row]);
  return section(
    'Views',
    [...tables].map(
      ([name, columns]) =>
        html`<details>
          <summary>${nameCell(name)} <span class="note">${columns.length} columns</span></summary>
          ${table({
            caption: `Columns of ${name}`,
            columns: [{ title: 'Column' }, { title: 'Type' }, { title: 'What it says' }],
            rows: columns.map((row) => [
              nameCell(text(row.name)),
              html`<span class="id">${text(row.type)}</span>`,
              text(row.comment),
            ]),
          })}
        </details> `,
    ),
  );
}
