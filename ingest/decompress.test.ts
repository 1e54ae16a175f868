import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { openObject } from './decompress.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairshare-decompress-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Compresses badly: 12 MB are more than 1 MiB of gzip, which is when a thread is worth its start. */
const content = Buffer.from(
  Array.from({ length: 300_000 }, (_, i) => `${Math.imul(i, 0x9e3779b1).toString(16)} GET /${i}/x-${i * i}.tgz`).join(
    '\n',
  ),
);

function stored(name: string, bytes: Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string, reuse: boolean) {
  const parts: Buffer[] = [];
  let stored_bytes = 0;
  for await (const chunk of openObject(path, { reuse, onStoredBytes: (count) => (stored_bytes += count) }))
    parts.push(Buffer.from(chunk));
  return { text: Buffer.concat(parts), stored_bytes };
}

describe.each([false, true])('openObject (reuse: %s)', (reuse) => {
  it.each([
    ['plain', content],
    ['small', gzipSync('one\ntwo\n')],
    ['large', gzipSync(content, { level: 1 })],
    ['members', Buffer.concat([gzipSync(content, { level: 1 }), gzipSync('tail')])],
  ])('gives the content of %s', async (name, bytes) => {
    const path = stored(name, bytes);
    const { text, stored_bytes } = await read(path, reuse);
    const expected = { plain: content, small: Buffer.from('one\ntwo\n'), large: content }[name];
    expect(text.equals(expected ?? Buffer.concat([content, Buffer.from('tail')]))).toBe(true);
    expect(stored_bytes).toBe(bytes.length);
  });

  it('says what is damaged, after what could be read', async () => {
    const whole = gzipSync(content, { level: 1 });
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, whole.length - 200_000, whole.length - 100_000);
    const path = stored('damaged', damaged);
    const parts: Buffer[] = [];
    const reading = (async () => {
      for await (const chunk of openObject(path, { reuse })) parts.push(Buffer.from(chunk));
    })();
    await expect(reading).rejects.toThrow(/damaged gzip content/);
    const text = Buffer.concat(parts);
    expect(text.length).toBeGreaterThan(content.length / 2);
    expect(content.subarray(0, 1_000_000).equals(text.subarray(0, 1_000_000))).toBe(true);

    const truncated = stored('truncated', whole);
    truncateSync(truncated, whole.length - 1000);
    await expect(read(truncated, reuse)).rejects.toThrow(/damaged gzip content: unexpected end of file/);
  });

  it('can be left in the middle', async () => {
    const path = stored('left', gzipSync(content, { level: 1 }));
    for await (const chunk of openObject(path, { reuse })) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
});
