// The shared resources of an integration or fault run: one real Kafka broker, the compiled product, and a migrated warehouse
// to copy. It prints where the broker comes from.
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
    /** Origin of the broker, for people. */
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

/** The projects of one run share it, and the last project that ends stops it. */
const shared = globalThis as { fairshareTests?: { readonly parts: Promise<Shared>; users: number } };

async function start(): Promise<Shared> {
  const starting = startBroker();
  starting.catch(() => {}); // awaited below, after the steps that may fail first
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
