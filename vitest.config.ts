import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of `make test` that take longest, the longest first. */
const slowest = ['documents', 'door', 'main-job', 'nightly', 'ingest-kafka', 'report', 'load-and-seal', 'announced-objects', 'downloads', 'held-days', 'ingest-stops', 'corrections', 'crash', 'months']; // prettier-ignore

/** Begins the slowest files first, so that none of them runs alone at the end. A fresh clone has no measured times to sort by. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = slowest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found === -1 ? slowest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

// Unit tests stand beside the code and run in parallel; integration tests share one broker, under names of their own, and
// run four files at a time: a third of their time is waiting. Fault tests run file by file: they count on quiet.
export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{transform,ingest,sql,dashboards,scripts,bench}/**/*.test.ts'],
          testTimeout: 60_000,
          setupFiles: ['test/support/property-seed.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/security/{door,browser}.test.ts'],
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'security',
          include: ['test/security/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 900_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'disk-full',
          include: ['test/disk-full/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'rotation',
          include: ['test/rotation/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 600_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'pipelines',
          include: ['test/pipelines/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'enrolment',
          include: ['test/enrolment/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'focus',
          include: ['test/focus/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'privacy',
          include: ['test/privacy/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'server',
          include: ['test/server/**/*.test.ts', 'test/integration/warehouse-contract.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'pages',
          include: ['test/pages/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          name: 'adding',
          include: ['test/adding/**/*.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
