// What a source keeps of lines that could not be read, and how such lines are read again.

import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../transform/batch-builder.ts';
import { formatByName } from '../transform/formats/index.ts';
import { buildNetworkIndex } from '../transform/networks/network-index.ts';
import { type TableData } from '../transform/aggregate/arrow-table.ts';
import { type Rulebook } from './rulebook.ts';
import { Source, type SourceSpec } from './source.ts';
import { sha256 } from '../sql/sha256.ts';
import { NEWEST } from '../transform/methodology.ts';

const SECRET = 'q7Zk2mXw9LtR4vBn8sHd';

const rulebook: Rulebook = {
  networks: buildNetworkIndex({ prefixes: [], ranges: [] }),
  tokenIdOf: (token) => (token === SECRET ? 'evidence-1' : null),
  tokenIdOfSha256: (hash) => (hash === sha256(SECRET) ? 'evidence-1' : null),
  methodology: NEWEST,
  methodologyVersion: 2,
  rulesSha256: '',
};

const spec: SourceSpec = {
  name: 'npm',
  format: 'json',
  ecosystem: 'npm',
  tokenQueryParameter: 'fairshare_token',
  formatOptions: {
    fields: {
      occurred_at: 'at',
      address: 'ip',
      method: 'verb',
      path: 'path',
      query: 'query',
      status: 'status',
      bytes: 'size',
      user_agent: 'ua',
      token: 'headers.x-org-token',
    },
  },
};
const source = new Source(spec, rulebook, defaultLimits);
const format = formatByName('json')!;

const build = (lines: readonly string[], origin?: 'log' | 'quarantine', from = source) => {
  const builder = from.builder(format, 'bytes', origin);
  const bytes = Buffer.from(lines.join('\n'));
  builder.add(bytes, 0, bytes.length, 0, Infinity);
  return builder.finish();
};
const keptLines = ({ ipc }: TableData): string[] =>
  [...arrow.tableFromIPC(ipc).getChild('line')!].map((line) => Buffer.from(line as Uint8Array).toString());

const line = (over: Record<string, unknown>) =>
  JSON.stringify({
    at: '2026-10-01T10:00:00Z',
    ip: '192.0.2.1',
    verb: 'GET',
    path: '/left-pad/-/left-pad-1.3.0.tgz',
    query: '',
    status: 200,
    size: 1,
    ua: 'npm/11.0.0 node/v20.0.0 linux x64',
    headers: {},
    ...over,
  });

const carriers: [string, string][] = [
  ['field', line({ headers: { 'x-org-token': SECRET }, at: 'broken' })],
  ['query', line({ query: `a=1&fairshare_token=${SECRET}`, at: 'broken' })],
  ['user agent', line({ ua: `npm/11.0.0 (fairshare-token: ${SECRET})`, at: 'broken' })],
];

describe('a line that could not be read', () => {
  it.each([
    ['the token of Basic', `Basic ${btoa(`user:${SECRET}`)}`, `sha256-${sha256(SECRET)}`],
    ['the token of Bearer', `Bearer ${SECRET}`, `sha256-${sha256(SECRET)}`],
    [
      'a token of fairshare that nobody owns yet',
      'Bearer fst_0123456789abcdef',
      `sha256-${sha256('fst_0123456789abcdef')}`,
    ],
    ['no password, not even its hash', `Basic ${btoa('alice:hunter2')}`, 'credentials'],
  ])('keeps of credentials %s', (_what, sent, kept) => {
    const { quarantine } = build([line({ headers: { 'x-org-token': sent }, at: 'broken' })]);
    expect(keptLines(quarantine)).toEqual([line({ headers: { 'x-org-token': kept }, at: 'broken' })]);
    expect(keptLines(build(keptLines(quarantine), 'quarantine').quarantine)).toEqual(keptLines(quarantine));
  });

  it.each(carriers)('is kept without the token in its %s', (_where, text) => {
    const { counts, quarantine } = build([text]);
    expect(counts.quarantined).toBe(1);
    expect(keptLines(quarantine)).toEqual([text.replace(SECRET, `sha256-${sha256(SECRET)}`)]);
  });

  it.each(carriers)('belongs to the owner of the token in its %s when it is read again', (_where, text) => {
    const [kept] = keptLines(build([text]).quarantine);
    const mended = kept.replace('"broken"', '"2026-10-01T10:00:00Z"');
    const again = build([mended], 'quarantine');
    expect(again.counts.requests).toBe(1);
    expect(again.evidence.map(({ set }) => set.tokenId)).toEqual(['evidence-1']);
    // From a log the same text proves nothing.
    expect(build([mended]).evidence.map(({ set }) => set.tokenId)).toEqual([null]);
  });

  it('keeps its marker when it cannot be read again either', () => {
    const [kept] = keptLines(build([carriers[1][1]]).quarantine);
    expect(keptLines(build([kept], 'quarantine').quarantine)).toEqual([kept]);
  });
});

