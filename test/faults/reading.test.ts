// A reader beside writers that change everything under it: it never sees a half of a change, and at the end what they left.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openWarehouse } from '../../sql/warehouse.ts';
import { program } from '../support/cli.ts';
import { startReader } from '../support/doors.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const SECONDS = Number(process.env.FAIRSHARE_CHURN_SECONDS ?? 8);

it('reads the warehouse between two changes, whatever three writers in turn do to it', async () => {
  const directory = temporaryDirectory();
  const location = directory.path;
  const write = async (seconds: number, number: number): Promise<string> =>
    (await promisify(execFile)(process.execPath, [program('test/support/churn-writer'), location, String(seconds), String(number)])).stdout; // prettier-ignore
  await write(1, 1);
  const made = await openWarehouse({ location });
  await made.command('CREATE DATABASE analyst');
  await made.command(
    'CREATE VIEW analyst.churn DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM default.churn',
  );
  await made.close();
  const door = await startReader(location);
  try {
    let left = '';
    let writes = true;
    const writing = (async () => {
      for (const number of [2, 3, 4]) left = await write(SECONDS, number);
      writes = false;
    })();
    let answers = 0;
    let asked = 0;
    while (writes) {
      asked++;
      const response = await fetch(door.url, { method: 'POST', body: 'SELECT count() % 1000, count() FROM churn' });
      const text = await response.text();
      if (response.status === 200) {
        answers++;
        expect(text).toMatch(/^0\t/);
      } else expect(text).toMatch(/^Code: (?:236|107|76)\./);
    }
    await writing;
    process.stderr.write(`churn: ${asked} asked, ${answers} answered, none wrong\n`);
    expect(answers).toBeGreaterThan(asked * 0.9);
    await sleep(2_500);
    const last = await fetch(door.url, { method: 'POST', body: 'SELECT count(), sum(v) FROM churn' });
    expect(await last.text()).toBe(left);
  } finally {
    await door.close();
    directory.remove();
  }
});
