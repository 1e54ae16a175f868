import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Source } from '../../ingest/source.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { formatByName } from '../../transform/formats/index.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { resolverFor } from '../../transform/packages/index.ts';
import { logClassifier, userAgentClassifier, type Answer } from './classify.ts';
import { linesOf } from './lines.ts';
import { NEWEST } from '../../transform/methodology.ts';

const networks = buildNetworkIndex({});

describe('lines', () => {
  const split = async (chunks: readonly string[], max = 1000) => {
    const lines: (string | null)[] = [];
    const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    for await (const some of linesOf(stream, max)) lines.push(...some.map((line) => line && line.toString()));
    return lines;
  };

  it('ends lines at LF or CR LF, keeps empty ones, and takes the rest as one more', async () => {
    expect(await split(['a\r\n\nb\n\r\nc'])).toEqual(['a', '', 'b', '', 'c']);
    expect(await split(['a\n'])).toEqual(['a']);
    expect(await split(['\n'])).toEqual(['']);
    expect(await split([])).toEqual([]);
    expect(await split(['a\rb\n'])).toEqual(['a\rb']);
  });

  it('gives the same lines however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'é', '\n', '\r', 'xyz'), { maxLength: 30 }),
        fc.nat(7),
        async (parts, size) => {
          const bytes = Buffer.from(parts.join(''));
          const pieces: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size + 1) pieces.push(bytes.subarray(at, at + size + 1));
          const cut: string[] = [];
          for await (const some of linesOf(Readable.from(pieces), 1000))
            cut.push(...some.map((line) => line!.toString()));
          const whole = parts.join('').split('\n');
          if (whole.at(-1) === '') whole.pop();
          expect(cut).toEqual(whole.map((line) => line.replace(/\r$/, '')));
        },
      ),
    );
  });

  it('gives null for a line that is too long, and goes on behind it', async () => {
    expect(await split(['12345\n123456\n', '123', '456\n12', '345'], 5)).toEqual(['12345', null, null, '12345']);
    expect(await split([...'123456789'].concat('\nok'), 5)).toEqual([null, 'ok']);
  });
});

describe('user agents', () => {
  const classify = userAgentClassifier(networks);
  const of = (userAgent: string) => classify(Buffer.from(userAgent));

  it('are answered with all four answers, in the contract’s order', () => {
    const answer = of('npm/10.9.0 node/v22.11.0 linux x64 workspaces/false ci/github-actions');
    expect(answer).toEqual({
      user_agent: 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false ci/github-actions',
      client: { name: 'npm', version: '10.9.0' },
      requester_class: 'ci',
      identity: 'none',
      ci: true,
      ci_provider: 'github-actions',
      container: null,
      rule_id: 'ci/client-flag',
      runtime: { name: 'node', version: '22' },
      os: 'linux',
      distro: null,
      arch: 'x86_64',
      libc: null,
    });
    expect(Object.keys(answer)).toEqual(['user_agent', 'client', 'requester_class', 'identity', 'ci', 'ci_provider', 'container', 'rule_id', 'runtime', 'os', 'distro', 'arch', 'libc']); // prettier-ignore
  });

  it('may be empty, unknown, no text at all, or too long', () => {
    expect(of('')).toMatchObject({
      user_agent: '',
      client: { name: 'none', version: null },
      requester_class: 'unknown',
    });
    expect(of('made up by nobody')).toMatchObject({ client: { name: 'unknown' }, ci: null });
    expect(classify(Buffer.from([0xff, 0x00, 0xfe]))).toMatchObject({ requester_class: 'unknown' });
    expect(classify(null)).toEqual({ error: { reason: 'line_too_long' } });
  });
});

describe('the capture of npm’s clients', () => {
  const answers = (file: string, format: string) => {
    const classify = logClassifier({
      parser: formatByName(format)!.parser(),
      resolve: resolverFor({ ecosystem: 'npm' }),
      networks,
    });
    const text = readFileSync(new URL(`../../test/fixtures/captures/${file}`, import.meta.url), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => classify(Buffer.from(line)) as Answer & { client: { name: string } });
  };
  const edge = answers('npm-edge.jsonl', 'nginx-edge');
  const count = (test: (answer: Answer & { client: { name: string } }) => boolean) => edge.filter(test).length;

  it('has exactly the figures that are known of it', () => {
    expect(edge).toHaveLength(1083);
    expect(count(({ is_download }) => is_download === true)).toBe(238);
    const npm = (provider: string | null) => count(({ client, ci_provider }) => client.name === 'npm' && ci_provider === provider); // prettier-ignore
    expect([npm(null), npm('github-actions'), npm('gitlab-ci')]).toEqual([273, 480, 160]);
    const named = (name: string) => count(({ client }) => client.name === name);
    expect(['pnpm', 'yarn', 'bun', 'deno', 'got'].map(named)).toEqual([79, 79, 3, 6, 3]);
  });

  it('means the same in the combined format', () => {
    const key = ({ method, status, package: name, version, artifact, client, requester_class, is_download }: Answer) =>
      JSON.stringify([method, status, name, version, artifact, client, requester_class, is_download]);
    const combined = answers('npm-combined.log', 'combined');
    expect(combined.map(key).sort()).toEqual(edge.map(key).sort());
  });
});

