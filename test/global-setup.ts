// What the integration and fault tests of a run share: one real Kafka broker, the product compiled once, and a warehouse
// that is migrated already, to be copied. Says how the broker was provided.
// A test that stops, starves or restarts a broker starts one of its own: startBroker() of test/provide/kafka.ts.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { type Broker, startBroker } from './provide/kafka.ts';
import { compiledProduct } from './support/compiled.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafkaBrokers: string[];
    /** Where the broker comes from, for people. */
    kafkaHow: string;
    /** The product and the tests' worker as JavaScript: scripts/fairshare.js, test/support/worker-process.js. */
    compiledProduct: string;
    /** An embedded warehouse with every migration, to be copied. */
    migratedWarehouse: string;
  }
}

interface Shared {
  readonly broker: Broker;
  readonly product: string;
  readonly warehouse: string;
}

/** The projects of one run share it, and the last one out stops it. */
const shared = globalThis as { fairshareTests?: { readonly parts: Promise<Shared>; users: number } };

async function start(): Promise<Shared> {
  const starting = startBroker();
  starting.catch(() => {}); // awaited below, after what may fail first
  const product = compiledProduct();
  const warehouse = join(product, 'migrated-warehouse');
  const program = join(product, 'scripts/fairshare.js');
  await promisify(execFile)(process.execPath, [program, 'migrate', '--warehouse', warehouse]);
  return { broker: await starting, product, warehouse };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = (shared.fairshareTests ??= { parts: start(), users: 0 });
  entry.users++;
  const { broker, product, warehouse } = await entry.parts;
  project.provide('kafkaBrokers', broker.brokers);
  project.provide('kafkaHow', broker.how);
  project.provide('compiledProduct', product);
  project.provide('migratedWarehouse', warehouse);
  return async () => {
    if (--entry.users > 0) return;
    delete shared.fairshareTests;
    await broker.stop();
  };
}
