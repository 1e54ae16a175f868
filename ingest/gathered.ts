// For work that costs about as much for many items as for one: items that arrive while it runs are handled together next.

import { setImmediate } from 'node:timers/promises';

interface GatheredOptions<T> {
  readonly work: (group: readonly T[]) => Promise<void>;
  /** Whether one more item may join the group. */
  readonly fits: (group: readonly T[], next: T) => boolean;
  /** A group failed: its items are now tried one by one. */
  readonly onAlone: (error: Error, count: number) => void;
  /** Once aborted, a failed group is not tried again. */
  readonly signal?: AbortSignal;
}

/**
 * Gathers items while the work runs, and handles them together next. If a group fails, each item is tried alone, so that only
 * the bad ones fail.
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
    // Items added in the same turn are handled together.
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
