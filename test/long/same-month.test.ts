// Loads the same days of lines by objects, by objects twice, by a topic, and by a topic whose group lost its offsets halfway
// and again at the end. The sealed tables must be the same, hash by hash.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { workerProgram } from '../support/cli.ts';
import { generate, messagesOf } from '../support/generator.ts';
import { testBrokers, testClient, uniqueName, utf8 } from '../support/kafka.ts';
import { type SealedHashes } from '../support/oracle.ts';
import { temporaryDirectory } from '../support/warehouse.ts';
import { type Done, type Job, WorkerPool, type WorkerProcess } from '../support/worker-process.ts';

const options = { seed: 11, lines: 20_000, days: 3, malformed: 0.02 } as const;
const days = ['2026-10-01', '2026-10-02', '2026-10-03'];
const { lines, truth } = generate(options);
const PARTITIONS = 3;

const directory = temporaryDirectory();
const objects = join(directory.path, 'objects');
const pool = new WorkerPool(workerProgram());
let client: KafkaClient;
let worker: WorkerProcess;

beforeAll(async () => {
  client = testClient();
  worker = pool.take();
  mkdirSync(objects);
  const text = (from: number, to: number) => `${lines.slice(from, to).join('\n')}\n`;
  writeFileSync(join(objects, 'a.log'), text(0, 9_000));
  writeFileSync(join(objects, 'b.log.gz'), gzipSync(text(9_000, 12_000)));
  writeFileSync(join(objects, 'c.log'), text(12_000, 20_000).slice(0, -1));
});
afterAll(async () => {
  await worker.kill();
  await pool.close();
  await client.close();
  directory.remove();
});

async function load(job: Job): Promise<Done> {
  const ending = await worker.run(job);
  expect(ending).toMatchObject({ type: 'done', result: { stopped: [] } });
  return (ending as { result: Done }).result;
}

const byFiles = (warehouse: string, paths: string[], maxLines = 2_500): Promise<Done> =>
  load({ kind: 'files', warehouse, paths, maxLines });

const byKafka = (warehouse: string, topic: string, group: string, maxLines = 2_000): Promise<Done> =>
  load({
    kind: 'kafka',
    warehouse,
    topic,
    group,
    brokers: testBrokers(),
    maxLines,
    fetchBytes: 65_536,
    sessionTimeout_ms: 10_000,
  });

async function sealed(warehouse: string): Promise<SealedHashes> {
  const look = await worker.look({ warehouse, generated: [{ options }], seal: days });
  expect(look.differences).toEqual([]);
  return look.sealed;
}

async function feed(topic: string, from: number, to: number): Promise<void> {
  const producer = await client.producer({ compression: 'gzip' });
  const messages = [
    ...messagesOf(lines.slice(from, (from + to) / 2), 50),
    ...messagesOf(lines.slice((from + to) / 2, to), 1),
  ];
  for (let at = 0; at < messages.length; at += 100)
    await producer.send(
      topic,
      (at / 100) % PARTITIONS,
      messages.slice(at, at + 100).map((value) => ({ value: utf8(value) })),
    );
  await producer.close();
}

describe('the same days', () => {
  let expected: SealedHashes;
  const place = (name: string) => join(directory.path, name);

  it('by objects', async () => {
    expect(await byFiles(place('files'), [objects])).toMatchObject({ lines: truth.lines });
    expected = await sealed(place('files'));
    expect(Object.keys(expected)).toHaveLength(6 + days.length);
  });

  it('by objects twice, and once more under other names', async () => {
    const warehouse = place('files-twice');
    await byFiles(warehouse, [objects], 700);
    expect(await byFiles(warehouse, [objects])).toMatchObject({ batches: 0, lines: 0 });
    const renamed = join(directory.path, 'renamed');
    mkdirSync(renamed);
    copyFileSync(join(objects, 'b.log.gz'), join(renamed, 'other-name.log.gz'));
    expect(await byFiles(warehouse, [renamed])).toMatchObject({ batches: 0, lines: 0 });
    expect(await sealed(warehouse)).toEqual(expected);
  });

  it('by a topic', async () => {
    const topic = uniqueName('month');
    await client.createTopic({ topic, partitions: PARTITIONS });
    await feed(topic, 0, lines.length);
    expect(await byKafka(place('kafka'), topic, uniqueName('month'))).toMatchObject({ lines: truth.lines });
    expect(await sealed(place('kafka'))).toEqual(expected);
  });

  it('by a topic whose group loses its offsets halfway, and again at the end', async () => {
    const topic = uniqueName('month');
    const group = uniqueName('month');
    const warehouse = place('kafka-lost');
    await client.createTopic({ topic, partitions: PARTITIONS });
    await feed(topic, 0, 10_000);
    const first = await byKafka(warehouse, topic, group);
    await client.deleteGroup(group);
    await feed(topic, 10_000, lines.length);
    const second = await byKafka(warehouse, topic, group, 900);
    expect(first.lines + second.lines).toBe(truth.lines);
    await client.deleteGroup(group);
    expect(await byKafka(warehouse, topic, group)).toMatchObject({ batches: 0, lines: 0 });
    expect(await sealed(warehouse)).toEqual(expected);
  });
});
