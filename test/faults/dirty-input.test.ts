// Every kind of damage that occurs in access logs, between good lines, by objects and by a topic. Counted + excluded +
// quarantined must equal produced, the good lines must count exactly, and memory must stay bounded.

import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { drainPending } from 'chdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Source } from '../../ingest/source.ts';
import { runWorker } from '../../ingest/worker.ts';
import { runChecks } from '../../sql/checks.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { edgeLine, House } from '../support/house.ts';
import { quietLog, testClient, uniqueName } from '../support/kafka.ts';

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(async () => {
  await house.close();
  await drainPending();
});

const good = edgeLine({ at: '2026-10-01T10:00:00Z', path: '/good/-/good-1.0.0.tgz', bytes: 1_000 });
const base = edgeLine({ at: '2026-10-01T10:00:00Z', path: '/dirty/-/dirty-1.0.0.tgz', bytes: 1 });
const bytes = (text: string): Buffer => Buffer.from(text);
const raw = (text: string): Buffer => Buffer.from(text, 'latin1');
const withField = (name: string, json: string): Buffer =>
  bytes(base.replace(new RegExp(`"${name}":("[^"]*"|[^,}]*)`), `"${name}":${json}`));

const catalogue: Readonly<Record<string, Buffer>> = {
  'half a line': bytes(base.slice(0, 90)),
  'no JSON': bytes('192.0.2.1 - - [01/Oct/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1'),
  'two objects': bytes(`${base}${base}`),
  'an array': bytes(`[${base}]`),
  'a key twice': bytes(base.replace('{', '{"response_bytes":2,')),
  'bytes past 2^53': withField('response_bytes', '9007199254740993'),
  'bytes of 1e400': withField('response_bytes', '1e400'),
  'bytes of 20 digits': withField('response_bytes', '99999999999999999999'),
  'negative bytes': withField('response_bytes', '-5'),
  'half a byte': withField('response_bytes', '0.5'),
  'null bytes': withField('response_bytes', 'null'),
  'bytes as text': withField('response_bytes', '"12"'),
  'status as text': withField('response_status', '"200"'),
  'status 99': withField('response_status', '99'),
  'no status': bytes(base.replace('"response_status":200,', '')),
  'a timestamp of 1970': withField('timestamp', '"1970-01-01T00:00:00Z"'),
  'a timestamp of 2149': withField('timestamp', '"2149-06-07T00:00:00Z"'),
  'no timestamp': withField('timestamp', '""'),
  'February 30': withField('timestamp', '"2026-02-30T10:00:00Z"'),
  'a null path': withField('request_path', 'null'),
  'an empty path': withField('request_path', '""'),
  'a path without a slash': withField('request_path', '"dirty"'),
  'a path of another planet': withField('request_path', '"/%252e%252e/%2500/%c0%ae/-/x.tgz"'),
  'a path encoded twice': withField('request_path', '"/%2540dirty%252fpkg/-/pkg-1.0.0.tgz"'),
  'a broken escape': withField('request_path', '"/dirty/%zz/%"'),
  'a lone surrogate': withField('request_path', '"/dirty/\\ud800"'),
  'an address that is none': withField('client_ip', '"999.1.1.1"'),
  'an address with a zone': withField('client_ip', '"fe80::1%eth0"'),
  'a null agent': withField('user_agent', 'null'),
  'an agent with line ends': withField('user_agent', '"npm/1\\r\\nGET /evil"'),
  'an agent with NUL': withField('user_agent', '"npm\\u0000"'),
  'a bare NUL': bytes(base.replace('npm/', 'n\0pm/')),
  'a control character': bytes(base.replace('npm/', 'n\x01pm/')),
  'a carriage return inside': bytes(base.replace('npm/', 'n\rpm/')),
  'a CRLF line end': bytes(`${base}\r`),
  'invalid UTF-8': raw(base.replace('npm/', '\xff\xfe\xc0\x80')),
  'overlong UTF-8': raw(base.replace('/dirty/', '/\xc0\xaf/')),
  'a byte order mark': bytes(`\ufeff${base}`),
  'only spaces': bytes('     '),
  'an agent of 3 MB': withField('user_agent', `"${'x'.repeat(3 << 20)}"`),
  'a line of 20 MB': bytes('y'.repeat(20 << 20)),
  'nested 200,000 deep': bytes(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
  'objects nested 200,000 deep': bytes('{"a":'.repeat(200_000)),
  'a string that never ends': bytes(`{"timestamp":"${'z'.repeat(10_000)}`),
  'a prototype': bytes(base.replace('{', '{"__proto__":{"x":1},"constructor":1,')),
};

/** Good lines before, between and after all dirty lines. */
const lines: readonly Buffer[] = [bytes(good), ...Object.values(catalogue).flatMap((dirty) => [dirty, bytes(good)])];
const goodLines = Object.keys(catalogue).length + 1;

async function expectAccounted(produced: number): Promise<void> {
  const [row] = await house.warehouse.query<Record<string, string>>(
    "SELECT sum(lines) AS read, sum(requests) + sum(excluded) + sum(quarantined) AS accounted, sum(quarantined) AS bad, sum(degraded_requests) AS degraded FROM (SELECT * FROM ledger_current WHERE state = 'loaded')",
  );
  expect(row).toMatchObject({ read: String(produced), accounted: String(produced) });
  expect(row).toMatchObject({ bad: '19', degraded: '15' });
  expect(await house.totals('usage_known', "package = 'good'")).toEqual({
    requests: goodLines,
    downloads: goodLines,
    bytes: goodLines * 1_000,
  });
  // Damaged text never becomes a date, a number or a name that nobody wrote.
  const [usage] = await house.warehouse.query<Record<string, string>>(
    "SELECT min(day) AS first, max(day) AS last, max(usage_known.bytes) AS most FROM usage_known WHERE package != 'good'",
  );
  expect([usage.first, usage.last]).toEqual(['2026-10-01', '2026-10-01']);
  expect(BigInt(usage.most)).toBeLessThan(2n ** 53n);
  expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);
}

