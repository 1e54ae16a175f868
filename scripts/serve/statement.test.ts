import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteString } from '../../sql/quote.ts';
import { StatementError, readStatement, tokens, type InsertStatement } from './statement.ts';

const formats = new Set(['jsoneachrow', 'arrowstream', 'values', 'tsv', 'csv']);
const read = (sql: string) => readStatement(sql, (name) => formats.has(name.toLowerCase()));
const insert = (sql: string): InsertStatement => {
  const statement = read(sql);
  if (statement.kind !== 'insert') throw new Error(`not an insert with rows: ${sql}`);
  return statement;
};

describe('tokens', () => {
  it('skips comments of every kind and keeps quoted text whole', () => {
    const sql = `SELECT -- a 'quote\n 'it''s \\' -- no' /* ; */, \`a\`\`b\`, "c" # x\n, $t$ ; $t$, 1.5e-3, “d”`;
    expect([...tokens(sql)].map(({ kind, text }) => [kind, text])).toEqual([
      ['word', 'SELECT'],
      ['string', `'it''s \\' -- no'`],
      ['symbol', ','],
      ['quoted', 'a``b'],
      ['symbol', ','],
      ['quoted', 'c'],
      ['symbol', ','],
      ['string', '$t$ ; $t$'],
      ['symbol', ','],
      ['number', '1.5e-3'],
      ['symbol', ','],
      ['quoted', 'd'],
    ]);
  });

  it('ends on any text, in order and inside it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (sql) => {
        let at = 0;
        for (const { start, end } of tokens(sql)) {
          if (start < at || end <= start) return false;
          at = end;
        }
        return at <= sql.length + 1;
      }),
    );
  });

  it('reads back what quoteString wrote, as one token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        const all = [...tokens(`${quoteString(text)};`)];
        expect(all.map(({ kind }) => kind)).toEqual(['string', 'symbol']);
      }),
    );
  });
});

describe('statements with a result', () => {
  it.each([
    ['SELECT 1', 'SELECT 1', undefined, {}],
    ['select 1;;', 'select 1', undefined, {}],
    ['SELECT 1 FORMAT JSON', 'SELECT 1', 'JSON', {}],
    ['SELECT 1 FORMAT JSON;', 'SELECT 1', 'JSON', {}],
    ['SELECT 1 -- end', 'SELECT 1', undefined, {}],
    ["SELECT 'FORMAT CSV'", "SELECT 'FORMAT CSV'", undefined, {}],
    ["SELECT 1 SETTINGS a = 1, b='x' FORMAT CSV", 'SELECT 1', 'CSV', { a: '1', b: "'x'" }],
    ['SELECT 1 FORMAT CSV SETTINGS a = 1', 'SELECT 1', 'CSV', { a: '1' }],
    ['SELECT * FROM (SELECT 1 SETTINGS a=1)', 'SELECT * FROM (SELECT 1 SETTINGS a=1)', undefined, {}],
    ['SELECT format FROM t', 'SELECT format FROM t', undefined, {}],
    ['(SELECT 1) UNION ALL (SELECT 2) FORMAT TSV', '(SELECT 1) UNION ALL (SELECT 2)', 'TSV', {}],
    ['/* c */ WITH 1 AS x SELECT x', '/* c */ WITH 1 AS x SELECT x', undefined, {}],
    ['SHOW TABLES', 'SHOW TABLES', undefined, {}],
    ['EXPLAIN SELECT 1 FORMAT TSV', 'EXPLAIN SELECT 1', 'TSV', {}],
  ])('%s', (sql, body, format, settings) => {
    const statement = read(sql);
    expect(statement).toMatchObject({ kind: 'output', body, format });
    expect(statement.kind === 'output' && Object.fromEntries(statement.settings)).toEqual(settings);
  });

  it.each(['', '  -- nothing', ';'])('takes %j for nothing', (sql) => {
    expect(read(sql)).toEqual({ kind: 'other', verb: '', body: '' });
  });

  it.each(['DROP TABLE t', 'SET a = 1', 'KILL QUERY WHERE 1', 'CREATE TABLE t (a Int8) ENGINE = Log', 'USE x'])(
    '%s is another',
    (sql) => expect(read(sql)).toMatchObject({ kind: 'other', body: sql }),
  );

  it.each([
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE t',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO/**/OUTFILE '/tmp/x' FORMAT CSV",
    "INSERT INTO t FROM INFILE '/tmp/x' FORMAT CSV",
  ])('refuses %s', (sql) => expect(() => read(sql)).toThrow(StatementError));
});

describe('statements whose rows follow', () => {
  it.each([
    [
      'INSERT INTO t FORMAT JSONEachRow\n{"a":1}',
      '{"a":1}',
      "INSERT INTO t FROM INFILE 'P' COMPRESSION 'none' FORMAT JSONEachRow",
    ],
    [
      'INSERT INTO t (a, b) FORMAT TSV\n\tx\n',
      '\tx\n',
      "INSERT INTO t (a, b) FROM INFILE 'P' COMPRESSION 'none' FORMAT TSV",
    ],
    [
      'insert into t format JSONEachRow {"a":";"}',
      '{"a":";"}',
      "insert into t FROM INFILE 'P' COMPRESSION 'none' FORMAT JSONEachRow",
    ],
    [
      'INSERT INTO t SETTINGS x = 1 FORMAT CSV\n1',
      '1',
      "INSERT INTO t FROM INFILE 'P' COMPRESSION 'none' SETTINGS x = 1 FORMAT CSV",
    ],
    ["INSERT INTO t VALUES (1, 'a;b')", "(1, 'a;b')", "INSERT INTO t FROM INFILE 'P' COMPRESSION 'none' FORMAT Values"],
    [
      'INSERT INTO t (format) VALUES\n(1)',
      '(1)',
      "INSERT INTO t (format) FROM INFILE 'P' COMPRESSION 'none' FORMAT Values",
    ],
    [
      "INSERT INTO t SELECT a, 'FORMAT CSV' FROM input('a String, b UInt64') WHERE b > 1 SETTINGS x = 1 FORMAT ArrowStream\n\x00\xff",
      '\x00\xff',
      "INSERT INTO t SELECT a, 'FORMAT CSV' FROM file('P', 'ArrowStream', 'a String, b UInt64') WHERE b > 1 SETTINGS x = 1 ",
    ],
  ])('%j', (sql, data, fromFile) => {
    const statement = insert(sql);
    expect(sql.slice(statement.dataStart)).toBe(data);
    expect(statement.fromFile('P')).toBe(fromFile);
  });

  it.each([
    'INSERT INTO t SELECT 1',
    'INSERT INTO t SELECT format FROM x',
    "INSERT INTO t SELECT * FROM values('a Int8', 1)",
  ])('%s has none', (sql) => expect(read(sql)).toMatchObject({ kind: 'other', verb: 'INSERT' }));

  it('never reads the rows', () => {
    const rows = "'unclosed; -- /* FORMAT CSV SELECT";
    expect(insert(`INSERT INTO t FORMAT TSV\n${rows}`).dataStart).toBe('INSERT INTO t FORMAT TSV\n'.length);
  });
});
