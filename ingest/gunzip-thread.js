// A thread that decompresses gzip files, one after the other, into memory it shares with the reader (decompress.ts): slot after slot
// is filled, announced, and filled again when the reader gives it back. Its garbage is its own: the reader's heap is not collected.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';

const { memory, slot_bytes } = workerData;
const free = Array.from({ length: memory.byteLength / slot_bytes }, (_, slot) => slot);
let wanted;
parentPort.on('message', ({ path, hashes, slot }) => {
  if (path !== undefined) return void gunzip(path, hashes);
  free.push(slot);
  wanted?.();
});

async function takeSlot() {
  if (free.length === 0) await new Promise((resolve) => (wanted = resolve));
  wanted = undefined;
  const slot = free.shift();
  return { slot, bytes: new Uint8Array(memory, slot * slot_bytes, slot_bytes), length: 0 };
}

let stored_bytes = 0;
function announce({ slot, length }) {
  parentPort.postMessage({ slot, length, stored_bytes });
  stored_bytes = 0;
}

/** The reader asks for the next file only after the end of this one, and gives every slot back. */
async function gunzip(path, hashes) {
  // Here, because the reader's thread is the slower one.
  const hash = hashes ? createHash('sha256') : undefined;
  const stored = createReadStream(path, { highWaterMark: 256 << 10 });
  stored.on('data', (chunk) => (stored_bytes += chunk.length));
  const content = createGunzip({ chunkSize: slot_bytes });
  pipeline(stored, content, () => {}); // the loop below meets the error
  let open = await takeSlot();
  try {
    for await (const chunk of content) {
      hash?.update(chunk);
      for (let from = 0; from < chunk.length;) {
        const part = chunk.subarray(from, from + slot_bytes - open.length);
        open.bytes.set(part, open.length);
        open.length += part.length;
        from += part.length;
        if (open.length < slot_bytes) continue;
        announce(open);
        open = await takeSlot();
      }
    }
    announce(open);
    parentPort.postMessage({ ended: true, sha256: hash?.digest('hex') });
  } catch (error) {
    announce(open);
    parentPort.postMessage({ failed: error, code: error.code }); // a message carries no code of an error
  }
}
