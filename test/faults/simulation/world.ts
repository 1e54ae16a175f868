// A deterministic world for the load protocol: one partition, one group, one warehouse, and processes. Each operation of a
// process outside itself waits for the scheduler. The scheduler lets processes crash, sleep, wake, lose answers, and be
// replaced. A write of a dead process may still arrive.

import { setImmediate } from 'node:timers/promises';
import { Fault } from '../../../transform/fault.ts';
import { type Claim, type Fetched, type KafkaRecord, StaleClaim } from '../../../ingest/sources/kafka.ts';
import { PartitionStopped } from '../../../ingest/partition.ts';
import { Random } from '../../support/generator.ts';
import { Store } from './store.ts';

export const TOPIC = 'simulated';

type Kind = 'write' | 'read' | 'kafka' | 'commit' | 'sleep';

interface Operation {
  readonly process: Process;
  readonly kind: Kind;
  readonly effect: (share: number) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The process of a worker, with the state that it keeps in memory from claim to claim. */
export interface Machine {
  /** The rules that it reads by: a letter for the rules in a revision, a digit for settings that no revision names. */
  readonly rules: string;
  readonly maxBatchLines: number;
  /** Its latest claim. */
  process?: Process;
  revision?: (above?: number) => Promise<number>;
}

export interface Process {
  readonly id: number;
  readonly machine: Machine;
  readonly claim: SimulatedClaim;
  state: 'runs' | 'frozen' | 'dead' | 'done';
  /** The error that ended it, if there was one. */
  error?: unknown;
}

export interface SimulatedRecord {
  /** null is a tombstone */
  readonly value: Buffer | null;
  readonly lines: readonly string[];
}

/** The group's view of the partition. */
interface Group {
  generation: number;
  committed: bigint | null;
  metadata: string;
}

export const isBad = (line: string): boolean => line.startsWith('!');

export class World {
  readonly random: Random;
  readonly store = new Store();
  /** Offset → record; null is a control record, which readers never see. */
  readonly log: (SimulatedRecord | null)[] = [];
  readonly produced: string[] = [];
  readonly low: bigint;
  readonly group: Group = { generation: 0, committed: null, metadata: '' };
  /** State of the group before each commit. */
  readonly history: Pick<Group, 'committed' | 'metadata'>[] = [];
  readonly processes: Process[] = [];
  private pending: Operation[] = [];
  /** Writes that may still arrive although their sender has ended or given up. */
  private network: (() => void)[] = [];
  private nextId = 0;
  steps = 0;

  /** @param trace is called with each step, to replay a seed */
  constructor(
    seed: number,
    private readonly trace?: (line: string) => void,
  ) {
    this.random = new Random(seed);
    this.low = BigInt(this.random.pick([0, 0, 0, 3]));
    for (let offset = 0n; offset < this.low; offset++) this.log.push(null);
  }

  get high(): bigint {
    return BigInt(this.log.length);
  }

  produce(records: number): void {
    const { random } = this;
    for (let i = 0; i < records; i++) {
      if (random.chance(0.06)) this.log.push(null);
      else if (random.chance(0.04)) this.log.push({ value: null, lines: [] });
      else {
        const lines = Array.from(
          { length: random.chance(0.2) ? 3 : 1 },
          () => `${random.chance(0.05) ? '!' : ''}${this.nextId++}`,
        );
        this.produced.push(...lines);
        this.log.push({ value: Buffer.from(lines.join('\n')), lines });
      }
    }
  }

  /** The coordinator's log loses its end (a host without power, an unclean election): all offsets, or the last commits. */
  forgetCommits(): void {
    const { history, random } = this;
    const kept = random.chance(0.5) ? 0 : Math.max(0, history.length - random.between(1, 4));
    const [before] = history.splice(kept);
    Object.assign(this.group, kept === 0 ? { committed: null, metadata: '' } : before);
  }

  /** Makes a new owner; earlier owners belong to an older generation from now on. */
  start(machine: Machine, run: (process: Process) => Promise<void>): Process {
    const { group } = this;
    group.generation++;
    const claim = new SimulatedClaim(this, group.generation, { ...group });
    const process: Process = { id: this.processes.length, machine, claim, state: 'runs' };
    machine.process = process;
    claim.process = process;
    this.processes.push(process);
    run(process).then(
      () => (process.state = 'done'),
      (error: unknown) => {
        process.state = 'done';
        // A replaced process may stop over state that it does not understand; it only must not count anything.
        const replaced = claim.generation !== group.generation && error instanceof PartitionStopped;
        if (!(error instanceof StaleClaim) && !replaced) process.error = error;
      },
    );
    return process;
  }

