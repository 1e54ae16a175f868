// A thread that decompresses a gzip file into memory it shares with the reader (decompress.ts): slot after slot is filled,
// announced, and filled again when the reader gives it back. Its garbage is its own: the reader's heap is not collected.

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';

const { path, memory, slotBytes } = workerData;
const free = Array.from({ length: memory.byteLength / slotBytes }, (_, slot) => slot);
let wanted;
parentPort.on('message', (slot) => {
  free.push(slot);
  wanted?.();
});

async function takeSlot() {
  if (free.length === 0) await new Promise((resolve) => (wanted = resolve));
  wanted = undefined;
  const slot = free.shift();
  return { slot, bytes: new Uint8Array(memory, slot * slotBytes, slotBytes), length: 0 };
}

let storedBytes = 0;
function announce({ slot, length }) {
  parentPort.postMessage({ slot, length, storedBytes });
  storedBytes = 0;
}

const stored = createReadStream(path, { highWaterMark: 256 << 10 });
stored.on('data', (chunk) => (storedBytes += chunk.length));
const content = createGunzip({ chunkSize: slotBytes });
pipeline(stored, content, () => {}); // the loop below meets the error
let open = await takeSlot();
try {
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + slotBytes - open.length);
      open.bytes.set(part, open.length);
      open.length += part.length;
      from += part.length;
      if (open.length < slotBytes) continue;
      announce(open);
      open = await takeSlot();
    }
  }
  announce(open);
  parentPort.postMessage({ ended: true });
} catch (error) {
  announce(open);
  parentPort.postMessage({ failed: error });
}
parentPort.close();
