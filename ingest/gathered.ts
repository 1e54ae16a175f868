// Work that costs about as much for many as for one: what comes while it is done is done together next.

import { setImmediate } from 'node:timers/promises';

interface GatheredOptions<T> {
  readonly work: (group: readonly T[]) => Promise<void>;
  /** Whether one more may join. */
  readonly fits: (group: readonly T[], next: T) => boolean;
  /** A group failed. */
  readonly onAlone: (error: Error, count: number) => void;
  /** Nothing is tried again afterwards. */
  readonly signal?: AbortSignal;
}

/**
 * Gathers what comes while it works, and does that together next. Where a group fails each of it is done by itself, so that what
 * must fail fails alone.
 */
export class Gathered<T> {
  private readonly options: GatheredOptions<T>;
  private waiting: { readonly item: T; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  private working = false;

  constructor(options: GatheredOptions<T>) {
    this.options = options;
  }

  add(item: T): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed });
      if (!this.working) void this.run();
    });
  }

  private async run(): Promise<void> {
    const { work, fits, onAlone, signal } = this.options;
    this.working = true;
    // What is added in the same turn goes together.
    await setImmediate();
    while (this.waiting.length > 0) {
      const group: T[] = [];
      while (group.length < this.waiting.length) {
        const next = this.waiting[group.length].item;
        if (group.length > 0 && !fits(group, next)) break;
        group.push(next);
      }
      const added = this.waiting.splice(0, group.length);
      try {
        await work(group);
        for (const { done } of added) done();
      } catch (error) {
        if (added.length === 1 || signal?.aborted) for (const { failed } of added) failed(error);
        else {
          onAlone(error as Error, added.length);
          for (const { item, done, failed } of added) await work([item]).then(done, failed);
        }
      }
    }
    this.working = false;
  }
}
