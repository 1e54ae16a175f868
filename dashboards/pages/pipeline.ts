// Pipeline: what is loaded, what is sealed, and what could not be counted.

import { bytesCell, html, section, table } from '../report/markup.ts';
import { english } from '../report/texts/words.ts';
import { big, pageQuery, source, text, type Page } from './page.ts';
import { eachDay } from './series.ts';

export const pipeline: Page = {
  name: 'pipeline',
  title: 'Pipeline',
  plan({ from, to }) {
    const days = { from, to };
    return {
      loaded: pageQuery('pages/loaded.sql', 'What is loaded', {}),
      days: pageQuery('pages/days.sql', 'Sealed days', days),
      reasons: pageQuery('pages/reasons.sql', 'Lines that were not counted', days),
    };
  },
  render(answers, { from, to }) {
    const sealed = new Map(answers.rowsOf('days').map((row) => [text(row.day), row]));
    return [
      section(
        'Loaded',
        table({
          caption: 'Sources',
          source: source(answers.queryOf('loaded')),
          columns: [{ title: 'Source' }, { title: 'Lines', number: true }, { title: 'Last request' }, { title: 'Complete until' }, { title: 'Last batch loaded' }], // prettier-ignore
          rows: answers
            .rowsOf('loaded')
            .map((row) => [
              text(row.source),
              english.count(big(row.lines)),
              moment(text(row.last_record_at)),
              moment(text(row.complete_until)),
              moment(text(row.loaded_at)),
            ]),
        }),
      ),
      section(
        'Not counted',
        html`<p>
          Lines that a rule excludes, or that could not be read. docs/FORMATS.md names the reasons; the lines themselves
          are no reader’s: <code>fairshare quarantine list</code>.
        </p>`,
        table({
          caption: 'Lines by source and reason',
          source: source(answers.queryOf('reasons')),
          columns: [{ title: 'Source' }, { title: 'Reason' }, { title: 'Lines', number: true }],
          rows: answers
            .rowsOf('reasons')
            .map((row) => [text(row.source), text(row.reason), english.count(big(row.lines))]),
          empty: 'None in these days.',
        }),
      ),
      section(
        'Days',
        html`<p>
          Days that look incomplete, and objects that were refused, are the operator’s:
          <code>fairshare days show</code>.
        </p>`,
        table({
          caption: 'Sealed days',
          source: source(answers.queryOf('days')),
          columns: [{ title: 'Day' }, { title: 'State' }, { title: 'Requests', number: true }, { title: 'Bytes', number: true }, { title: 'Methodology', number: true }], // prettier-ignore
          rows: eachDay(from, to)
            .reverse()
            .map((day) => {
              const row = sealed.get(day);
              if (row === undefined) return [day, 'not sealed', '', '', ''];
              return [
                day,
                `sealed ${moment(text(row.sealed_at))}`,
                english.count(big(row.requests)),
                bytesCell(big(row.bytes), english),
                text(row.methodology_version),
              ];
            }),
        }),
      ),
    ];
  },
};

const moment = (time: string): string => (time === '' ? 'not known' : `${time.slice(0, 16)} UTC`);
