// The format Native of a later revision: the engine's own blocks tell where each column ends, because it also writes every column
// alone.

import { createChdbConnection } from 'chdb/connection';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ofRevision } from '../../scripts/serve/native-blocks.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
let engine: ReturnType<typeof createChdbConnection>;
beforeAll(() => {
  engine = createChdbConnection({ path: directory.path });
});
afterAll(async () => {
  await engine.close();
  directory.remove();
});

const run = async (sql: string): Promise<Buffer> =>
  Buffer.from((await engine.chdb.queryAsync(sql, { format: 'Native' })).bytes());

const plain = fc.constantFrom(
  'UInt8', 'Int16', 'UInt32', 'Int64', 'UInt128', 'Int256', 'Float32', 'Float64', 'Bool', 'String', 'FixedString(3)', 'Date',
  'Date32', "DateTime('UTC')", "DateTime64(3, 'UTC')", 'Decimal(9, 2)', 'Decimal(18, 2)', 'Decimal(38, 4)', 'Decimal(76, 4)',
  'UUID', 'IPv4', 'IPv6', "Enum8('a, (' = 1, 'b\\'' = 2)", "Enum16('x' = 1000)",
); // prettier-ignore
const low = fc.constantFrom(
  'LowCardinality(String)',
  'LowCardinality(Nullable(String))',
  'LowCardinality(FixedString(2))',
);
const type: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    plain,
    low,
    plain.map((name) => `Nullable(${name})`),
    tie('any').map((name) => `Array(${name})`),
    tie('any').map((name) => `Map(String, ${name})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `Tuple(${a}, ${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `Tuple(one ${a}, \`the other, (\` ${b})`),
  ),
})).any;

const FACTS = Buffer.from([1, 0, 2, 255, 255, 255, 255, 0]);
const counted = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  const length = [];
  for (let left = bytes.length; ; left = Math.floor(left / 128)) {
    length.push(left < 128 ? left : (left % 128) + 128);
    if (left < 128) return Buffer.concat([Buffer.from(length), bytes]);
  }
};

it('has the bytes of each column unchanged, behind its mark', async () => {
  let table = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(type, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(1e6),
      fc.constantFrom(54_405, 54_454, 54_500),
      async (types, rows, seed, revision) => {
        const name = `t${table++}`;
        const columns = types.map((one, at) => `c${at} ${one}`).join(', ');
        await run(`CREATE TABLE ${name} (${columns}) ENGINE = Memory`);
        const structure = columns.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
        await run(`INSERT INTO ${name} SELECT * FROM generateRandom('${structure}', ${seed}, 5, 3) LIMIT ${rows}`);
        const expected: Buffer[] = [FACTS, Buffer.from([types.length, rows])];
        for (const at of types.keys()) {
          const alone = await run(`SELECT c${at} FROM ${name}`);
          const head = counted(`c${at}`);
          expect(alone.subarray(2, 2 + head.length)).toEqual(head);
          let typed = 2 + head.length;
          let [length, scale] = [0, 1];
          for (let more = true; more; scale *= 128) {
            more = alone[typed] >= 128;
            length += (alone[typed++] & 127) * scale;
          }
          expected.push(alone.subarray(2, typed + length));
          if (revision >= 54_454) expected.push(Buffer.from([0]));
          expected.push(alone.subarray(typed + length));
        }
        const whole = await run(`SELECT * FROM ${name}`);
        await run(`DROP TABLE ${name}`);
        expect(Buffer.from(ofRevision(whole, revision))).toEqual(Buffer.concat(expected));
        expect(ofRevision(whole, 0)).toBe(whole);
      },
    ),
    { numRuns: 60 },
  );
});

it('refuses by name a column that it cannot walk through', async () => {
  const states = await run('SELECT uniqState(number) AS states FROM numbers(3)');
  expect(() => ofRevision(states, 54_454)).toThrow(/AggregateFunction\(uniq, UInt64\).*toString/);
});
