// docs/OPERATIONS.md explains every exit code, and says the truth about variables.

import { readFileSync } from 'node:fs';
import { expect, describe, it } from 'vitest';
import { exitCodes } from '../../runtime/exit.ts';
import { readConfig } from '../../runtime/config.ts';

const page = readFileSync(new URL('../../../docs/OPERATIONS.md', import.meta.url), 'utf8');

describe('docs/OPERATIONS.md', () => {
  it('takes variables as it says', () => {
    const { config } = readConfig({
      file: undefined,
      env: { FAIRSHARE_KAFKA__BROKERS: '[broker1:9092, broker2:9092]', FAIRSHARE_INGEST__MAX_BATCH_SECONDS: '5' },
    });
    expect(config!.kafka.brokers).toEqual(['broker1:9092', 'broker2:9092']);
    expect(config!.ingest.max_batch_seconds).toBe(5);
  });

  it.each(Object.values(exitCodes))('explains exit code %i', (exitCode) => {
    expect(page).toMatch(new RegExp(`^\\| ${exitCode} \\| `, 'm'));
  });
});
