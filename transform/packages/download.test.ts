import { describe, expect, it } from 'vitest';
import { method } from '../scan/line-fields.ts';
import { isDownload } from './download.ts';
import { downloadRules, type DownloadRule } from './ecosystem.ts';

const { never, get200, get2xx, get2xxMin1024, post2xx, get200Before20260824 } = downloadRules;
const ALL = Object.values(downloadRules);
const GETS = [get200, get2xx, get2xxMin1024, get200Before20260824];
const BEFORE = Date.UTC(2026, 7, 23, 23, 59, 59, 999);
const AFTER = Date.UTC(2026, 7, 24);

const ask = (
  rule: DownloadRule,
  {
    verb = method.GET,
    status = 200,
    bytes = 5_000,
    rangeStart = 0,
    at = BEFORE,
  }: Partial<Record<'verb' | 'status' | 'bytes' | 'rangeStart' | 'at', number>> = {},
): boolean => isDownload(rule, verb, status, bytes, rangeStart, at);
const counting = (given: Parameters<typeof ask>[1]): DownloadRule[] => ALL.filter((rule) => ask(rule, given));

describe('isDownload', () => {
  it('counts a GET 200 under every GET rule', () => expect(counting({})).toEqual(GETS));

  it('never counts HEAD, OPTIONS or an unknown method', () => {
    for (const verb of [method.HEAD, method.OPTIONS, method.OTHER, method.PUT]) expect(counting({ verb })).toEqual([]);
  });

  it('never counts 304, redirects, errors or a missing status', () => {
    for (const status of [0, 100, 199, 300, 302, 304, 404, 416, 500, 503]) {
      expect(counting({ status })).toEqual([]);
      expect(counting({ status, verb: method.POST })).toEqual([]);
    }
  });

  it('counts 206 from the first byte or an unknown one, and no other', () => {
    expect(counting({ status: 206, rangeStart: 0 })).toEqual(GETS);
    expect(counting({ status: 206, rangeStart: -1 })).toEqual(GETS);
    expect(counting({ status: 206, rangeStart: 1 })).toEqual([]);
    expect(counting({ status: 200, rangeStart: 1_000 })).toEqual(GETS); // the server sent all of it
  });

  it('counts other 2xx only where the rule says 2xx', () => {
    expect(counting({ status: 203 })).toEqual([get2xx, get2xxMin1024]);
    expect(counting({ status: 299 })).toEqual([get2xx, get2xxMin1024]);
  });

  it('asks for 1,024 bytes where the rule does, unless they are not known', () => {
    const counts = (bytes: number): boolean => ask(get2xxMin1024, { bytes });
    expect([-1, 0, 1_023, 1_024].map(counts)).toEqual([true, false, false, true]);
    expect(counting({ bytes: 0 })).toEqual([get200, get2xx, get200Before20260824]);
  });

  it('counts POST for notifications alone', () => {
    expect(counting({ verb: method.POST, status: 201 })).toEqual([post2xx]);
    expect(ask(post2xx)).toBe(false);
  });

  it('changes PyPI’s rule with the day', () => {
    expect(ask(get200Before20260824, { at: BEFORE })).toBe(true);
    expect(ask(get200Before20260824, { at: AFTER })).toBe(false);
    expect(ask(get200, { at: AFTER })).toBe(true);
  });

  it('never counts under never', () => expect(ask(never)).toBe(false));
});
