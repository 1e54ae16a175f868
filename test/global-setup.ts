// One real Kafka broker for all integration and fault tests of a run; says how it was provided.
// A test that stops, starves or restarts a broker starts one of its own: startBroker() of scripts/provide/kafka.ts.

import type { TestProject } from 'vitest/node';
import { type Broker, startBroker } from '../scripts/provide/kafka.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafkaBrokers: string[];
    /** Where the broker comes from, for people. */
    kafkaHow: string;
  }
}

/** The projects of one run share it, and the last one out stops it. */
const shared = globalThis as { fairshareBroker?: { readonly broker: Promise<Broker>; users: number } };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = (shared.fairshareBroker ??= { broker: startBroker(), users: 0 });
  entry.users++;
  const { brokers, how, stop } = await entry.broker;
  project.provide('kafkaBrokers', brokers);
  project.provide('kafkaHow', how);
  return async () => {
    if (--entry.users > 0) return;
    delete shared.fairshareBroker;
    await stop();
  };
}
