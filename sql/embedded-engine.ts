// Opens the embedded engine on a directory with a configuration of this program's own: it decides the rights of the whole process.

import { fileURLToPath } from 'node:url';
import type { ChdbConnection } from 'chdb/connection';
import { Fault } from '../transform/fault.ts';

export interface EmbeddedEngine {
  /** A new session. Sessions run side by side; the caller closes it. */
  connect(): ChdbConnection;
  /** Lets the engine go when every session of it is closed, too. */
  close(): void;
}

/** All rights. */
const WRITER = fileURLToPath(new URL('engine/writer.xml', import.meta.url));

/**
 * A process has one directory open at a time.
 * @param configuration XML file of the engine; default: that of a writer
 * @throws Fault(warehouseUnreachable) if the engine is not installed
 */
export async function openEngine(directory: string, configuration = WRITER): Promise<EmbeddedEngine> {
  const [{ Session }, { createChdbConnection }] = await Promise.all([import('chdb'), import('chdb/connection')]).catch(
    (cause: unknown) => {
      throw new Fault(
        'warehouseUnreachable',
        'the embedded engine is not installed: the optional package chdb is missing',
        'Install it with: npm install chdb — or name a server with --warehouse https://…',
        { cause },
      );
    },
  );
  // The configuration is given once, with the first session. Later ones share it, and this one keeps the engine.
  const first = new Session(directory, { connectionArgs: [`--config-file=${configuration}`] });
  return {
    connect: () => createChdbConnection({ path: directory }),
    close: () => first.close(),
  };
}
