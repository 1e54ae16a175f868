// The configured object store, for the commands that read objects from it.

import { ObjectStore } from '../../ingest/sources/object-store.ts';
import { type Runtime } from '../runtime/command.ts';
import { type Config } from '../runtime/config.ts';

/** @param attempts before an object is given up; default: wait for a store that does not answer */
export const configuredObjectStore = (runtime: Runtime, config: Config, attempts?: number): ObjectStore =>
  new ObjectStore(config.object_store, {
    base_dir: config.base_dir,
    attempts,
    onRetry: (problem, wait_ms) =>
      runtime.log.warn({ problem, wait_ms }, 'the object store does not answer; it is asked again'),
  });
