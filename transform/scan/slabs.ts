// Reuses large pieces of memory for batch after batch, because V8 starts a garbage collection for every 32 to 64 MB of new
// buffers, and each marks the whole heap.
//
// One pool a thread. Pooling does not raise peak memory: freed buffers were all in use at once before. Buffers of one
// partition's batch are reused for the next partition's.

/** Smaller pieces are not worth keeping. */
const LEAST_BYTES = 1 << 16;
/** Largest amount of free memory to keep. The garbage collector takes the rest. */
const MOST_FREE_BYTES = 320 << 20;

/** Free pieces by the binary logarithm of their size. */
const free: ArrayBuffer[][] = Array.from({ length: 40 }, () => []);
let free_bytes = 0;

const classOf = (bytes: number): number => 32 - Math.clz32(Math.max(bytes, LEAST_BYTES) - 1);

/** At least `bytes` (below 2^31), with old content. */
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

/** The caller must not use it any more. */
export function giveSlab(slab: ArrayBuffer): void {
  if (free_bytes + slab.byteLength > MOST_FREE_BYTES) return;
  free_bytes += slab.byteLength;
  free[classOf(slab.byteLength)].push(slab);
}

/** Arrays that are all given back at the same time. */
export class Slabs {
  private slabs: ArrayBuffer[] = [];

  /** The memory has content of earlier uses. */
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
