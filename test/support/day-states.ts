// A warehouse with one day in each state, and the commands that change a warehouse, aimed at one of these days.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchId } from '../../ingest/load.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { loadedOfObject, rowWithoutFacts, writeLedger } from '../../sql/ledger.ts';
import { applyRetention, planRetention } from '../../sql/retention.ts';
import { DAY_MS } from '../../transform/periods.ts';
import { fairshareHere, type RunResult } from './cli.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { copyWarehouse, withWarehouse } from './damage.ts';
import { edgeLine, House, type TestRequest } from './house.ts';
import { temporaryDirectory } from './warehouse.ts';

/** Each day has one object, named by its state. */
export const dayOfState = {
  open: '2026-06-27',
  closed: '2026-06-10',
  dropped: '2026-02-01',
  unsealed: '2026-06-28',
  /** Its rows in landing are gone, as after damage. */
  unsealable: '2026-06-26',
  /** Its batch was taken back after its landing had been dropped. Version 0.2.0 let this happen. */
  lost: '2026-02-02',
} as const;
export type DayState = keyof typeof dayOfState;
export const dayStates = Object.keys(dayOfState) as DayState[];
/** Days that no night can seal, whatever the command before it did. */
export const unsealableDays: readonly string[] = [dayOfState.lost, dayOfState.unsealable];

/** The day of a line that every night must seal; another line is a late one of the closed day. */
const WITNESS = '2026-06-29';
const WITNESS_PATH = '/witness/-/witness-1.0.0.tgz';
const witnessedRequests = async (warehouse: Warehouse): Promise<number> => {
  const [row] = await warehouse.query<{ requests: string }>(
    "SELECT sum(requests) AS requests FROM usage_daily WHERE package = 'witness'",
  );
  return Number(row.requests);
};

const LIMITS = { quarantine_days: 30, network_days: 90, hourly_days: 396 };
const ORGANISATION = 'example-corp';

const requests = (day: string, bytes = 1000): (TestRequest | string)[] => [
  { at: `${day}T10:00:00Z`, address: '192.0.2.7', bytes },
  { at: `${day}T11:00:00Z`, bytes },
  '{"broken',
];

export interface NightAfter {
  readonly commands: readonly RunResult[];
  readonly night: RunResult;
  /** Days that could not be sealed. */
  readonly unsealed: readonly string[];
  /** Sealed requests of the witness's two lines. */
  readonly witnessed: number;
}

export class DayStates {
  private readonly directory = temporaryDirectory();
  private copies = 0;

  private at(...parts: string[]): string {
    return join(this.directory.path, ...parts);
  }

  static async make(): Promise<DayStates> {
    const made = new DayStates();
    await fairshareHere(['init', made.at()]);
    const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09'].map((month) => `2026-${month}`);
    const costs = months.map((month) => `${month},compute,requests,USD,7500.00,0.00,`);
    writeFileSync(made.at('costs.csv'), `period,pool,driver,currency,gross,donated,donor\n${costs.join('\n')}\n`);
    const policy = readFileSync(made.at('policy.yaml'), 'utf8');
    writeFileSync(made.at('policy.yaml'), policy.replace(/^pools:\n(?: {2}.*\n)+/m, ''));
    const house = await House.open();
    const { warehouse } = house;
    const spec = { name: 'edge' };
    for (const state of dayStates)
      await house.ingest([house.object(`${state}.log`, requests(dayOfState[state]))], { spec });
    for (const state of ['dropped', 'lost', 'closed'] as const) await house.seal(dayOfState[state]);
    await closeBookings(warehouse, dayOfState.closed, new Date());
    await house.seal(dayOfState.open);
    const witness = [{ at: `${WITNESS}T10:00:00Z` }, { at: `${dayOfState.closed}T12:00:00Z` }];
    await house.ingest(
      [
        house.object(
          'witness.log',
          witness.map((line) => ({ ...line, path: WITNESS_PATH })),
        ),
      ],
      { spec },
    );
    const later = new Date(Date.now() + 10 * DAY_MS);
    await applyRetention(warehouse, await planRetention(warehouse, LIMITS, later), LIMITS, later);
    const [row] = await loadedOfObject(warehouse, 'edge', 'lost.log');
    const identity = { ...row, revision: await house.revision(row.revision) };
    const { object, methodology_version, last_record_at, last_record_sha256, recorded_at } = row;
    await writeLedger(warehouse, [
      rowWithoutFacts(identity, {
        ...{ object, methodology_version, last_record_at, last_record_sha256, recorded_at },
        batch_id: batchId(identity),
        state: 'retracted',
      }),
    ]);
    await warehouse.command(`ALTER TABLE usage_batch DROP PARTITION '${dayOfState.unsealable.replaceAll('-', '')}'`);
    await warehouse.close();
    copyWarehouse(join(house.directory, 'warehouse'), made.at('warehouse'));
    await house.close();
    const write = (name: string, lines: readonly (TestRequest | string)[]) =>
      writeFileSync(
        made.at(name),
        lines.map((line) => `${typeof line === 'string' ? line : edgeLine(line)}\n`).join(''),
      );
    for (const state of dayStates) write(`late-${state}.log`, requests(dayOfState[state], 77));
    mkdirSync(made.at('out'));
    writeFileSync(
      made.at('corrections.csv'),
      `id,period,of_period,family,amount,currency,reason\nc1,2026-07,2026-06,${ORGANISATION},-1.00,USD,agreed\n`,
    );
    return made;
  }