const joined = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts.flatMap((part) => [part, bytes('\n')]));

describe('dirty lines', () => {
  it('by an object', async () => {
    const path = join(house.directory, 'dirty.log.gz');
    writeFileSync(path, gzipSync(joined(lines)));
    expect((await house.ingest([path]))[0]).toMatchObject({ status: 'loaded', lines: lines.length });
    await expectAccounted(lines.length);
  });

  it('by an object without a line end at its end, one batch per chunk', async () => {
    const path = join(house.directory, 'dirty.log');
    writeFileSync(path, joined(lines).subarray(0, -1));
    const [outcome] = await house.ingest([path], { limits: { ...defaultLimits, maxLines: 1 } });
    expect(outcome).toMatchObject({ status: 'loaded', lines: lines.length });
    expect(outcome.batches).toBeGreaterThan(2);
    await expectAccounted(lines.length);
  });

  it('by a topic, one line per message and many', async () => {
    const client = testClient();
    const topic = uniqueName('dirty');
    await client.createTopic({ topic, partitions: 1, config: { 'max.message.bytes': '200000000' } });
    const producer = await client.producer({ compression: 'gzip' });
    // A blank message contains no line; in a file it is a blank line.
    for (const [at, value] of lines.entries()) if (at % 3 !== 0) await producer.send(topic, 0, [{ value }]);
    await producer.send(topic, 0, [{ value: joined(lines.filter((_, at) => at % 3 === 0)) }]);
    await producer.close();
    const { stopped, lines: read } = await runWorker({
      kafka: client,
      groupId: uniqueName('dirty'),
      sources: new Map([
        [topic, new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, defaultLimits)],
      ]),
      warehouse: house.warehouse,
      loader: house.loader(),
      methodologyVersion: 2,
      revision: (above) => house.revision(above),
      maxBatch_ms: 500,
      untilEnd: true,
      signal: new AbortController().signal,
      now: () => new Date(),
      log: quietLog,
      session_timeout_ms: 3_000,
    });
    await client.close();
    expect({ stopped, read }).toEqual({ stopped: [], read: lines.length });
    await expectAccounted(lines.length);
  });
});

