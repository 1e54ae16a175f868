// make demo: does the main job on the embedded engine with a user's commands, and shows each before it runs.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { loadConfig } from '../runtime/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'dist/scripts/fairshare.js');
const out = join(root, 'demo-output');
const scenario = join(out, 'scenario');
const PERIOD = '2026-10';
const started = performance.now();

/** Shows a `fairshare …` command and runs it. A failure ends the demo with its exit code. */
function fairshare(...args: string[]): string {
  const shown = args.map((arg) => (arg.startsWith(root) ? relative(root, arg) || '.' : arg)).join(' ');
  process.stderr.write(
    `\n${pc.dim(`${((performance.now() - started) / 1000).toFixed(0)} s`)} ${pc.bold(`$ fairshare ${shown}`)}\n`,
  );
  const result = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      FAIRSHARE_CONFIG: existsSync(join(scenario, 'fairshare.yaml')) ? join(scenario, 'fairshare.yaml') : undefined,
      FAIRSHARE_WAREHOUSE: join(out, 'warehouse'),
    },
  });
  process.stdout.write(result.stdout);
  if (result.status !== 0) {
    process.stderr.write(`\nThe demo stopped at: fairshare ${shown} (exit code ${result.status})\n`);
    process.exit(result.status ?? 1);
  }
  return result.stdout;
}

function heading(text: string): void {
  process.stderr.write(`\n${pc.bold(pc.cyan(text))}\n`);
}

rmSync(out, { recursive: true, force: true });

heading('1. A month of a registry, simulated: access logs of seven sources, and who is behind them');
fairshare(
  'simulate',
  '--out',
  scenario,
  '--lines',
  process.env.FAIRSHARE_DEMO_LINES ?? '2000000',
  '--start',
  `${PERIOD}-01`,
  '--days',
  '31',
  '--objects-per-day',
  '1',
);

heading('2. Who the organisations are, and the published ranges of clouds and crawlers');
fairshare('orgs', 'import', join(scenario, 'registry/orgs.yaml'));
fairshare('ranges', 'import', join(scenario, 'registry/ranges'), join(scenario, 'registry/networks.csv'));

heading('3. Logs in: real clients recorded, then the simulated month');
const captures = join(root, 'test/fixtures/captures');
fairshare('ingest', 'files', join(captures, 'npm-edge.jsonl'), '--source', 'capture-npm', '--ecosystem', 'npm');
fairshare(
  'ingest',
  'files',
  join(captures, 'debian-edge.jsonl'),
  '--source',
  'capture-debian',
  '--ecosystem',
  'deb',
  '--path-prefix',
  '/debian',
);
const config = loadConfig({ file: join(scenario, 'fairshare.yaml'), env: {} });
for (const { name } of config.sources) fairshare('ingest', 'files', join(scenario, 'logs', name), '--source', name);

heading('4. The night: seal the days, attribute, check, allocate, report');
fairshare('nightly', '--day', `${PERIOD}-31`, '--incomplete', '--out', out);

heading('5. What came out');
fairshare('report', '--period', PERIOD);
const [organisation] = readdirSync(join(out, 'statements'))
  .filter((name) => name.endsWith('.html'))
  .map((name) => name.replace(`-${PERIOD}.html`, ''));
fairshare('export', '--org', organisation, '--period', PERIOD, '--out', join(out, 'exports', organisation));
fairshare('doctor');

process.stderr.write(`
${pc.bold(`Done in ${((performance.now() - started) / 1000).toFixed(0)} s.`)} Look at:
  demo-output/summary-${PERIOD}.html                     the foundation's summary (also .csv, .json, .sql)
  demo-output/statements/${organisation}-${PERIOD}.html   a statement (one per organisation)
  demo-output/exports/${organisation}/          what a premium subscriber receives
  make demo-serve                                       web pages of all of it: it prints their address

Try next:
  alias fairshare="node $PWD/dist/scripts/fairshare.js"
  export FAIRSHARE_CONFIG=demo-output/scenario/fairshare.yaml FAIRSHARE_WAREHOUSE=demo-output/warehouse
  fairshare query "SELECT requester_class, sum(requests), sum(bytes) FROM usage_known GROUP BY 1 ORDER BY 3 DESC"
  fairshare allocate --period ${PERIOD}
  fairshare orgs show ${organisation}
  fairshare serve        # then: curl 'http://127.0.0.1:8123/?query=SELECT+count()+FROM+usage_known'
`);
