// One seed: the life of one partition with all its faults, and the content of the warehouse at the end.

import { type Fact, type StoredLedgerRow } from './store.ts';
import { naiveWorker, parts, protocolWorker } from './workers.ts';
import { type Machine, type Process, World } from './world.ts';

/**
 * 'protocol' is the worker unchanged, and 'without plans' must be exact too. Each other variant lacks a part that the
 * protocol needs.
 */
export const variants = [
  'protocol',
  'without plans',
  'without fence',
  'without fence before raising',
  'without revisions of its own',
  'without raising',
  'insert, then commit',
  'commit, then insert',
] as const;
export type Variant = (typeof variants)[number];
export const exact: readonly Variant[] = ['protocol', 'without plans'];

export interface Outcome {
  readonly seed: number;
  /** Differences from the truth; empty if the run is exact. */
  readonly faults: readonly string[];
  readonly processes: number;
  readonly crashes: number;
  readonly zombies: number;
  readonly steps: number;
}

export async function simulate(
  seed: number,
  variant: Variant = 'protocol',
  trace?: (line: string) => void,
): Promise<Outcome> {
  const world = new World(seed, trace);
  const { random } = world;
  const run = workerOf(world, variant);
  let crashes = 0;
  let zombies = 0;
  const machines: Machine[] = [];
  const start = (): Process => {
    const idle = machines.filter(({ process }) => process!.state === 'done');
    if (idle.length > 0 && random.chance(0.5)) return world.start(random.pick(idle), run);
    const machine = { rules: random.pick(['a1', 'a1', 'a2', 'b1']), maxBatchLines: random.between(1, 9) };
    machines.push(machine);
    return world.start(machine, run);
  };
  world.produce(random.between(1, 12));
  let owner = start();
  let drain = 0;

  const eventful = random.between(20, 160);
  for (let turn = 0; turn < eventful; turn++) {
    const event = random.fraction();
    if (event < 0.03) {
      world.crash(owner);
      crashes++;
    } else if (event < 0.06) {
      owner.state = 'frozen';
      zombies++;
    } else if (event < 0.08) {
      // The group replaces the owner without telling it; its next commit fails.
      owner = start();
      zombies++;
    } else if (event < 0.11 && drain === 0) {
      owner.claim.revoker.abort(random.pick(['rebalance', 'stop']));
      drain = random.between(1, 8);
    } else if (event < 0.14) {
      world.forgetCommits();
    } else if (event < 0.19) world.produce(random.between(1, 4));
    else if (event < 0.22) wake(world);
    else if (event < 0.25) world.deliverLate();
    await world.turn(true);
    if (drain > 0) drain--;
    const replaced = owner.claim.revoked.aborted && drain === 0;
    if (owner.state === 'dead' || owner.state === 'frozen' || owner.state === 'done' || replaced) {
      drain = 0;
      owner = start();
    }
  }

  // The faults end. Late writes arrive and sleeping processes wake, before or after the last owner is done.
  if (random.chance(0.5)) settle(world);
  start();
  const faults: string[] = [];
  for (let turn = 0; await world.turn(false); turn++) {
    if (turn > 5_000) {
      faults.push('does not come to an end');
      break;
    }
  }
  settle(world);
  while (await world.turn(false));
  // A last start must find no work, and must report no fault.
  start();
  while (await world.turn(false));

  for (const { error, id } of world.processes)
    if (error !== undefined) faults.push(`process ${id} ended with: ${(error as Error).message}`);
  faults.push(
    ...(variant.endsWith('commit') || variant.endsWith('insert')
      ? countedOnce(world, naivelyCounted(world))
      : protocolFaults(world)),
  );
  return {
    seed,
    faults,
    processes: world.processes.length,
    crashes,
    zombies,
    steps: world.steps,
  };
}

function workerOf(world: World, variant: Variant) {
  if (variant === 'insert, then commit' || variant === 'commit, then insert')
    return naiveWorker(world, variant === 'commit, then insert');
  return protocolWorker(
    world,
    parts.find((part) => variant === `without ${part}`),
  );
}

function wake(world: World): void {
  const frozen = world.processes.filter(({ state }) => state === 'frozen');
  if (frozen.length > 0) world.random.pick(frozen).state = 'runs';
}

function settle(world: World): void {
  for (const process of world.processes) if (process.state === 'frozen') process.state = 'runs';
  while (world.deliverLate());
}

function protocolFaults(world: World): string[] {
  const { store } = world;
  const rows = store.currentLedger();
  const faults: string[] = [];
  let end = world.low;
  for (const { first, last } of rows) {
    if (first !== end) faults.push(`[${first}, ${last}) follows ${end}`);
    end = last;
  }
  if (end !== world.high) faults.push(`the ledger ends at ${end}, the log at ${world.high}`);
  const loaded = rows.filter(({ state }) => state === 'loaded');
  for (const row of loaded) {
    const usage = store.factsOf('usage_batch', row.batch_id);
    const rejected = store.factsOf('quarantine', row.batch_id);
    if (usage.length !== row.usage_rows || rejected.length !== row.quarantine_rows)
      faults.push(`[${row.first}, ${row.last}) has ${usage.length} rows, the ledger says ${row.usage_rows}`);
    if (new Set([...usage, ...rejected].map(({ rules }) => rules)).size > 1)
      faults.push(`[${row.first}, ${row.last}) mixes rules`);
  }
  const counted = (row: StoredLedgerRow): Fact[] => [
    ...store.factsOf('usage_batch', row.batch_id),
    ...store.factsOf('quarantine', row.batch_id),
  ];
  faults.push(...countedOnce(world, loaded.flatMap(counted)));
  return faults;
}

const naivelyCounted = ({ store }: World): Fact[] =>
  (['usage_batch', 'quarantine'] as const).flatMap((table) =>
    [...store.facts[table].keys()].flatMap((batch) => store.factsOf(table, batch)),
  );

/** The oracle: every produced line counts once. */
function countedOnce({ produced }: World, counted: readonly Fact[]): string[] {
  const times = new Map<string, number>();
  for (const { line } of counted) times.set(line, (times.get(line) ?? 0) + 1);
  const lost = produced.filter((line) => !times.has(line));
  const doubled = produced.filter((line) => times.get(line)! > 1);
  const faults: string[] = [];
  if (lost.length > 0) faults.push(`${lost.length} of ${produced.length} lines are lost, first: ${lost[0]}`);
  if (doubled.length > 0) faults.push(`${doubled.length} of ${produced.length} lines count more than once`);
  if (counted.length !== produced.length && faults.length === 0) faults.push('lines that were never produced');
  return faults;
}

export interface Campaign {
  readonly seeds: number;
  readonly failed: readonly Outcome[];
  readonly crashes: number;
  readonly zombies: number;
  readonly elapsed_ms: number;
}

/** Runs seeds [from, from + count). @param toFirst end at the first seed that fails */
export async function campaign(variant: Variant, from: number, count: number, toFirst = false): Promise<Campaign> {
  const started = performance.now();
  const failed: Outcome[] = [];
  let crashes = 0;
  let zombies = 0;
  let seed = from;
  for (; seed < from + count && !(toFirst && failed.length > 0); seed++) {
    const outcome = await simulate(seed, variant);
    crashes += outcome.crashes;
    zombies += outcome.zombies;
    if (outcome.faults.length > 0) failed.push(outcome);
  }
  return { seeds: seed - from, failed, crashes, zombies, elapsed_ms: performance.now() - started };
}
