// For tests: objects of a real object store, announced by a topic of a real broker, and a worker that loads them. Each test
// has a warehouse and a topic of its own.

import { gzipSync } from 'node:zlib';
import { drainPending } from 'chdb';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { AnnouncedObjects } from '../../ingest/announced-objects.ts';
import { Loader, type LoadStep } from '../../ingest/load.ts';
import { publishRevision } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { announcementFaults } from '../../ingest/sources/announcements.ts';
import { ingestFiles, type ObjectOutcome } from '../../ingest/sources/files.ts';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { findRemoteObjects, ObjectStore } from '../../ingest/sources/object-store.ts';
import { runWorker, type WorkerResult } from '../../ingest/worker.ts';
import { runChecks } from '../../sql/checks.ts';
import { type BatchLimits, defaultLimits } from '../../transform/batch-builder.ts';
import { generate, noTruth, type Truth } from './generator.ts';
import { House } from './house.ts';
import { quietLog, testClient, uniqueName, utf8 } from './kafka.ts';
import { TestStore } from './object-store.ts';
import { differences } from './oracle.ts';

export let store: TestStore;
export let client: KafkaClient;
/** Warehouse and topic of the running test. */
export let house: House;
export let topic: string;

/** A test file calls this once. */
export function storeOfThisFile(): void {
  const before = { ...process.env };
  beforeAll(async () => {
    [store, client] = [await TestStore.open(), testClient()];
    Object.assign(process.env, store.env);
  }, 120_000);
  afterAll(async () => {
    process.env = before;
    await store.close();
    await client.close();
  });
  beforeEach(async () => {
    house = await House.open();
    topic = uniqueName('announced');
    await client.createTopic({ topic, partitions: 1 });
  });
  afterEach(async () => {
    await house.close();
    await drainPending();
  });
}

export async function announce(messages: readonly (object | string)[], to = topic): Promise<void> {
  const producer = await client.producer();
  const value = (message: object | string) => utf8(typeof message === 'string' ? message : JSON.stringify(message));
  await producer.send(
    to,
    0,
    messages.map((message) => ({ value: value(message) })),
  );
  await producer.close();
}
export const records = (...Records: object[]) => ({ Records });

/** Puts a generated object. → the record that announces it, and its content */
export async function put(key: string, seed: number, lines = 200): Promise<{ record: object; truth: Truth }> {
  const { lines: text, truth } = generate({ seed, lines }, `-${seed}`);
  const body = utf8(`${text.join('\n')}\n`);
  return { record: await store.put(key, key.endsWith('.gz') ? gzipSync(body) : body), truth };
}

interface WorkOptions {
  readonly topics?: readonly string[];
  readonly settings?: object;
  readonly limits?: Partial<BatchLimits>;
  readonly rules?: string;
  readonly onStep?: (step: LoadStep | 'plan' | 'offset') => void | Promise<void>;
  readonly onRetry?: () => void;
  readonly group?: string;
}

export async function work({
  topics = [topic],
  settings = {},
  limits = {},
  rules = 'rules',
  onStep,
  onRetry,
  group = topic,
}: WorkOptions = {}): Promise<WorkerResult> {
  const { warehouse, rulebook } = house;
  const now = () => new Date();
  const loader = new Loader({ warehouse, now, onStep });
  const objects = new ObjectStore(
    { endpoint: store.provided.endpoint, ...settings },
    { firstWait_ms: 20, idle_ms: 500, onRetry },
  );
  const spec = { name: 'npm', format: 'nginx-edge', ecosystem: 'npm' };
  const source = new Source(spec, rulebook, { ...defaultLimits, ...limits });
  const announced = { source, store: objects, warehouse, loader, methodologyVersion: 2, log: quietLog };
  try {
    return await runWorker({
      kafka: client,
      groupId: group,
      sources: new Map(topics.map((each) => [each, new AnnouncedObjects(announced)])),
      warehouse,
      loader,
      methodologyVersion: 2,
      revision: (above) => publishRevision(warehouse, { ...rulebook, rulesSha256: rules }, now(), { above }),
      maxBatch_ms: 100,
      untilEnd: true,
      signal: new AbortController().signal,
      now,
      log: quietLog,
      session_timeout_ms: 10_000,
      onStep,
    });
  } finally {
    await objects.close();
  }
}

/** Number of announcements by result. */
export async function reasons(): Promise<Record<string, number>> {
  const rows = await house.warehouse.query<{ reason: string; lines: string }>(
    "SELECT reason, sum(n) AS lines FROM (SELECT arrayJoin(mapKeys(reasons)) AS reason, reasons[reason] AS n FROM ledger_current WHERE object = '') GROUP BY reason ORDER BY reason",
  );
  return Object.fromEntries(rows.map(({ reason, lines }) => [reason, Number(lines)]));
}
export const loadedObjects = async (): Promise<string[]> =>
  (
    await house.warehouse.query<{ object: string }>(
      "SELECT DISTINCT object FROM ledger_current WHERE object != '' AND state = 'loaded' ORDER BY object",
    )
  ).map(({ object }) => object.replace(`s3://${store.bucket}/`, ''));
const isFault = (reason: string) => (announcementFaults as readonly string[]).includes(reason);

/** Expects the lines of the objects, and each announcement as one more line. */
export const expectExact = async (...truths: Truth[]) => {
  const byReason = Object.entries(await reasons());
  const sum = (counts: boolean) => byReason.reduce((total, [name, n]) => total + (isFault(name) === counts ? n : 0), 0);
  const lines = sum(true) + sum(false);
  const announcements = { ...noTruth(), lines, excluded: sum(false), quarantined: sum(true) };
  expect(await differences(house.warehouse, ...truths, announcements)).toEqual([]);
  expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);
};

/** Loads the objects below a prefix as `ingest files` does. */
export async function loadByListing(prefix: string): Promise<ObjectOutcome[]> {
  const objects = new ObjectStore({ endpoint: store.provided.endpoint }, { attempts: 2, firstWait_ms: 10 });
  const spec = { name: 'npm', format: 'nginx-edge', ecosystem: 'npm' };
  try {
    return await ingestFiles(await findRemoteObjects(objects, `s3://${store.bucket}/${prefix}`), {
      warehouse: house.warehouse,
      source: new Source(spec, house.rulebook, defaultLimits),
      loader: house.loader(),
      methodologyVersion: 2,
      revisionAbove: (above) => house.revision(above),
    });
  } finally {
    await objects.close();
  }
}
