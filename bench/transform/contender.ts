// One contender in a process of its own: `contender.ts ours|naive|engine MONTH ROUNDS`. Prints a JSON line per round: seconds
// of the job alone (CPU and wall), then its answer once.

import * as arrow from 'apache-arrow';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { type BuiltBatch } from '../../transform/batch-builder.ts';
import { readRules, type Rules } from '../month.ts';
import { type Answer, AnswerSum, groupColumns, measureColumns } from './answer.ts';
import { naive, naiveAnswer } from './naive.ts';
import { newBuilder, transformFile } from './ours.ts';

const [name, directory, rounds] = process.argv.slice(2) as [string, string, string];
const log = join(directory, 'edge.jsonl');
const rules = readRules(directory);

/** Runs a job and prints what it cost; the last round's result is the answer. */
async function measure<T>(job: () => T | Promise<T>): Promise<T> {
  let result: T | undefined;
  for (let round = 0; round < Number(rounds); round++) {
    const [cpu, started] = [process.cpuUsage(), performance.now()];
    result = await job();
    const { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ wall_s: (performance.now() - started) / 1000, cpu_s: (user + system) / 1e6 }));
  }
  return result!;
}

function oursAnswer(batch: BuiltBatch): Answer {
  const table = arrow.tableFromIPC(batch.usage.ipc);
  const column = (title: string) => table.getChild(title)!;
  const sets = new Map(batch.evidence.map(({ id, set }) => [id, set]));
  const plain = new Map(
    [
      'hour',
      'package',
      'version',
      'artifact',
      'file',
      'requester_class',
      'identity',
      'client',
      'ci_provider',
      'network',
      'country',
      ...measureColumns,
    ].map((title) => [title, column(title)]),
  );
  const evidence = column('evidence_set');
  const sum = new AnswerSum();
  for (let row = 0; row < table.numRows; row++) {
    const set = sets.get(evidence.get(row) as bigint)!;
    const pieces: Record<string, string> = {
      token_id: set.tokenId ?? '',
      prefix: set.prefix ?? '',
      range_id: set.rangeId ?? '',
      network_type: set.networkType ?? '',
    };
    sum.add(
      [...groupColumns, ...measureColumns].map((title) => pieces[title] ?? (plain.get(title)!.get(row) as string)),
    );
  }
  return sum.answer();
}

async function dictionaries(warehouse: Warehouse, { prefixes, ranges, tokens }: Rules): Promise<void> {
  const crawlers = ranges.filter(({ type }) => type === 'crawler');
  // Of equal prefixes one counts, as in transform/networks: CI before cloud, then the first provider by name.
  const published = new Map(
    ranges
      .filter(({ type }) => type === 'cloud' || type === 'ci')
      .sort((a, b) => (a.type === b.type ? (a.provider < b.provider ? 1 : -1) : a.type === 'ci' ? 1 : -1))
      .map((range) => [range.cidr, range]),
  );
  const typed = ranges.filter(({ type }) => !['crawler', 'cloud', 'ci'].includes(type));
  const tries: [string, { prefix: string; text: string }[]][] = [
    ['registry_prefix', prefixes.map((cidr) => ({ prefix: cidr, text: cidr }))],
    [
      'published_range',
      [...published.values()].map(({ provider, cidr, type }) => ({
        prefix: cidr,
        text: `${provider}:${cidr}|${type}`,
      })),
    ],
    ['network_type', typed.map(({ cidr, type }) => ({ prefix: cidr, text: type }))],
    ['crawler_list', crawlers.map(({ cidr, provider }) => ({ prefix: cidr, text: provider }))],
  ];
  for (const [title, rows] of tries) {
    await warehouse.command(
      `CREATE TABLE ${title}_rows (prefix String, text String) ENGINE = MergeTree ORDER BY prefix`,
    );
    await warehouse.insert(`${title}_rows`, rows);
    await warehouse.command(
      `CREATE DICTIONARY ${title} (prefix String, text String) PRIMARY KEY prefix SOURCE(CLICKHOUSE(TABLE '${title}_rows')) LAYOUT(IP_TRIE()) LIFETIME(0)`,
    );
  }
  await warehouse.command('CREATE TABLE token_rows (sha256 String, id String) ENGINE = MergeTree ORDER BY sha256');
  await warehouse.insert(
    'token_rows',
    tokens.map(([sha256, id]) => ({ sha256, id })),
  );
  await warehouse.command(
    "CREATE DICTIONARY token_id (sha256 String, id String) PRIMARY KEY sha256 SOURCE(CLICKHOUSE(TABLE 'token_rows')) LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(0)",
  );
}

async function engine(): Promise<Answer> {
  const scratch = mkdtempSync(join(tmpdir(), 'fairshare-bench-'));
  const warehouse = await openWarehouse({ location: scratch });
  try {
    await dictionaries(warehouse, rules);
    const texts = groupColumns.filter((title) => title !== 'hour').map((title) => `${title} String`);
    await warehouse.command(
      `CREATE TABLE grouped (hour DateTime('UTC'), ${texts.join(', ')}, ${measureColumns.map((title) => `${title} UInt64`).join(', ')}) ENGINE = Memory`,
    );
    const sql = readFileSync(new URL('engine.sql', import.meta.url), 'utf8');
    await measure(async () => {
      await warehouse.command('TRUNCATE TABLE grouped');
      await warehouse.command(sql, { path: log });
    });
    const row = [...groupColumns, ...measureColumns].map((title) =>
      title === 'hour' ? 'toString(toUnixTimestamp(hour))' : `toString(${title})`,
    );
    const [answer] = await warehouse.query<Answer>(
      `SELECT toUInt32(count()) AS rows, toString(sum(toUInt64(crc))) AS hash, toString(sum(all_requests)) AS requests, toString(sum(all_bytes)) AS bytes FROM (SELECT CRC32(concat(${row.join(", '|', ")})) AS crc, requests AS all_requests, bytes AS all_bytes FROM grouped)`,
    );
    return answer!;
  } finally {
    await warehouse.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function run(): Promise<Answer> {
  if (name === 'engine') return engine();
  if (name === 'naive') return naiveAnswer((await measure(() => naive(log, rules))).groups);
  // One batch for the whole month, as the rivals group it: the limits of a worker would cut it.
  const limits = { maxLines: Infinity, maxEntries: Infinity, maxLineBytes: 1 << 20 };
  return oursAnswer(await measure(() => transformFile(newBuilder(rules, limits), log)));
}

console.log(JSON.stringify({ answer: await run() }));
