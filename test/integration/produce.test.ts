// `fairshare produce`, from log objects to a topic, against a real broker.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { type Produced, registerProduce } from '../../scripts/commands/produce.ts';
import { loadConfig } from '../../scripts/runtime/config.ts';
import { quietLog, testBrokers, testClient, text, uniqueName } from '../support/kafka.ts';

const lines = Array.from({ length: 3_000 }, (_, i) => `{"line":${i},"path":"/simple/pkg-${i % 13}/"}`);
const content = `${lines.join('\n')}\n`;
let directory: string;
let client: KafkaClient;
beforeAll(async () => {
  client = testClient();
  directory = await mkdtemp(join(tmpdir(), 'fairshare-produce-'));
  await writeFile(join(directory, 'a.log'), content);
  // Two members, no line end at the end, a blank line in the middle.
  await writeFile(join(directory, 'b.log.gz'), Buffer.concat([gzipSync('one\n\n'), gzipSync('two')]));
});
afterAll(async () => {
  await client.close();
  await rm(directory, { recursive: true, force: true });
});

async function produce(...words: string[]): Promise<Produced> {
  const stdout = new PassThrough();
  const sink = new PassThrough().resume();
  const runtime = {
    config: () => loadConfig({ env: {}, overrides: { kafka: { brokers: testBrokers() } } }),
    log: quietLog,
    stdout,
    stderr: sink,
    stdin: sink,
    interactive: false,
    signal: new AbortController().signal,
    now: () => new Date(0),
  } as unknown as Runtime;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerProduce(program.command('produce'), runtime);
  await program.parseAsync(['produce', ...words, '--json'], { from: 'user' });
  return JSON.parse((stdout.read() as Buffer).toString()) as Produced;
}

async function values(topic: string): Promise<string[][]> {
  const partitions = [];
  for (const { partition, low, high } of await client.watermarks(topic)) {
    const found: string[] = [];
    for await (const { records } of client.read({ topic, partition, from: low, to: high })) {
      found.push(...records.map(({ value }) => text(value)!));
    }
    partitions.push(found);
  }
  return partitions;
}

it('many lines per message: the topic holds the bytes of the files, in order, and the counts say so', async () => {
  const topic = uniqueName('produce');
  const counts = await produce(directory, '--topic', topic, '--batch-bytes', '4096', '--compression', 'zstd');
  const [found] = await values(topic);
  expect(found.join('')).toBe(`${content}one\n\ntwo`);
  expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(4_096);
  expect(counts).toMatchObject({ objects: 2, messages: found.length, lines: 3_003, bytes: content.length + 8 });
});

it('one line per message, over partitions, each in the order of the file', async () => {
  const topic = uniqueName('produce');
  const words = ['--topic', topic, '--one-line-per-message', '--partitions', '3', '--compression', 'gzip'];
  const counts = await produce(relative('.', join(directory, '*.log')), ...words);
  expect(counts).toMatchObject({ objects: 1, messages: 3_000, lines: 3_000 });
  const found = await values(topic);
  expect(found.map(({ length }) => length)).toEqual([1_000, 1_000, 1_000]);
  for (const [partition, part] of found.entries()) expect(part).toEqual(lines.filter((_, i) => i % 3 === partition));
});

it('--key object: an object stays in one partition, wherever it was produced', async () => {
  const topic = uniqueName('produce');
  await produce(directory, '--topic', topic, '--partitions', '4', '--key', 'object');
  await produce(join(directory, 'b.log.gz'), '--topic', topic, '--key', 'object');
  const found = await values(topic);
  expect(found.filter((part) => part.join('').includes('"line":0,'))).toHaveLength(1);
  const ofB = found.filter((part) => part.includes('one\n\ntwo'));
  expect(ofB).toHaveLength(1);
  expect(ofB[0].filter((value) => value === 'one\n\ntwo')).toHaveLength(2);
});

it('--dry-run counts the same and makes no topic', async () => {
  const topic = uniqueName('produce');
  expect(await produce(directory, '--topic', topic, '--dry-run')).toMatchObject({
    objects: 2,
    lines: 3_003,
    bytes: content.length + 8,
  });
  expect(await client.topics()).not.toContain(topic);
});

it('what cannot be read is refused, with its name', async () => {
  const broken = join(directory, 'broken.gz');
  await writeFile(broken, gzipSync(content).subarray(0, 5_000));
  await expect(produce(broken, '--topic', uniqueName('produce'))).rejects.toMatchObject({
    kind: 'inputRefused',
    message: expect.stringContaining(broken) as string,
  });
  await rm(broken);
  await expect(produce(join(directory, 'missing'), '--topic', 'x')).rejects.toMatchObject({ kind: 'inputRefused' });
});