  io<T>(process: Process, kind: Kind, effect: (share: number) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.pending.push({ process, kind, effect, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Performs one operation of one running process. → false if none waits */
  async turn(faults: boolean): Promise<boolean> {
    const eligible = this.pending.filter(({ process }) => process.state === 'runs');
    if (eligible.length === 0) return false;
    this.steps++;
    const operation = this.random.pick(eligible);
    this.pending.splice(this.pending.indexOf(operation), 1);
    this.trace?.(
      `process ${operation.process.id} ${operation.kind}: committed ${this.group.committed} ${this.group.metadata}, ledger ${this.store
        .currentLedger()
        .map(({ first, last, revision }) => `[${first}, ${last}) r${revision}`)
        .join(' ')}`,
    );
    this.perform(operation, faults);
    await settled();
    return true;
  }

  private perform({ kind, effect, resolve, reject }: Operation, faults: boolean): void {
    const { random } = this;
    const unknown = () => reject(new Fault('warehouseUnreachable', 'simulated: no answer'));
    try {
      if (faults && kind === 'write' && random.chance(0.12)) {
        const what = random.below(5);
        if (what === 0 || what === 3) effect(1); // stored, the answer is lost
        if (what === 1) effect(random.fraction()); // stored in part
        if (what === 2 || what === 3) this.network.push(() => effect(1)); // arrives after its sender has given up
        return unknown();
      }
      if (faults && kind === 'read' && random.chance(0.03)) return unknown();
      resolve(effect(1));
    } catch (error) {
      reject(error as Error);
    }
  }

  crash(process: Process): void {
    process.state = 'dead';
    for (const { kind, effect } of this.pending.filter((operation) => operation.process === process))
      if ((kind === 'write' || kind === 'commit') && this.random.chance(0.5)) this.network.push(() => effect(1));
    this.pending = this.pending.filter((operation) => operation.process !== process);
  }

  /** → false if no late write is left */
  deliverLate(): boolean {
    if (this.network.length === 0) return false;
    const [late] = this.network.splice(this.random.below(this.network.length), 1);
    try {
      late();
    } catch {
      // The store refused it; no process waits for the answer.
    }
    return true;
  }
}

/**
 * Turns of the event loop after which all code that needs no scheduler has run: the loader gathers for one turn, twice a
 * batch.
 */
const SETTLING_TURNS = 3;
async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await setImmediate();
}

export class SimulatedClaim implements Claim {
  readonly topic = TOPIC;
  readonly partition = 0;
  readonly low: bigint;
  readonly high: bigint;
  readonly committed: bigint | null;
  readonly metadata: string;
  readonly revoker = new AbortController();
  readonly revoked = this.revoker.signal;
  position: bigint | undefined;
  /** Whether the group refuses commits of older generations. */
  fenced = true;
  process!: Process;
  private readonly world: World;

  constructor(
    world: World,
    readonly generation: number,
    { committed, metadata }: Pick<Group, 'committed' | 'metadata'>,
  ) {
    this.world = world;
    this.low = world.low;
    this.high = world.high;
    this.committed = committed;
    this.metadata = metadata;
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  seek(offset: bigint): void {
    this.position = offset;
  }

  poll(): Promise<Fetched | null> {
    return this.world.io(this.process, 'kafka', () => {
      if (this.revoked.aborted) throw new StaleClaim(String(this.revoked.reason));
      const { log, high, random } = this.world;
      const from = this.position!;
      const reach = from + BigInt(random.between(1, 6));
      const nextOffset = reach < high ? reach : high;
      if (nextOffset === from) return null;
      const records: KafkaRecord[] = [];
      for (let offset = from; offset < nextOffset; offset++) {
        const record = log[Number(offset)];
        if (record != null) records.push(recordAt(offset, record));
      }
      this.position = nextOffset;
      return { from, nextOffset, records, size_bytes: 0, highWatermark: high, endOffset: high };
    });
  }

  commit(offset: bigint, metadata = ''): Promise<void> {
    return this.world.io(this.process, 'commit', () => {
      const { group } = this.world;
      if (this.fenced && group.generation !== this.generation)
        throw new StaleClaim(`generation ${this.generation} is over`);
      this.world.history.push({ committed: group.committed, metadata: group.metadata });
      group.committed = offset;
      group.metadata = metadata;
    });
  }
}

export const recordAt = (offset: bigint, { value }: SimulatedRecord): KafkaRecord => ({
  offset,
  timestamp_ms: Number(offset),
  key: null,
  value,
  headers: {},
});
