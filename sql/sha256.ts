// SHA-256, in hex: names the content of batches, objects, rules and secrets.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Reads the file in pieces. */
export async function sha256OfFile(path: string | Buffer): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