  /** Commands that name a day, its month or its object. */
  dayCommands(state: DayState): Readonly<Record<string, readonly string[]>> {
    const source = ['--source', 'edge'];
    const form = ['--format', 'nginx-edge', '--ecosystem', 'npm'];
    const day = dayOfState[state];
    const month = ['--period', day.slice(0, 7)];
    const object = ['--object', `${state}.log`];
    return {
      'ingest files': ['ingest', 'files', this.at(`late-${state}.log`), ...source, ...form],
      'ingest retract': ['ingest', 'retract', ...source, ...object],
      'ingest restore': ['ingest', 'restore', ...source, ...object],
      'quarantine replay': ['quarantine', 'replay', ...source, '--partition', `${state}.log`, ...form],
      seal: ['seal', '--day', day],
      'seal --force': ['seal', '--day', day, '--force', '--booked-day', WITNESS],
      'days accept': ['days', 'accept', day, ...source, '--reason', 'known'],
      'days withdraw': ['days', 'withdraw', day, ...source, '--reason', 'known'],
      close: ['close', ...month],
      allocate: ['allocate', ...month],
      report: ['report', ...month, '--out', this.at('out')],
      export: ['export', '--org', ORGANISATION, ...month, '--out', this.at('out', `export-${state}`)],
      nightly: ['nightly', '--day', day, '--incomplete', '--out', this.at('out')],
    };
  }

  /** Commands that meet every day at once. */
  readonly commands: Readonly<Record<string, readonly string[]>> = {
    migrate: ['migrate'],
    attribute: ['attribute'],
    retain: ['retain'],
    correct: ['correct', '--yes', this.at('corrections.csv')],
    'orgs import': ['orgs', 'import', this.at('orgs.yaml')],
    'orgs prove': ['orgs', 'prove', 'example-corp-hq'],
    'ranges import': ['ranges', 'import', this.at('late-open.log')],
    'ranges refresh': ['ranges', 'refresh'],
    'ingest give-up': ['ingest', 'give-up', '--source', 'edge', '--object', 'refused.log', '--reason', 'lost'],
    'methodology start': ['methodology', 'start', '--from', '2026-08-01', '--reason', 'agreed'],
    erase: ['erase', '--org', 'example-corp', '--reason', 'asked for', '--yes'],
    'ingest release': ['ingest', 'release', '--source', 'edge', '--partition', 'logs/0', '--to', '1'],
  };

  /** Runs the commands on a copy of the warehouse, and then a night. */
  async nightAfter(commands: readonly (readonly string[])[]): Promise<NightAfter> {
    const location = this.at(`copy-${this.copies++}`);
    copyWarehouse(this.at('warehouse'), location);
    // One of three lines is no request; here that holds no day.
    const env = {
      FAIRSHARE_WAREHOUSE: location,
      FAIRSHARE_CONFIG: this.at('fairshare.yaml'),
      FAIRSHARE_COMPLETENESS__MAX_UNREADABLE_SHARE: '1',
    };
    const run = (...words: string[]) => fairshareHere(words, { env });
    try {
      const results: RunResult[] = [];
      for (const args of commands) results.push(await run(...args));
      const night = await run('nightly', '--day', WITNESS, '--incomplete', '--out', this.at('out'), '--json');
      const seal = night.stdout.split('\n').find((line) => line.includes('"seal"')) ?? '';
      return {
        commands: results,
        night,
        unsealed: /cannot be sealed: ([-\d, ]+)/.exec(seal)?.[1].split(', ') ?? [],
        witnessed: await withWarehouse(location, witnessedRequests),
      };
    } finally {
      rmSync(location, { recursive: true, force: true });
    }
  }

  remove(): void {
    this.directory.remove();
  }
}
