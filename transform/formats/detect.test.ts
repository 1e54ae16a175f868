// `auto`: every format is told from every other by its own lines.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';
import { detectFormat, formatByName, formats } from './index.ts';

const detectable = formats.filter(({ name }) => name !== 'json').map(({ name }) => name);
const capture = (name: string): Buffer =>
  readFileSync(new URL(`../../test/fixtures/captures/${name}`, import.meta.url));
const nameOf = (sample: Uint8Array): string | undefined => detectFormat(sample)?.format.name;

describe('formats', () => {
  it('have names of their own, and are found by them', () => {
    const names = formats.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(formatByName(name)?.name).toBe(name);
    }
    expect(formatByName('nginx')).toBeUndefined();
  });

  it.each(formats)('$name takes a field map or refuses it, and never ignores it', (format) => {
    expect(() => format.parser({ fields: { colour: 'request.1' } })).toThrow(
      /colour: not a (captured )?field|fields: the format \S+ has no field map/,
    );
  });
});

describe('detectFormat', () => {
  it.each(detectable)('knows %s by its good lines', (name) => {
    expect(nameOf(fixture(name, 'good'))).toBe(name);
  });

  it.each(detectable)('knows %s by one line', (name) => {
    for (const line of fixture(name, 'good').toString('latin1').split('\n')) {
      // A directive alone, or a line that follows another header, tells too little.
      if (line === '' || line.startsWith('#') || /^-\t-\t|^2014-04-02/.test(line)) continue;
      const isVhost = name === 'combined' && line.startsWith('files.');
      expect(nameOf(Buffer.from(line, 'latin1')), line).toBe(isVhost ? 'vhost-combined' : name);
    }
  });

  it.each([
    ['npm-edge.jsonl', 'nginx-edge'],
    ['npm-combined.log', 'combined'],
    ['debian-edge.jsonl', 'nginx-edge'],
    ['debian-combined.log', 'combined'],
  ])('knows the capture %s', (file, name) => {
    expect(detectFormat(capture(file))).toEqual({ format: formatByName(name), score: 1 });
    // The sample may end within a line.
    expect(nameOf(capture(file).subarray(0, 700))).toBe(name);
  });

  it('stands some bad lines, not a majority of them', () => {
    const good = capture('npm-combined.log').toString().split('\n').slice(0, 10);
    const mixed = (bad: number): Uint8Array => utf8([...Array<string>(bad).fill('garbage'), ...good, ''].join('\n'));
    expect(detectFormat(mixed(5))).toMatchObject({ score: 10 / 15 });
    expect(detectFormat(mixed(10))).toBeUndefined();
  });

  describe('lines that are no requests, before good ones', () => {
    const good = capture('npm-combined.log').toString().split('\n').slice(0, 20);
    const tls = '192.0.2.4 - - [28/Nov/2026:00:00:00 +0000] "\\x16\\x03\\x01\\x02\\x00\\x01\\xFC\\x03" 400 157 "-" "-"';
    const nothing = '192.0.2.4 - - [28/Nov/2026:00:00:01 +0000] "-" 408 - "-" "-"';
    const gone = '192.0.2.4 - - [28/Nov/2026:00:00:01 +0000] "GET /a HTTP/1.1" 000 0 "-" "-"';

    it.each([30, 300, 3000])('may be %i', (count) => {
      const junk = Array.from({ length: count }, (_, i) => [tls, nothing, gone][i % 3]);
      expect(detectFormat(utf8([...junk, ...good, ''].join('\n')))).toMatchObject({ score: 1 });
      expect(nameOf(utf8([...junk, ...good, ''].join('\n')))).toBe('combined');
    });

    it('may be all', () => {
      for (const junk of [tls, nothing, gone]) {
        expect(nameOf(utf8(`${junk}\n`))).toBe('combined');
        expect(nameOf(utf8(`files.example:443 ${junk}\n`))).toBe('vhost-combined');
      }
    });

    it('do not make up for lines of no format', () => {
      expect(detectFormat(utf8([tls, tls, tls, 'garbage', ''].join('\n')))).toBeUndefined();
    });
  });

  it('does not guess', () => {
    for (const text of [
      '',
      '\n\n',
      'hello world\n',
      '{"a":1}\n{"b":2}\n',
      '[]\n',
      '<html>\n<body>\n',
      'a,b,c\n1,2,3\n',
      '\u0000\u0001\u0002',
      '#Fields: date\n',
    ]) {
      expect(detectFormat(utf8(text)), text).toBeUndefined();
    }
    expect(detectFormat(Uint8Array.of(0xff, 0xfe, 0x0a, 0x1f, 0x8b))).toBeUndefined();
  });
});
