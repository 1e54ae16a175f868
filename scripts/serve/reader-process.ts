// The process of a reader's door. It has the engine with a reader's rights, an environment without secrets, and threads enough for
// the statements that may run at once. Its parent gives it its options and ends it; without its parent it ends by itself.

import { createLogger } from '../runtime/logger.ts';
import { Fault } from '../../transform/fault.ts';
import { startReaderDoor, type Door } from './door.ts';
import { type FromReader, type ToReader } from './reader-parent.ts';

let door: Promise<Door> | undefined;

const tell = (message: FromReader): void => {
  if (process.connected) process.send?.(message);
};

async function end(): Promise<void> {
  await (await door?.catch(() => undefined))?.close();
  process.exit(0);
}

process.once('message', (message) => {
  const { logLevel, isReadable, ...options } = message as ToReader;
  const log = createLogger({ level: logLevel, stream: process.stderr, readable: isReadable, color: false });
  door = startReaderDoor({ ...options, log });
  door.then(
    ({ url }) => tell({ url }),
    (error: unknown) => {
      const { kind, hint } = error instanceof Fault ? error : { kind: 'defect' as const, hint: '' };
      tell({ fault: { kind, message: (error as Error).message, hint } });
      process.disconnect();
    },
  );
});
process.once('disconnect', () => void end());
// The parent gets the signal of a terminal, too, and then closes the channel.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
