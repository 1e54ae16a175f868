// What is no log is recognised by its first bytes, and no log is taken for it.

import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOf } from './containers.ts';

const lines = Array.from(
  { length: 50 },
  (_, i) => `192.0.2.${i} - - [26/Nov/2026:10:00:00 +0000] "GET /a-1.0.${i}.tgz HTTP/1.1" 200 ${i} "-" "npm/11.0.0"\n`,
).join('');
const of = (program: string, args: readonly string[] = [], input = lines) => execFileSync(program, args, { input });
/** tar ends without reading its input, so it gets none. */
const tar = (...args: string[]) => of('tar', ['-c', ...args, '--transform=s/.*/a.log/', '/etc/hostname'], '');
const hex = (text: string) => Buffer.concat([Buffer.from(text.replaceAll(' ', ''), 'hex'), Buffer.alloc(64)]);
/** The first header of an archive from before POSIX. */
function oldTar(): Buffer {
  const header = Buffer.alloc(512);
  header.write('access.log');
  header.write('0000644\0', 100);
  header.write('        ', 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(lines)]);
}

describe('is no log', () => {
  it.each([
    ['bzip2', () => of('bzip2', ['-c'])],
    ['xz', () => of('xz', ['-c'])],
    ['LZMA', () => of('xz', ['-c', '--format=lzma'])],
    ['gzip', () => gzipSync(lines)],
    ['zstd', () => of('zstd', ['-q', '-c'])],
    ['a tar archive', () => tar()],
    ['a tar archive', () => tar('--format=v7')],
    ['a tar archive', oldTar],
    ['a zip archive', () => hex('504b0304 1400')],
    ['a zip archive', () => hex('504b0506 0000')],
    ['a 7z archive', () => hex('377abcaf271c 0004')],
    ['Parquet', () => hex('50415231 1504 1500')],
    ['ORC', () => hex('4f5243 0a03')],
    ['Avro', () => hex('4f626a01 04')],
    ['LZ4', () => hex('04224d18 6440')],
    ['compress (.Z)', () => hex('1f9d90')],
    ['a systemd journal', () => hex('4c504b5348485248')],
    ['UTF-16', () => Buffer.from(`\ufeff${lines}`, 'utf16le')],
    ['UTF-16', () => Buffer.from(`\ufeff${lines}`, 'utf16le').swap16()],
    ['UTF-16', () => Buffer.from(lines, 'utf16le')],
    ['UTF-16', () => Buffer.from(lines, 'utf16le').swap16()],
    ['UTF-32', () => hex('fffe0000 31000000')],
    ['text whose lines end in CR alone', () => Buffer.from(lines.replaceAll('\n', '\r'))],
  ])('%s', (name, make) => {
    const found = containerOf(make());
    expect(found?.name).toBe(name);
    expect(found?.hint).not.toBe('');
  });
});

it('lines are a log, whatever they begin with', () => {
  const words = ['BZh9', 'PAR1', 'ORC', 'LZIP', 'Rar!', 'PK', '#Fields', '{"a":1}', '\ufeff{"a":1}', '-', '\0\0\0'];
  for (const word of words) expect(containerOf(Buffer.from(`${word} 192.0.2.1 GET /a 200\n${lines}`))).toBeUndefined();
  for (const text of ['', '\n', 'x', '\r\n', lines.replaceAll('\n', '\r\n')])
    expect(containerOf(Buffer.from(text))).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 20 }), { minLength: 2 }), (texts) => {
      expect(
        containerOf(Buffer.from(`${texts.map((text) => text.replaceAll(/[\r\0]/g, ' ')).join('\n')}\n`)),
      ).toBeUndefined();
    }),
  );
});
