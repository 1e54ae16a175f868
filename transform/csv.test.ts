// CSV: what is read is right or refused with its line; what is written reads back and starts no formula.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLines, readCsv, type CsvColumn } from './csv.ts';
import { printable } from './printable.ts';

const faults = (text: string, columns = ['a', 'b']) =>
  readCsv(text, columns).faults.map(({ line, message }) => `${line}: ${message}`);
const rows = (text: string, columns = ['a', 'b']) => {
  const read = readCsv(text, columns);
  expect(read.faults).toEqual([]);
  return read.records;
};

describe('readCsv', () => {
  it('reads columns in any order, with BOM, CRLF, blank lines and no last line end', () => {
    expect(rows('\uFEFFb,a\r\n1,2\r\n\r\n3, 4 ')).toEqual([
      { line: 2, values: { b: '1', a: '2' } },
      { line: 4, values: { b: '3', a: ' 4 ' } },
    ]);
  });

  it('reads quoted fields, and counts the lines within them', () => {
    expect(rows('a,b\n"x,""y""\r\nz",""\n"",1\n')).toEqual([
      { line: 2, values: { a: 'x,"y"\r\nz', b: '' } },
      { line: 4, values: { a: '', b: '1' } },
    ]);
  });

  it('keeps an empty quoted field at the end of the text', () => {
    expect(rows('a,b\n1,""')).toEqual([{ line: 2, values: { a: '1', b: '' } }]);
  });

  it.each([
    ['', '1: the header a,b is missing'],
    ['\uFEFF\n\n', '1: the header a,b is missing'],
    ['a\n1\n', '1: column b is missing'],
    ['a,b,c\n1,2,3\n', '1: unknown column "c"; known are a, b'],
    ['a,b,a\n1,2,3\n', '1: column a comes twice'],
    ['a,b\n1\n', '2: 1 fields where the header has 2'],
    ['a,b\n1,2,3\n', '2: 3 fields where the header has 2'],
    ['a,b\n1,"2" \n', '2: text follows a closing quote'],
    ['a,b\n1,2"3\n', '2: a quote stands inside a field that is not quoted'],
    ['a,b\n1,2\r3\n', '2: a carriage return stands alone: lines end in LF or CRLF'],
    ['a,b\n1,2\n3,"4\n5,6\n', '3: a quote is never closed'],
  ])('refuses %j', (text, fault) => expect(faults(text)).toEqual([fault]));

  it('goes on after a fault, so that all are seen and the good rows stay', () => {
    const text = 'a,b\n1,"x"y"\n1,2\n3\n"4\n5"6,7\n8,9\n';
    expect(faults(text).sort()).toEqual([
      '2: text follows a closing quote',
      '4: 1 fields where the header has 2',
      '5: text follows a closing quote',
    ]);
    expect(readCsv(text, ['a', 'b']).records.map(({ line }) => line)).toEqual([3, 7]);
  });

  it('never throws, whatever it is given', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r', '\uFEFF', '1', '\n"', 'a,b\n') });
    fc.assert(
      fc.property(text, (noise) => {
        const read = readCsv(`a,b\n${noise}`, ['a', 'b']);
        for (const { values } of read.records) expect(Object.keys(values).sort()).toEqual(['a', 'b']);
      }),
      { numRuns: 2_000 },
    );
  });
});

const columns: CsvColumn[] = [
  { name: 'a', kind: 'text' },
  { name: 'b', kind: 'number' },
];
const written = (values: Parameters<typeof csvLines>[1]) => [...csvLines(columns, values)].join('');

describe('csvLines', () => {
  it('neutralises text that a spreadsheet would run, and leaves numbers alone', () => {
    const dangerous = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', 'a=1', ''];
    const lines = [
      ...csvLines(
        columns,
        dangerous.map((text) => [text, -5n]),
      ),
    ].slice(1);
    expect(lines).toEqual([
      "'=1+1,-5\r\n",
      "'+1,-5\r\n",
      "'-1,-5\r\n",
      "'@x,-5\r\n",
      '\\u{9}x,-5\r\n',
      '\\u{d}x,-5\r\n',
      'a=1,-5\r\n',
      ',-5\r\n',
    ]);
  });

  it('writes numbers of every kind, and an empty field for null', () => {
    expect(
      written([
        [null, 2n ** 70n],
        ['x', '-1.50'],
        ['y', 0.1],
        ['z', null],
      ]),
    ).toBe('a,b\r\n,1180591620717411303424\r\nx,-1.50\r\ny,0.1\r\nz,\r\n');
    expect(() => written([['x', '=1']])).toThrow(RangeError);
    expect(() => written([['x', NaN]])).toThrow(RangeError);
    expect(() => written([['x']])).toThrow(RangeError);
  });

  it('is read back as it was, but for the neutralising apostrophe and escaped characters', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', ',', '\n', '\r\n', '=', ' '),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.bigInt())), (values) => {
        const read = rows(written(values)).map(({ values: { a, b } }) => [a, b]);
        expect(read).toEqual(
          values.map(([a, b]) => [/^[=+\-@]/.test(a) ? `'${printable(a)}` : printable(a), String(b)]),
        );
        expect(written(values).replaceAll('\r\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
