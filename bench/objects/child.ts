// One way to load log objects, in a process of its own. It loads the warm-up objects into a warehouse that is thrown away,
// then the measured objects into a new one, and prints its measurements as one line of JSON.
// `node child.js NAME MONTH_DIRECTORY OBJECTS WARM_UP_OBJECTS`

import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Loader } from '../../ingest/load.ts';
import { revisionsOf } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { findObjects, ingestFiles } from '../../ingest/sources/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { type Answer, answerOf, type AnswerRow } from '../kafka/reader.ts';
import { openMonth, readRules, rulebookOf } from '../month.ts';
import { Engine, filledIn } from '../transform/engine.ts';
import { quoteString } from '../../sql/quote.ts';

export interface MeasuredLoad {
  readonly elapsed_ms: number;
  /** CPU time of all threads of this process, the engine's included. */
  readonly cpu_ms: number;
  readonly peak_rss_mb: number;
  readonly answer: Answer;
}

/** Loads objects and answers with one row for each requester class. */
interface ObjectLoader {
  run(objects: string): Promise<void>;
  answer(): Promise<Answer>;
  close(): Promise<void>;
}

const [name = '', monthDirectory = '', objects = '', warmUp = ''] = process.argv.slice(2);
const month = openMonth(monthDirectory);
const rules = readRules(monthDirectory);

const answerFrom = async (warehouse: Warehouse, table: string): Promise<Answer> =>
  answerOf(
    await warehouse.query<AnswerRow>(
      `SELECT requester_class, sum(requests) AS requests, sum(downloads) AS downloads, sum(bytes) AS bytes FROM ${table} GROUP BY requester_class ORDER BY requester_class`,
    ),
  );

async function ours(): Promise<ObjectLoader> {
  const directory = join(monthDirectory, `objects-${process.pid}`);
  mkdirSync(directory);
  const warehouse = await openWarehouse({ location: join(directory, 'warehouse') });
  await migrate(warehouse);
  const now = () => new Date();
  const rulebook = rulebookOf(rules);
  return {
    async run(path) {
      await ingestFiles(findObjects([path]), {
        warehouse,
        source: new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, rulebook, defaultLimits),
        loader: new Loader({ warehouse, now }),
        methodologyVersion: 2,
        revisionAbove: revisionsOf(warehouse, rulebook, now),
      });
    },
    answer: () => answerFrom(warehouse, 'usage_known'),
    async close() {
      await warehouse.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The rival: one INSERT for each object, or one for all objects, with the query of bench/transform.sql. */
async function engine(together: boolean): Promise<ObjectLoader> {
  const transform = readFileSync(new URL('../transform.sql', import.meta.url), 'utf8').replace(/\nSETTINGS[^]*$/, '');
  const prefix = /^[^]*?CREATE TABLE answer ENGINE = Memory AS/;
  const rival = new Engine();
  await rival.prepare(month, rules);
  const { warehouse } = rival;
  await warehouse.command("SET date_time_input_format = 'best_effort', input_format_skip_unknown_fields = 1");
  await warehouse.command('SET allow_suspicious_low_cardinality_types = 1');
  return {
    async run(path) {
      const paths = together ? [join(path, '*.gz')] : findObjects([path]).map((object) => String(object.path));
      const select = (file: string) => filledIn(transform, { log: quoteString(file) }).replace(prefix, '');
      await warehouse.command(`CREATE TABLE answer ENGINE = MergeTree ORDER BY tuple() EMPTY AS ${select(paths[0])}`);
      for (const file of paths) await warehouse.command(`INSERT INTO answer ${select(file)}`);
    },
    answer: () => answerFrom(warehouse, 'answer'),
    close: () => rival.close(),
  };
}

const open = { fairshare: ours, engine: () => engine(false), engineAll: () => engine(true) }[name]!;
const warm = await open();
await warm.run(warmUp);
await warm.close();
const loader = await open();
const cpu = process.cpuUsage();
const start_ms = performance.now();
await loader.run(objects);
const elapsed_ms = performance.now() - start_ms;
const { user, system } = process.cpuUsage(cpu);
const measured: MeasuredLoad = {
  elapsed_ms,
  cpu_ms: (user + system) / 1000,
  peak_rss_mb: process.resourceUsage().maxRSS / 1024,
  answer: await loader.answer(),
};
await loader.close();
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);
