// The registry at scale. The program itself checks, imports, compares and judges 100,000 organisations and 1,000,000
// prefixes. The benchmark measures time and peak memory of each command, and compares them with a tenth of that size. It
// appends them to bench/results/registry.jsonl and writes docs/SCALE.md from it. `tsx bench/orgs.ts [ORGANISATIONS PREFIXES]`

import { spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from './processes.ts';
import { REGISTRY_RESULTS, writeScalePage, type RegistryRun } from './scale/page.ts';

const program = fileURLToPath(new URL('../scripts/fairshare.ts', import.meta.url));
const loader = import.meta.resolve('tsx');

type Measured = RegistryRun['steps'][number];

/** Runs the program and samples its resident memory. @throws Error if it fails */
async function measure(
  step: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', loader, program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peak_kib = 0;
  const sample = setInterval(() => {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(statusOf(child.pid!)) ?? [];
    peak_kib = Math.max(peak_kib, Number(kib ?? 0));
  }, 100);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2000)));
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(sample);
  if (code !== 0) throw new Error(`${step}: fairshare ${args.join(' ')} ended with ${code}\n${said}`);
  return { step, elapsed_ms: Math.round(performance.now() - started), peak_mib: Math.round(peak_kib / 1024) };
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Writes orgs.yaml and evidence.csv. Each organisation has ten prefixes, of /24 and of /48 to /56; one in fifty lies inside
 * another's.
 */
function writeRegistry(directory: string, organisations: number, prefixes: number): string[] {
  const yaml = join(directory, 'orgs.yaml');
  const csv = join(directory, 'evidence.csv');
  const lines = ['organisations:\n'];
  for (let i = 0; i < organisations; i++)
    lines.push(`  - { id: org-${i}, name: Organisation ${i}${i % 10 === 1 ? `, family: org-${i - 1}` : ''} }\n`);
  writeFileSync(yaml, lines.join(''));
  const file = openSync(csv, 'w');
  writeSync(file, 'id,org,tier,kind,value,secret_sha256,valid_from,valid_to,source,proof\n');
  let rows: string[] = [];
  for (let i = 0; i < prefixes; i++) {
    const org = i % organisations;
    const tier = i % 3 === 0 ? 'E2' : 'E4';
    rows.push(`e${i},org-${org},${tier},cidr,${prefixOf(i)},,2026-01-01,,bench,${tier === 'E2' ? 'nonce' : ''}\n`);
    if (rows.length === 10_000 || i === prefixes - 1) {
      writeSync(file, rows.join(''));
      rows = [];
    }
  }
  closeSync(file);
  return [yaml, csv];
}

/** Makes distinct networks of public space: 20.0.0.0/7 in /28, and 2a00::/16 in /48. One in fifty is the /20 (/40) around. */
function prefixOf(i: number): string {
  const n = i >> 1;
  if (i % 2 === 0) {
    const base = (20 * 2 ** 24 + n * 16) >>> 0;
    return `${base >>> 24}.${(base >>> 16) & 255}.${(base >>> 8) & 255}.${base & 240}/28`;
  }
  return n % 50 === 0
    ? `2a00:${(n >> 8).toString(16)}:${((n & 255) << 8).toString(16)}::/40`
    : `2a00:${(n >> 8).toString(16)}:${(((n & 255) << 8) | 7).toString(16)}::/48`;
}

const edgeLine = (i: number, prefixes: number): string => {
  const n = Math.floor((i * 7919) % (prefixes / 2));
  const base = (20 * 2 ** 24 + n * 16 + 3) >>> 0;
  return JSON.stringify({
    timestamp: `2026-10-01T${String(i % 24).padStart(2, '0')}:00:00Z`,
    client_ip: `${base >>> 24}.${(base >>> 16) & 255}.${(base >>> 8) & 255}.${base & 255}`,
    request: 'GET',
    request_path: `/p${i % 500}/-/p${i % 500}-1.0.0.tgz`,
    request_query: '',
    user_agent: 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false',
    response_status: 200,
    response_bytes: 1000,
    response_cache: 'HIT',
    request_range: '',
    tls_version: 'TLSv1.3',
    time_elapsed: 0.001,
  });
};

async function run(organisations: number, prefixes: number): Promise<RegistryRun> {
  const directory = mkdtempSync(join(tmpdir(), 'fairshare-registry-'));
  try {
    const env = { FAIRSHARE_WAREHOUSE: join(directory, 'data'), FAIRSHARE_LOG_LEVEL: 'warn' };
    const files = writeRegistry(directory, organisations, prefixes);
    const log = join(directory, 'edge.log');
    writeFileSync(log, Array.from({ length: 200_000 }, (_, i) => edgeLine(i, prefixes)).join('\n') + '\n');
    const ingest = ['ingest', 'files', log, '--source', 'npm', '--format', 'nginx-edge', '--ecosystem', 'npm'];
    const steps: readonly (readonly [string, readonly string[]])[] = [
      ['orgs check', ['orgs', 'check', ...files]],
      ['orgs import', ['orgs', 'import', ...files]],
      ['orgs import, nothing new', ['orgs', 'import', ...files]],
      ['orgs diff', ['orgs', 'diff', ...files]],
      ['ingest files, 200,000 lines', ingest],
      ['seal', ['seal']],
      ['attribute', ['attribute']],
      ['orgs candidates', ['orgs', 'candidates', '--json']],
    ];
    const measured: Measured[] = [];
    for (const [step, args] of steps) {
      const one = await measure(step, args, env);
      process.stderr.write(`  ${step} ${(one.elapsed_ms / 1000).toFixed(1)} s, ${one.peak_mib} MiB\n`);
      measured.push(one);
    }
    return { date: new Date().toISOString(), machine, organisations, prefixes, steps: measured };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const [organisations, prefixes] = process.argv.slice(2).map(Number);
const sizes: readonly (readonly [number, number])[] =
  organisations === undefined || prefixes === undefined
    ? [
        [10_000, 100_000],
        [100_000, 1_000_000],
      ]
    : [[organisations, prefixes]];
for (const [count, ranges] of sizes) {
  process.stderr.write(`${count.toLocaleString('en')} organisations, ${ranges.toLocaleString('en')} prefixes\n`);
  appendFileSync(REGISTRY_RESULTS, `${JSON.stringify(await run(count, ranges))}\n`);
}
writeScalePage();
