// `make conformance`: classifies a labelled set that is made from templates, with this program and with its peers; and reads the
// recorded jobs of real clients beside what is known of them.
// Usage: tsx scripts/tools/conformance.ts [--json] [--count N] [--seed N]. Exit code 4 if a class is below 0.99, or a job is read wrong.

import { parseArgs } from 'node:util';
import { labelledSet } from '../../bench/conformance/labelled.ts';
import { type CaptureRow, readCaptures } from '../../bench/conformance/captures.ts';
import { measure, type Report } from '../../bench/conformance/measure.ts';
import { type AiScore, aiScores, type FieldScore, fieldScores } from '../../bench/conformance/peers.ts';

const REQUIRED = 0.99;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    count: { type: 'string', default: '180000' },
    seed: { type: 'string', default: '20261122' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];

const share = (value: number): string => value.toFixed(4);
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
};

function textOf(report: Report): string {
  const classes = table([
    ['class', 'labelled', 'precision', 'recall'],
    ...report.classes.map((row) => [row.requesterClass, String(row.labelled), share(row.precision), share(row.recall)]),
  ]);
  const bots = table([
    ['is it a bot?', 'precision', 'recall', 'package managers called bots'],
    ...report.bots.map((row) => [
      row.detector,
      share(row.precision),
      share(row.recall),
      `${row.managersCalledBots} (${(100 * row.managersCalledBotsShare).toFixed(1)} %), ${row.managersHit.length} of ${row.managerClients} clients`,
    ]),
  ]);
  const hits = report.bots
    .filter(({ managersHit }) => managersHit.length > 0)
    .map(({ detector, managersHit }) => `${detector} calls bots: ${managersHit.join(', ')}`);
  return [
    `Labelled set: ${report.userAgents} requests, ${report.distinctUserAgents} distinct user agents, seed ${report.seed}`,
    '',
    classes,
    '',
    `client named right ${share(report.clientAccuracy)}   CI ${share(report.ciAccuracy)}   container ${share(report.containerAccuracy)}`,
    '',
    'The same set before peers. Bots are update bots, scanners, AI agents, search bots and crawlers; package managers, editors,',
    'browsers and container tools are none; bare HTTP libraries, mirrors, coding agents behind a package manager, spoofed and',
    'hostile user agents are left out, since opinions differ about them.',
    '',
    bots,
    ...hits,
    '',
  ].join('\n');
}

/** A column of the table of jobs. A measure of transfers gets its column here, and its truth in captures.ts. */
const captureColumns: readonly (readonly [string, (row: CaptureRow) => string])[] = [
  ['job', ({ job }) => job.split(', ')[0]],
  ['requests', ({ requests }) => String(requests)],
  ['statuses', ({ statuses }) => statuses],
  ['bytes sent (edge)', ({ sent_bytes }) => String(sent_bytes)],
  ['bytes of bodies (combined)', ({ body_bytes }) => String(body_bytes)],
  ['files named', ({ fetched }) => String(fetched)],
  ['client', ({ client }) => client],
  ['CI', ({ ci }) => ci],
  ['as it was', ({ faults }) => (faults.length === 0 ? 'yes' : 'no')],
];

const capturesText = (rows: readonly CaptureRow[]): string =>
  [
    `Recorded jobs of real clients, each read from two logs: ${rows.filter(({ faults }) => faults.length === 0).length} of ${rows.length} as they were`,
    '',
    table([captureColumns.map(([title]) => title), ...rows.map((row) => captureColumns.map(([, text]) => text(row)))]),
    '',
  ].join('\n');

const fieldText = (scores: readonly FieldScore[]): string =>
  [
    'Is it a bot? User agents of the recorded jobs, none of which is one, and of people',
    '',
    table([
      ['detector', 'jobs called bots', 'people called bots', 'clients'],
      ...scores.map(({ detector, jobs, jobsCalledBots, people, peopleCalledBots, clientsHit }) => [
        detector,
        `${jobsCalledBots} of ${jobs}`,
        `${((100 * peopleCalledBots) / people).toFixed(3)} %`,
        clientsHit.join(' '),
      ]),
    ]),
    '',
  ].join('\n');

const aiText = (scores: readonly AiScore[]): string =>
  [
    'AI programs that operators and public lists name, beside other crawlers, by halves (docs/CONFORMANCE.md)',
    '',
    table([
      ['rules', 'half', 'AI', 'others', 'recall', 'precision', 'called bots of any kind'],
      ...scores.flatMap(({ rules, halves }) =>
        halves.map(({ half, ai, others, recall, precision, botRecall }) => [
          rules,
          half,
          String(ai),
          String(others),
          share(recall),
          share(precision),
          share(botRecall),
        ]),
      ),
    ]),
    '',
  ].join('\n');

const PEOPLE = 60_000;

if (!Number.isSafeInteger(count) || count <= 0 || !Number.isSafeInteger(seed)) {
  process.stderr.write('conformance: --count and --seed are integers, --count above 0\n');
  process.exitCode = 2;
} else {
  const report = measure(labelledSet(count, seed), seed);
  const captures = readCaptures();
  const field = fieldScores(PEOPLE, seed);
  const ai = await aiScores();
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...report, captures, field, ai }, null, 2)}\n`
      : [capturesText(captures), fieldText(field), aiText(ai), textOf(report)].join('\n'),
  );
  for (const { job, faults } of captures) {
    for (const fault of faults) process.stderr.write(`conformance: ${job}: ${fault}\n`);
    if (faults.length > 0) process.exitCode = 4;
  }
  const low = report.classes.filter(({ precision, recall }) => precision < REQUIRED || recall < REQUIRED);
  if (low.length > 0) {
    process.stderr.write(
      `conformance: below ${REQUIRED}: ${low.map(({ requesterClass }) => requesterClass).join(', ')}\n`,
    );
    for (const { userAgent, truth, decided } of report.mistakes)
      process.stderr.write(`  ${JSON.stringify(userAgent)} is ${truth}, decided ${decided}\n`);
    process.exitCode = 4;
  }
}