it('knows formats whose lines mean what a directive says', () => {
  const plain = new Source({ name: 'cdn', format: 'auto' }, rulebook, defaultLimits);
  expect(plain.readsDirectives(formatByName('cloudfront')!)).toBe(true);
  expect(plain.readsDirectives(formatByName('nginx-edge')!)).toBe(false);
});

describe('hosts', () => {
  const feed = (over: Partial<SourceSpec>) =>
    new Source(
      {
        ...spec,
        ecosystem: undefined,
        formatOptions: { fields: { ...spec.formatOptions!.fields, host: 'host' } },
        ...over,
      },
      rulebook,
      defaultLimits,
    );
  const ecosystemsOf = (from: Source, hosts: readonly string[]) => {
    const { usage } = build(
      hosts.map((host) => line({ host })),
      'log',
      from,
    );
    const table = arrow.tableFromIPC(usage.ipc);
    return [...table.getChild('ecosystem')!].map(String).sort();
  };

  it('are ecosystems by the map of the source, the same path on each; else the path decides', () => {
    const mapped = feed({ hosts: { 'gems.example.org': 'gem', 'www.example.org': 'other' } });
    const hosts = ['gems.example.org', 'www.example.org', 'registry.example.org'];
    expect(ecosystemsOf(mapped, hosts)).toEqual(['gem', 'npm', 'other']);
    expect(ecosystemsOf(feed({}), hosts)).toEqual(['npm']);
    expect(() => feed({ hosts: { 'gems.example.org': 'rubygems' } })).toThrow(/there is no ecosystem 'rubygems'/);
  });
});

describe('the words that tokens stand behind', () => {
  const other = new Source(
    { ...spec, tokenQueryParameter: 'org', tokenUserAgentKey: 'x-org', formatOptions: spec.formatOptions },
    rulebook,
    defaultLimits,
  );
  const tokensOf = (from: Source, over: Record<string, unknown>) =>
    build([line(over)], 'log', from).evidence.map(({ set }) => set.tokenId);
  const inAgent = (key: string) => ({ ua: `npm/11.0.0 node/v20.0.0 linux x64 workspaces/false (${key}: ${SECRET})` });

  it('are those of the source', () => {
    expect(tokensOf(other, { query: `org=${SECRET}` })).toEqual(['evidence-1']);
    expect(tokensOf(other, { query: `fairshare_token=${SECRET}` })).toEqual([null]);
    expect(tokensOf(other, inAgent('x-org'))).toEqual(['evidence-1']);
    expect(tokensOf(other, inAgent('fairshare-token'))).toEqual([null]);
    expect(tokensOf(source, inAgent('x-org'))).toEqual([null]);
    expect(tokensOf(other, { headers: { 'x-org-token': SECRET } })).toEqual(['evidence-1']);
  });

  it('leave the user agent what it is', () => {
    const clients = [inAgent('x-org'), {}].map((over) => {
      const { usage } = build(
        [line({ ua: 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false', ...over })],
        'log',
        other,
      );
      return arrow.tableFromIPC(usage.ipc).getChild('rule_id')!.get(0) as string;
    });
    expect(clients[0]).toBe(clients[1]);
  });

  it('are looked for in lines that could not be read too', () => {
    const broken = line({ ...inAgent('x-org'), at: 'broken' });
    expect(keptLines(build([broken], 'log', other).quarantine)[0]).not.toContain(SECRET);
  });
});

describe('auto', () => {
  it('says once which format it has chosen', () => {
    const said: string[] = [];
    const auto = new Source({ name: 'x', format: 'auto' }, rulebook, defaultLimits, ({ name }, where) =>
      said.push(`${name} ${where}`),
    );
    const sample = (line: string) => Buffer.from(`${line}\n`);
    const combined = sample('192.0.2.1 - - [22/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl/8"');
    const caddy = sample(
      '{"ts":1795333682.5,"logger":"http.log.access","request":{"method":"GET","uri":"/a"},"status":200}',
    );
    expect([combined, caddy, combined].map((each, n) => auto.formatOf(each, `object ${n}`).name)).toEqual([
      'combined',
      'caddy',
      'combined',
    ]);
    expect(said).toEqual(['combined object 0', 'caddy object 1']);
    expect(() => auto.formatOf(sample('hello'), 'object 3')).toThrow(/object 3: no known format fits/);
  });

  it.each(['auto', 'combined'])('refuses lines that end with CR alone: %s', (format) => {
    const source = new Source({ name: 'x', format }, rulebook, defaultLimits);
    const line = '192.0.2.1 - - [22/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl/8"';
    const formatOf = (text: string) => source.formatOf(Buffer.from(text), 'access.log').name;
    expect(() => formatOf(`${line}\r${line}\r`)).toThrow(/access.log: its lines end with CR alone/);
    expect(formatOf(`${line}\r\n${line}\r\n`)).toBe('combined');
    expect(formatOf(`${line}\r`)).toBe('combined');
  });
});
