// kafkajs, which reads and discards. It shows the best speed of the client alone.

import kafkajs, { type Kafka } from 'kafkajs';
import { countLines } from '../../ingest/sources/kafka-messages.ts';
import type { Job, Reader } from './reader.ts';

export class Discard implements Reader {
  readonly warmsUp = true;
  private kafka!: Kafka;

  async prepare({ brokers }: Job): Promise<void> {
    this.kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'discard', logLevel: kafkajs.logLevel.NOTHING });
  }

  async run({ topic, lines }: Job): Promise<void> {
    const consumer = this.kafka.consumer({
      groupId: `discard-${process.pid}-${topic}`,
      maxBytesPerPartition: 2 << 20,
      maxBytes: 16 << 20,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let read = 0;
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          autoCommit: false,
          eachBatch: ({ batch }) => {
            for (const { value } of batch.messages) if (value !== null) read += countLines(value);
            if (read >= lines) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    this.disconnect = () => consumer.disconnect();
  }

  private disconnect: () => Promise<void> = () => Promise.resolve();

  close(): Promise<void> {
    return this.disconnect();
  }
}
