// The worker as `ingest kafka` runs it. Another process runs the embedded warehouse behind its HTTP door.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Loader } from '../../ingest/load.ts';
import { publishRevision } from '../../ingest/rulebook.ts';
import { Source } from '../../ingest/source.ts';
import { createKafkaClient } from '../../ingest/sources/kafka.ts';
import { runWorker } from '../../ingest/worker.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { rulebookOf } from '../month.ts';
import { type Answer, answerOf, type AnswerRow, type Job, type Reader } from './reader.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export class Ours implements Reader {
  readonly warmsUp = true;
  private warehouse!: Warehouse;
  private server!: ChildProcess;

  async prepare({ directory }: Job): Promise<void> {
    const script = fileURLToPath(new URL('warehouse-child.js', import.meta.url));
    this.server = spawn(process.execPath, [script, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [url] = (await once(this.server.stdout!, 'data')) as [Buffer];
    this.warehouse = await openWarehouse({ location: url.toString().trim() });
  }

  async run({ brokers, topic, rules }: Job): Promise<void> {
    const { warehouse } = this;
    const now = () => new Date();
    const rulebook = rulebookOf(rules);
    const source = new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, rulebook, defaultLimits);
    const kafka = createKafkaClient({ brokers }, { log: quiet });
    const revision = publishRevision(warehouse, rulebook, now());
    await runWorker({
      kafka,
      groupId: `ours-${process.pid}-${topic}`,
      sources: new Map([[topic, source]]),
      warehouse,
      loader: new Loader({ warehouse, now }),
      methodologyVersion: 2,
      revision: () => revision,
      maxBatch_ms: 60_000,
      untilEnd: true,
      signal: new AbortController().signal,
      now,
      log: quiet,
    });
    await kafka.close();
  }

  async answer(): Promise<Answer> {
    return answerOf(
      await this.warehouse.query<AnswerRow>(
        'SELECT requester_class, sum(requests) AS requests, sum(downloads) AS downloads, sum(bytes) AS bytes FROM usage_known GROUP BY requester_class ORDER BY requester_class',
      ),
    );
  }

  /** CPU time of the warehouse, from /proc: clock ticks are hundredths of a second on Linux. */
  helpersCpuMs(): number {
    const stat = `/proc/${this.server.pid}/stat`;
    if (!existsSync(stat)) return 0;
    const fields = readFileSync(stat, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async close(): Promise<void> {
    await this.warehouse.close();
    this.server.stdin!.end();
    await once(this.server, 'close');
  }
}
