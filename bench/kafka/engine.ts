// The rival: the embedded engine's own Kafka tables, and a materialized view with the query of bench/transform.sql.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine, filledIn } from '../transform/engine.ts';
import { type Answer, answerOf, type AnswerRow, type Job, type Reader } from './reader.ts';

const TRANSFORM = readFileSync(new URL('../transform.sql', import.meta.url), 'utf8');
const [SOURCE, STRUCTURE] = /file\(\{log\}, 'JSONEachRow', '((?:\\.|[^'\\])*)'\)/.exec(TRANSFORM)!;

export class KafkaEngine implements Reader {
  readonly warmsUp = false;
  private readonly engine = new Engine();

  /** @param consumers number of consumers; each has a thread of its own */
  constructor(private readonly consumers: number) {}

  async prepare({ month, rules }: Job): Promise<void> {
    await this.engine.prepare(month, rules);
  }

  async run({ brokers, topic, requests }: Job): Promise<void> {
    const { warehouse } = this.engine;
    const select = filledIn(TRANSFORM.replace(SOURCE, 'kafka_lines'))
      .replace(/^[^]*?CREATE TABLE answer ENGINE = Memory AS/, '')
      .replace(/\nSETTINGS[^]*$/, '');
    await warehouse.command('SET allow_suspicious_low_cardinality_types = 1');
    await warehouse.command(`CREATE TABLE kafka_lines (${STRUCTURE.replaceAll("\\'", "'")}) ENGINE = Kafka
      SETTINGS kafka_broker_list = '${brokers.join(',')}', kafka_topic_list = '${topic}', kafka_group_name = 'engine-${process.pid}-${topic}',
        kafka_format = 'JSONEachRow', kafka_num_consumers = ${this.consumers}, kafka_thread_per_consumer = 1,
        kafka_max_block_size = 200000, kafka_poll_max_batch_size = 65536, kafka_flush_interval_ms = 1000,
        date_time_input_format = 'best_effort', input_format_skip_unknown_fields = 1`);
    await warehouse.command(`CREATE TABLE answer ENGINE = MergeTree ORDER BY tuple() EMPTY AS ${select}`);
    await warehouse.command(`CREATE MATERIALIZED VIEW answer_maker TO answer AS ${select}`);
    for (;;) {
      const [row] = await warehouse.query<{ requests: string }>('SELECT sum(requests) AS requests FROM answer');
      if (Number(row.requests) === requests) return;
      await sleep(50);
    }
  }

  async answer(): Promise<Answer> {
    return answerOf(
      await this.engine.warehouse.query<AnswerRow>(
        'SELECT requester_class, sum(requests) AS requests, sum(downloads) AS downloads, sum(bytes) AS bytes FROM answer GROUP BY requester_class ORDER BY requester_class',
      ),
    );
  }

  async close(): Promise<void> {
    for (const table of ['answer_maker', 'kafka_lines'])
      await this.engine.warehouse.command(`DROP TABLE IF EXISTS ${table} SYNC`);
    await this.engine.close();
  }
}
