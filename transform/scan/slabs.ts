// Large pieces of memory that batch after batch uses again. Memory given up and taken anew makes V8 collect garbage: it
// starts a collection for every 32 to 64 MB of new buffers, and each marks the whole heap.
//
// One pool a thread. What is free in it was in use at the same time once, so the pool adds nothing to the peak; and what
// one partition's batch has given back serves the next partition's.

/** Less is not worth keeping. */
const LEAST_BYTES = 1 << 16;
/** Free memory that is kept at most; what comes back beyond it is left to the garbage collector. */
const MOST_FREE_BYTES = 320 << 20;

/** By the binary logarithm of their size. */
const free: ArrayBuffer[][] = Array.from({ length: 40 }, () => []);
let free_bytes = 0;

const classOf = (bytes: number): number => 32 - Math.clz32(Math.max(bytes, LEAST_BYTES) - 1);

/** At least `bytes` (below 2^31), with whatever was in them before. */
export function takeSlab(bytes: number): ArrayBuffer {
  const slab = free[classOf(bytes)].pop();
  if (slab === undefined) return new ArrayBuffer(2 ** classOf(bytes));
  free_bytes -= slab.byteLength;
  return slab;
}

/** At least `bytes`, all zero. */
export function takeZeroedSlab(bytes: number): ArrayBuffer {
  const isNew = free[classOf(bytes)].length === 0;
  const slab = takeSlab(bytes);
  if (!isNew) new Int32Array(slab).fill(0);
  return slab;
}

/** The caller must not touch it any more. */
export function giveSlab(slab: ArrayBuffer): void {
  if (free_bytes + slab.byteLength > MOST_FREE_BYTES) return;
  free_bytes += slab.byteLength;
  free[classOf(slab.byteLength)].push(slab);
}

/** Arrays that are all done with at the same time. */
export class Slabs {
  private slabs: ArrayBuffer[] = [];

  /** What is in it is left over from earlier uses. */
  take(bytes: number): ArrayBuffer {
    const slab = takeSlab(bytes);
    this.slabs.push(slab);
    return slab;
  }

  giveBack(): void {
    for (const slab of this.slabs) giveSlab(slab);
    this.slabs = [];
  }
}
