// A small disk that can be filled, and every command that writes, run on it: first while it is full, then with room. For
// test/disk-full/ and its short version in test/integration/.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fairshare, type RunResult } from './cli.ts';
import { temporaryDirectory } from './warehouse.ts';

const MIB = 1 << 20;

/** A file system of its own, in memory. */
export class SmallDisk {
  readonly path: string;
  private readonly directory = temporaryDirectory('fairshare-disk-');

  /** @throws Error if this user may not mount one: the test cannot prove anything then, and must not pass */
  constructor(size_mib: number) {
    this.path = join(this.directory.path, 'disk');
    mkdirSync(this.path);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size_mib}m,mode=755`, 'tmpfs', this.path], { stdio: 'pipe' });
    } catch (cause) {
      this.directory.remove();
      throw new Error(
        'This test fills a small disk of its own, and may not mount one here. Run it as root, or by: unshare --user --map-root-user --mount make test-disk-full',
        { cause },
      );
    }
  }

  /** Leaves so many bytes free. */
  fill(room_bytes: number): void {
    const filler = join(this.path, 'filler');
    const { bavail, bsize } = statfsSync(this.path);
    let left = bavail * bsize - room_bytes;
    writeFileSync(filler, '');
    for (const block = Buffer.alloc(MIB); left > 0; left -= block.length)
      appendFileSync(filler, block.subarray(0, Math.min(left, block.length)));
  }

  free(): void {
    rmSync(join(this.path, 'filler'), { force: true });
  }

  remove(): void {
    execFileSync('umount', ['-l', this.path]);
    this.directory.remove();
  }
}

/** Where commands of one world write. */
export interface Place {
  readonly path: string;
}

export interface Step {
  /** The command's words, as the command table has them. */
  readonly command: string;
  readonly args: (place: Place) => readonly string[];
  /** Part of stdout goes into a file here. */
  readonly intoFile?: true;
}

const PERIOD = '2026-10';

/** What the commands work on; read only. */
export class World {
  private readonly directory = temporaryDirectory('fairshare-world-');
  readonly scenario = join(this.directory.path, 'scenario');

  static async make(): Promise<World> {
    const world = new World();
    const made = await fairshare(['simulate', '--out', world.scenario, '--lines', '4000', '--start', `${PERIOD}-29`, '--days', '3', '--seed', '7', '--objects-per-day', '1']); // prettier-ignore
    expect(made.status, made.stderr).toBe(0);
    const family = /^ {2}- id: (\S+)$/m.exec(readFileSync(join(world.scenario, 'registry/orgs.yaml'), 'utf8'))![1];
    writeFileSync(
      join(world.directory.path, 'corrections.csv'),
      `id,period,of_period,family,amount,currency,reason\nc1,2026-11,${PERIOD},${family},-1.00,USD,counted twice\n`,
    );
    return world;
  }

  async run(args: readonly string[], place: Place, stdoutFile?: string): Promise<RunResult> {
    const temporary = join(place.path, 'tmp');
    mkdirSync(temporary, { recursive: true });
    return fairshare(args, {
      env: {
        FAIRSHARE_CONFIG: join(this.scenario, 'fairshare.yaml'),
        FAIRSHARE_WAREHOUSE: join(place.path, 'warehouse'),
        TMPDIR: temporary,
      },
      stdoutFile,
    });
  }

  /** Every step of a registry's month, in an order in which each has something to write. */
  steps(): readonly Step[] {
    const { scenario } = this;
    const logs = (name: string) => join(scenario, 'logs', name);
    const object = readdirSync(logs('npm'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.log') || name.endsWith('.gz')).sort()[0]; // prettier-ignore
    const org = /^ {2}- id: (\S+)$/m.exec(readFileSync(join(scenario, 'registry/orgs.yaml'), 'utf8'))![1];
    return [
      { command: 'init', args: ({ path }) => ['init', join(path, 'new')] },
      { command: 'simulate', args: ({ path }) => ['simulate', '--out', join(path, 'simulated'), '--lines', '500', '--days', '1'] },
      { command: 'migrate', args: () => ['migrate'] },
      { command: 'orgs import', args: () => ['orgs', 'import', join(scenario, 'registry/orgs.yaml')] },
      { command: 'ranges import', args: () => ['ranges', 'import', join(scenario, 'registry/ranges'), join(scenario, 'registry/networks.csv')] },
      ...['npm', 'pypi'].map((name) => ({ command: 'ingest files', args: () => ['ingest', 'files', logs(name), '--source', name] })),
      { command: 'seal', args: () => ['seal'] },
      { command: 'attribute', args: () => ['attribute', '--period', PERIOD] },
      { command: 'allocate', args: () => ['allocate', '--period', PERIOD] },
      { command: 'report', args: ({ path }) => ['report', '--period', PERIOD, '--out', join(path, 'report')] },
      { command: 'export', args: ({ path }) => ['export', '--org', org, '--period', PERIOD, '--out', join(path, 'export')] },
      { command: 'query', args: () => ['query', 'SELECT number FROM numbers(100000)'], intoFile: true },
      { command: 'nightly', args: ({ path }) => ['nightly', '--day', `${PERIOD}-31`, '--incomplete', '--out', join(path, 'out')] },
      { command: 'close', args: () => ['close', '--period', PERIOD] },
      { command: 'correct', args: () => ['correct', '--yes', join(this.directory.path, 'corrections.csv')] },
      { command: 'ingest retract', args: () => ['ingest', 'retract', '--source', 'npm', '--object', object] },
      { command: 'seal', args: () => ['seal', '--booked-day', '2026-11-05'] },
    ]; // prettier-ignore
  }

  close(): void {
    this.directory.remove();
  }
}

/** Commands that these steps do not run on a full disk, and why. A command that is in neither list fails the test. */
export const elsewhere: Readonly<Record<string, string>> = {
  'config check': 'writes nothing',
  'ingest kafka': 'waits for room: test/faults/outages.test.ts',
  'ingest restore': 'needs a day that an older version changed; writes one row, as ingest retract does',
  erase: 'was not tried: each of its steps can be repeated',
  'users add': 'writes a small file beside the old one, and renames it',
  'users remove': 'as users add',
  'users list': 'writes nothing',
  'ingest give-up': 'writes one row, as ingest retract does',
  'ingest release': 'needs a stopped partition; writes one row, as ingest retract does',
  'quarantine list': 'writes nothing',
  'quarantine show': 'writes nothing',
  'quarantine replay': 'needs quarantined lines that became readable; stores as ingest files does',
  produce: 'writes to a topic alone',
  classify: 'writes nothing',
  'orgs check': 'writes nothing',
  'orgs diff': 'writes nothing',
  'orgs show': 'writes nothing',
  'orgs candidates': 'writes nothing',
  'orgs prove': 'writes one row, as correct does',
  'ranges refresh': 'needs a network; stores as ranges import does',
  'ranges show': 'writes nothing',
  'orgs enrol': 'writes nothing',
  'orgs adoption': 'writes nothing',
  'methodology start': 'writes one row, as correct does',
  'simulate-cache': 'stores an allocation of the month, as allocate does',
  unknown: 'writes nothing',
  mcp: 'writes nothing but its audit, if one is asked for',
  'days show': 'writes nothing',
  'days accept': 'writes one row, as correct does',
  'days withdraw': 'writes one row, as correct does',
  tiers: 'writes nothing',
  waste: 'writes nothing',
  retain: 'only drops; ALTER … DROP PARTITION needs 1 MiB, which the engine checks',
  verify: 'writes nothing',
  doctor: 'writes nothing',
  serve: 'is a door: its writers are these commands',
  completion: 'writes nothing',
};

/** Runs a step while the disk has this little room, then with enough. → whether the first run failed */
export async function runOnFullDisk(world: World, disk: SmallDisk, step: Step, room_bytes: number): Promise<boolean> {
  const file = step.intoFile && join(disk.path, 'stdout');
  const first = step.args(disk);
  disk.fill(room_bytes);
  const full = await world.run(first, disk, file);
  disk.free();
  const shown = `${first.join(' ')} with ${room_bytes} bytes of room:\n${full.stderr}`;
  expect(full.stderr, shown).not.toMatch(/a defect|\n +at /);
  // What has succeeded already may refuse to be done twice, as init does.
  if (full.status === 0) return false;
  expect(full.status, shown).toBe(5);
  expect(full.stderr, shown).toMatch(/disk is full/);
  expect(full.stderr, shown).toMatch(/Free space/);
  const free = await world.run(step.args(disk), disk, file);
  expect(free.status, `${step.args(disk).join(' ')} after space was freed:\n${free.stderr}`).toBe(0);
  return true;
}

export const figuresOf = (place: Place): string =>
  execFileSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), new URL('../../scripts/tools/figures.ts', import.meta.url).pathname, join(place.path, 'warehouse'), join(place.path, 'out')], // prettier-ignore
    { encoding: 'utf8' },
  );
