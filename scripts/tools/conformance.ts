// `make conformance`: classifies a labelled set that is made from templates, with this program and with its peers.
// Usage: tsx scripts/tools/conformance.ts [--json] [--count N] [--seed N]. Exit code 4 if a class is below 0.99.

import { parseArgs } from 'node:util';
import { labelledSet } from '../../bench/conformance/labelled.ts';
import { measure, type Report } from '../../bench/conformance/measure.ts';

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

if (!Number.isSafeInteger(count) || count <= 0 || !Number.isSafeInteger(seed)) {
  process.stderr.write('conformance: --count and --seed are integers, --count above 0\n');
  process.exitCode = 2;
} else {
  const report = measure(labelledSet(count, seed), seed);
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report));
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