describe('what a client says of its machine', () => {
  it('is told by part; null: not said', () => {
    const classify = userAgentClassifier(networks);
    expect(classify(Buffer.from('npm/10.9.0 node/v22.11.0 linux x64 workspaces/false'))).toMatchObject({
      client: { name: 'npm', version: '10.9.0' },
      runtime: { name: 'node', version: '22' },
      os: 'linux',
      distro: null,
      arch: 'x86_64',
      libc: null,
    });
    expect(classify(Buffer.from('AcmeFetcher 3'))).toMatchObject({ runtime: null, os: null, arch: null });
  });
});

describe('log lines', () => {
  const line = (fields: object) => Buffer.from(JSON.stringify(fields));
  const parser = () => formatByName('json')!.parser({ fields: { occurred_at: 'ts', method: 'm', path: 'p', status: 's', bytes: 'b', address: 'ip', user_agent: 'ua', host: 'h', range: 'r' } }); // prettier-ignore
  const classify = (options: Parameters<typeof resolverFor>[0], index = networks) =>
    logClassifier({ parser: parser(), resolve: resolverFor(options), networks: index });

  it('name the client as ingest does, where only one client of an ecosystem writes no more than its library', () => {
    const request = line({ ts: '2026-11-22T10:00:00Z', m: 'GET', p: '/a/@v/list', s: 200, ua: 'Go-http-client/1.1' });
    expect(classify({ ecosystem: 'golang' })(request)).toMatchObject({ client: { name: 'go' } });
    expect(classify({ ecosystem: 'pypi' })(request)).toMatchObject({ client: { name: 'go-http-client' } });
  });

  it('name package, artifact and purl, and leave null what the log does not say', () => {
    const answer = classify({ hosts: { 'files.example.org': 'pypi' } })(
      line({ ts: '2026-11-22T10:00:00Z', m: 'GET', p: '/packages/aa/bb/cc/Flask_Thing-2.0-py3-none-any.whl', s: 200, h: 'files.example.org', ip: '198.51.100.7', ua: '' }),
    ); // prettier-ignore
    expect(answer).toMatchObject({
      occurred_at: '2026-11-22T10:00:00.000Z',
      method: 'GET',
      status: 200,
      bytes: null,
      ecosystem: 'pypi',
      package: 'flask-thing',
      version: '2.0',
      artifact: 'artifact',
      file: 'Flask_Thing-2.0-py3-none-any.whl',
      file_type: 'wheel',
      purl: 'pkg:pypi/flask-thing@2.0',
      is_download: true,
      country: null,
      network: '198.51.100.0/24',
    });
  });

  it('do not count a later range as a download', () => {
    const of = (r: string | undefined) => classify({ ecosystem: 'pypi' })(line({ ts: '2026-11-22T10:00:00Z', m: 'GET', p: '/packages/aa/bb/cc/x-2.0.tar.gz', s: 206, b: 5000, r, ua: 'curl/8' })).is_download; // prettier-ignore
    expect([of('bytes=0-99'), of('bytes=100-'), of(undefined)]).toEqual([false, false, false]);
  });

  it('check a crawler against its published list where there is one', () => {
    const range = { provider: 'openai-gptbot', service: '', type: 'crawler', cidr: '192.0.2.0/24' } as const;
    const index = buildNetworkIndex({ ranges: [range] });
    const from = (ip: string, chosen = index) => classify({}, chosen)(line({ ts: '2026-11-22T10:00:00Z', m: 'GET', p: '/', s: 200, ip, ua: 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)' })); // prettier-ignore
    expect(from('192.0.2.9')).toMatchObject({ identity: 'ip_verified', requester_class: 'ai_training' });
    expect(from('203.0.113.9')).toMatchObject({ identity: 'contradicted', requester_class: 'unknown' });
    expect(from('203.0.113.9', networks)).toMatchObject({ identity: 'claimed', requester_class: 'ai_training' });
  });

  it('that are none say why', () => {
    const of = classify({});
    expect(of(Buffer.from(''))).toEqual({ excluded: { reason: 'blank_line' } });
    expect(of(Buffer.from('{'))).toMatchObject({
      error: { reason: expect.stringMatching(/truncated|malformed/) as string },
    });
    expect(of(null)).toEqual({ error: { reason: 'line_too_long' } });
    const cloudfront = logClassifier({
      parser: formatByName('cloudfront')!.parser(),
      resolve: resolverFor({}),
      networks,
    });
    expect(cloudfront(Buffer.from('#Version: 1.0'))).toEqual({ excluded: { reason: 'directive' } });
  });
});

describe('a signature', () => {
  const fields = { occurred_at: 't', request_line: 'r', status: 's', user_agent: 'ua', signed_by: 'agent' };
  const answer = (line: Record<string, unknown>, more: Record<string, string> = {}) =>
    logClassifier({
      parser: formatByName('json')!.parser({ fields: { ...fields, ...more } }),
      resolve: resolverFor({}),
      networks,
    })(Buffer.from(JSON.stringify({ t: '2026-11-22T10:00:00Z', r: 'GET /a', s: 200, ua: 'curl/8.0.0', ...line })));

  it('makes the class its operator’s', () => {
    expect(answer({ agent: 'https://chatgpt.com' })).toMatchObject({
      rule_id: 'ai_user_fetch/signed',
      identity: 'signed',
    });
    expect(answer({})).toMatchObject({ identity: 'none' });
  });

  it('counts only with a verdict that says valid, where there is one', () => {
    const verdict = { signature_verdict: 'verdict' };
    const agent = 'sig1="https://chatgpt.com"';
    expect(answer({ agent, verdict: 'valid' }, verdict)).toMatchObject({ rule_id: 'ai_user_fetch/signed' });
    for (const line of [{ agent }, { agent, verdict: 'invalid' }, { agent, verdict: false }, { verdict: true }])
      expect(answer(line, verdict)).toMatchObject({ identity: 'none' });
  });
});

describe('ingest', () => {
  const request = (method: string, target: string) =>
    `203.0.113.9 - - [22/Nov/2026:10:00:00 +0000] "${method} ${target} HTTP/1.1" 200 17 "-" "curl/8.0.0"\n`;
  const targets = [
    '/api/v1/dependencies?gems=rails',
    '/api/v1/dependencies?gems=rails,rack',
    '/api/v1/dependencies.json?gems=rack&fairshare_token=secret',
    '/api/v1/dependencies?gems=rack',
    '/api/v1/dependencies',
    `/api/v1/dependencies?gems=${'rack,'.repeat(200)}rack`,
    '/api/v2/FindPackagesById()?id=%27NUnit%27&semVerLevel=2.0.0',
    "/api/v2/FindPackagesById()?id='xunit'",
    '/feed/api/v2/FindPackagesById()?id=Moq',
    '/left-pad?write=true',
    '/left-pad/-/left-pad-1.3.0.tgz?x=1',
  ];
  const specs = [
    ...['gem', 'nuget', 'npm'].map((ecosystem) => ({ ecosystem, pathPrefix: '/feed' })),
    { hosts: { 'registry.example.org': 'gem' } },
  ];

  it.each(specs)('finds the packages that classify finds: %j', (spec) => {
    const bytes = Buffer.from(targets.map((target) => request('GET', target)).join(''));
    const rulebook = { networks, tokenIdOf: () => null, methodology: NEWEST, methodologyVersion: 2, rulesSha256: '' };
    const source = new Source({ name: 'logs', format: 'combined', ...spec }, rulebook, defaultLimits);
    const builder = source.builder(source.formatOf(bytes, 'logs'));
    builder.add(bytes, 0, bytes.length, 0, Infinity);
    const ingested = tableFromIPC(builder.finish().usage.ipc)
      .toArray()
      .map((row: { package: string; requests: bigint }) => [row.package, Number(row.requests)] as const);

    const classify = logClassifier({
      parser: formatByName('combined')!.parser(),
      resolve: resolverFor(spec),
      networks,
    });
    const classified = new Map<string, number>();
    for (const target of targets) {
      const name = String(classify(Buffer.from(request('GET', target).trimEnd())).package ?? '');
      classified.set(name, (classified.get(name) ?? 0) + 1);
    }
    expect(classified.size).toBeGreaterThan(1);
    const sums = new Map<string, number>();
    for (const [name, requests] of ingested) sums.set(name, (sums.get(name) ?? 0) + requests);
    expect(sums).toEqual(classified);
  });
});
