import { expect, it } from 'vitest';
import { IGNORED_BY_DEFAULT, ignoredBy } from './ignored.ts';

it('passes over what CDNs and tools of transfer put beside logs, and over no log', () => {
  const isIgnored = ignoredBy(IGNORED_BY_DEFAULT);
  const others = ['test.txt.gz', '20240217/ownership-challenge-8a2b.txt', 's3://logs/npm/_SUCCESS', 's3://logs/npm/.hidden', 'AWSLogs/1/ELBAccessLogTestFile', 'npm_$folder$', 'a/b.log.gz.part', 'b.log~', 'SHA256SUMS', 'a.log.gz.sha256', 'x/index.html', 'README.md', '2026/11/manifest.json']; // prettier-ignore
  const logs = ['access.log', 'access.log.1', 'access.log-20261128.gz', '20240217/20240217T235100Z_x.log.gz', 's3://logs/npm/E2.2026-11-26-10.abcd.gz', 'test/access.log', 'latest.txt.gz', 'part-0001.gz', 'tmp/access.log', '2026/11/00-00.log.zst']; // prettier-ignore
  expect(others.filter((name) => !isIgnored(name))).toEqual([]);
  expect(logs.filter((name) => isIgnored(name))).toEqual([]);
});

it('a pattern with a slash is compared with the whole name', () => {
  const isIgnored = ignoredBy(['old/**', '**/debug/*.log', 'a?.(x)', '*.bak']);
  const found = ['old/1/a.log', 'debug/a.log', 'x/y/debug/a.log', 'x/debug/y/a.log', 'new/old/a.log', 'ab.(x)', 'abb.(x)', 'x/y.bak', 'y.bak.log'].filter(isIgnored); // prettier-ignore
  expect(found).toEqual(['old/1/a.log', 'debug/a.log', 'x/y/debug/a.log', 'ab.(x)', 'x/y.bak']);
});