describe('objects that are not what they seem', () => {
  const content = joined(Array.from({ length: 20_000 }, () => bytes(good)));

  it('flipped bits and cut ends of a gzip: refused, and nothing of it counts', async () => {
    const packed = gzipSync(content, { level: 1 });
    for (const [name, damaged] of [
      ['flipped early', flip(packed, 100)],
      ['flipped in the middle', flip(packed, packed.length >> 1)],
      ['flipped checksum', flip(packed, packed.length - 6)],
      ['cut', packed.subarray(0, packed.length - 5)],
      ['cut in half', packed.subarray(0, packed.length >> 1)],
    ] as const) {
      const path = join(house.directory, `${name}.log.gz`);
      writeFileSync(path, damaged);
      expect((await house.ingest([path], { limits: { ...defaultLimits, maxLines: 2_000 } }))[0], name).toMatchObject({
        status: 'refused',
      });
    }
    expect((await house.totals('usage_known')).requests).toBe(0);
  });

  it('a gzip bomb, with and without line ends, takes little memory', async () => {
    const before = process.memoryUsage().rss;
    const bomb = join(house.directory, 'bomb.log.gz');
    writeFileSync(bomb, gzipSync(Buffer.concat([Buffer.alloc(200 << 20), bytes(`\n${good}\n`)])));
    expect((await house.ingest([bomb]))[0]).toMatchObject({ status: 'loaded', requests: 1, quarantined: 1 });
    const endless = join(house.directory, 'endless.log.gz');
    writeFileSync(endless, gzipSync(Buffer.alloc(400 << 20)));
    expect((await house.ingest([endless]))[0]).toMatchObject({ status: 'refused' });
    const blank = join(house.directory, 'blank.log.gz');
    writeFileSync(blank, gzipSync(Buffer.alloc(50 << 20, '\n')));
    expect((await house.ingest([blank]))[0]).toMatchObject({ status: 'loaded', requests: 0, excluded: 50 << 20 });
    expect((process.memoryUsage().rss - before) >> 20).toBeLessThan(1_500);
  });

  it('another format altogether: a few lines are quarantined, more are refused; nothing is guessed', async () => {
    const line = '192.0.2.1 - - [01/Oct/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/8"\n';
    const few = join(house.directory, 'few.log');
    writeFileSync(few, line.repeat(19));
    expect((await house.ingest([few]))[0]).toMatchObject({ status: 'loaded', requests: 0, quarantined: 19 });
    const many = join(house.directory, 'many.log');
    writeFileSync(many, `\n${line.repeat(20)}`);
    const problem = expect.stringMatching(
      /none fits the format nginx-edge; its first line has the shape \(x: a letter, 9: a digit\)\n {2}999\.9\.9\.9/,
    ) as string;
    expect((await house.ingest([many]))[0]).toMatchObject({ status: 'refused', problem });
    // Other lines than those of few.log: an object that begins with all of a loaded one is refused as grown.
    writeFileSync(many, `${line.replace('curl/8', 'curl/9').repeat(20)}${good}\n`);
    expect((await house.ingest([many]))[0]).toMatchObject({ status: 'loaded', requests: 1, quarantined: 20 });
    const unknown = join(house.directory, 'unknown.log');
    writeFileSync(unknown, 'Dear diary,\n');
    expect((await house.ingest([unknown], { spec: { format: 'auto' } }))[0]).toMatchObject({
      status: 'refused',
      problem: expect.stringContaining('Xxxx xxxxx,') as string, // the shape of the line, not its text
    });
  });
});

function flip(of: Buffer, at: number): Buffer {
  const damaged = Buffer.from(of);
  damaged[at] ^= 0x10;
  return damaged;
}
