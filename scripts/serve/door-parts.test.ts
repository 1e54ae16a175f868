import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Access, credentialsOf, isLoopback, refuseOtherSites } from './access.ts';
import { DoorError, httpStatusOf, readEngineError } from './errors.ts';
import { decodeBody, peek, preparation, refuseUnknownWishes } from './request.ts';
import { readerMaySet } from '../../sql/reader-configuration.ts';
import { concernsWriters, isInterfaceParameter, isOn } from './settings.ts';

const thrown = (work: () => unknown): DoorError => {
  try {
    work();
  } catch (error) {
    if (error instanceof DoorError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

describe('credentials', () => {
  it.each([
    [basic('default', 'a:b'), '', { user: 'default', password: 'a:b' }],
    [{ 'x-clickhouse-user': 'default', 'x-clickhouse-key': 'k' }, '', { user: 'default', password: 'k' }],
    [{ 'x-clickhouse-key': 'k' }, 'user=u', { user: 'u', password: 'k' }],
    [{}, 'user=default&password=p', { user: 'default', password: 'p' }],
    [{}, '', undefined],
    [{ authorization: 'Bearer fsd_x' }, '', { user: undefined, password: 'fsd_x' }],
  ])('%j %s', (headers, url, expected) => {
    expect(credentialsOf(new Headers(headers as Record<string, string>), new URLSearchParams(url))).toEqual(expected);
  });

  it('asks for a password where there is one, and refuses a wrong one, a wrong user and a token', () => {
    const locked = new Access({ password: 'secret', scope: 'read' });
    const open = new Access({ scope: 'read' });
    expect([locked.isGuarded, open.isGuarded]).toEqual([true, false]);
    expect(thrown(() => locked.authenticate(undefined)).code).toBe(194);
    for (const [user, password] of [['default', ''], ['default', 'secret2'], ['root', 'secret'], ['', 'secret']] as const)
      expect(thrown(() => locked.authenticate({ user, password })).code).toBe(516); // prettier-ignore
    expect(thrown(() => open.authenticate({ user: 'root', password: '' })).code).toBe(516);
    expect(locked.authenticate({ user: 'default', password: 'secret' })).toBe('default');
    expect(open.authenticate({ user: 'default', password: 'any' })).toBeUndefined();
    expect(open.authenticate(undefined)).toBeUndefined();
  });

  it.each(['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]'])('%s is loopback', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', ''])('%s is not', (host) =>
    expect(isLoopback(host)).toBe(false),
  );

  it('answers neither a rebound name nor a page of another site', () => {
    const check =
      (headers: Record<string, string>, isGuarded = false) =>
      () =>
        refuseOtherSites(new Headers(headers), isGuarded);
    expect(check({ host: '127.0.0.1:8123' })).not.toThrow();
    expect(check({ host: '[::1]:8123', origin: 'http://[::1]:8123', 'sec-fetch-site': 'same-origin' })).not.toThrow();
    expect(check({ host: 'door.example', 'sec-fetch-site': 'none' }, true)).not.toThrow();
    expect(thrown(check({ host: 'evil.example:8123' })).code).toBe(497);
    for (const isGuarded of [false, true])
      for (const headers of [
        { origin: 'https://evil.example' },
        { origin: 'http://localhost:3000' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ] as Record<string, string>[])
        expect(thrown(check({ host: '127.0.0.1:8123', ...headers }, isGuarded)).code).toBe(497);
  });
});

describe('settings', () => {
  it('lets a reader shape results', () => {
    for (const name of ['output_format_json_quote_64bit_integers', 'join_use_nulls', 'format_csv_delimiter'])
      expect(readerMaySet(name), name).toBe(true);
  });

  it('keeps from a reader what names files or addresses, or lifts limits of the engine', () => {
    for (const name of [
      'output_format_schema',
      'format_schema',
      'format_template_row',
      'format_template_resultset',
      'format_avro_schema_registry_url',
      'readonly',
      'allow_ddl',
      'max_concurrent_queries_for_user',
      'max_threads_x',
    ])
      expect(readerMaySet(name), name).toBe(false);
  });

  it('knows the interface’s own parameters', () => {
    expect(isInterfaceParameter('wait_end_of_query') && isInterfaceParameter('param_x')).toBe(true);
    expect(isInterfaceParameter('max_threads')).toBe(false);
    expect(concernsWriters('async_insert') && concernsWriters('deduplicate_insert')).toBe(true);
    expect([isOn('1'), isOn('true'), isOn('0'), isOn('false'), isOn(''), isOn(null)]).toEqual([
      true, true, false, false, false, false,
    ]); // prettier-ignore
  });
});

describe('preparation', () => {
  const prepare = (
    url: string,
    readOnly: boolean,
    lifted: Record<string, string> = {},
    database: string | null = null,
    isReader = false,
  ) => preparation(new URLSearchParams(url), new Map(Object.entries(lifted)), database, readOnly, isReader);

  it('sets database, parameters and settings, and readonly last', () => {
    expect(
      prepare("query=x&param_a=it's\\t&max_threads=2&wait_end_of_query=1&async_insert=0", true, { limit: '3' }, 'a`b'),
    ).toEqual([
      'USE `a\\`b`',
      "SET param_a = 'it\\'s\\\\t'",
      "SET max_threads = '2'",
      'SET limit = 3',
      'SET readonly = 1',
    ]);
  });

  it('lets a writer set anything that is a name', () => {
    expect(prepare('async_insert=0&format_schema=x', false)).toEqual([
      "SET async_insert = '0'",
      "SET format_schema = 'x'",
    ]);
    expect(thrown(() => prepare('a%3B+DROP=1', false)).code).toBe(115);
  });

  it('leaves a reader’s settings to the engine, which knows their bounds', () => {
    expect(prepare('format_schema=x&insert_quorum=1', true, {}, 'analyst', true)).toEqual([
      'USE `analyst`',
      "SET format_schema = 'x'",
    ]);
  });

  it('refuses what the door does not have', () => {
    for (const [url, code] of [
      ['decompress=1', 48],
      ['role=a', 48],
      ['session_check=1', 372],
    ] as const)
      // prettier-ignore
      expect(thrown(() => refuseUnknownWishes(new URLSearchParams(url))).code).toBe(code);
    expect(() => refuseUnknownWishes(new URLSearchParams('compress=1&session_id=a'))).not.toThrow();
  });
});

describe('bodies', () => {
  const rest = (source: AsyncIterable<Buffer>) => text(Readable.from(source));

  it('peeks at the head and leaves the rest, however it is cut', async () => {
    for (const pieces of [['abcdef'], ['a', 'b', 'cdef'], ['abc', '', 'def']]) {
      const body = Readable.from(pieces.map((piece) => Buffer.from(piece)));
      const peeked = await peek(Buffer.from('q\n'), body, 3);
      expect(peeked.isComplete).toBe(false);
      expect(peeked.head.toString() + (await rest(peeked.rest))).toBe('q\nabcdef');
    }
    const all = await peek(Buffer.from('q\n'), Readable.from([Buffer.from('ab')]), 100);
    expect([all.isComplete, all.head.toString(), await rest(all.rest)]).toEqual([true, 'q\nab', '']);
  });

  it('decodes, and says so where it cannot', async () => {
    const sql = 'SELECT 1'.repeat(1000);
    const peeked = await peek(Buffer.alloc(0), decodeBody(Readable.from([gzipSync(sql)]), 'gzip'), 1 << 20);
    expect(peeked.head.toString()).toBe(sql);
    const broken = decodeBody(Readable.from([Buffer.from('no gzip at all')]), 'gzip');
    await expect(peek(Buffer.alloc(0), broken, 1 << 20)).rejects.toMatchObject({ code: 27 });
    expect(thrown(() => decodeBody(Readable.from([]), 'lz4')).code).toBe(48);
  });
});

describe('errors', () => {
  it('reads the engine’s message once, without its nesting and version', () => {
    const nested =
      'Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format x. (UNKNOWN_FORMAT) (version 26.7.2.1). (UNKNOWN_FORMAT)';
    expect(readEngineError(new Error(nested))).toEqual({
      code: 73,
      body: 'Code: 73. DB::Exception: Unknown format x. (UNKNOWN_FORMAT)',
    });
    expect(readEngineError(new Error('no engine'))).toEqual({
      code: 1002,
      body: 'Code: 1002. DB::Exception: no engine. (UNKNOWN_EXCEPTION)',
    });
  });

  it.each([
    [62, 400],
    [194, 401],
    [516, 403],
    [60, 404],
    [552, 413],
    [48, 501],
    [241, 500],
  ])('code %i → %i', (code, status) => expect(httpStatusOf(code)).toBe(status));
});
