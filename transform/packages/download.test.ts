import { describe, expect, it } from 'vitest';
import { method } from '../scan/line-fields.ts';
import { rangeOf } from '../request-reader.ts';
import { Slice } from '../scan/line-fields.ts';
import { isDownload, ranges, transferOf, transfers } from './download.ts';
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
    range = ranges.none,
    at = BEFORE,
  }: Partial<Record<'verb' | 'status' | 'bytes' | 'range' | 'at', number>> = {},
): boolean => isDownload(rule, verb, status, bytes, range, at);
const counting = (given: Parameters<typeof ask>[1]): DownloadRule[] => ALL.filter((rule) => ask(rule, given));

describe('isDownload, methodology 1', () => {
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
    expect(counting({ status: 206, range: ranges.start })).toEqual(GETS);
    expect(counting({ status: 206, range: ranges.unknown })).toEqual(GETS);
    expect(counting({ status: 206, range: ranges.later })).toEqual([]);
    expect(counting({ status: 200, range: ranges.later })).toEqual(GETS); // the server sent all of it
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

const rangeIn = (text: string): number => {
  if (text === '') return ranges.none;
  const slice = new Slice();
  slice.set(new TextEncoder().encode(text), 0, text.length);
  return rangeOf(slice);
};

describe('rangeOf', () => {
  it.each([
    ['bytes=0-', ranges.open],
    ['Bytes=0-', ranges.open],
    ['bytes=00-', ranges.open],
    ['bytes 0-', ranges.open],
    ['0-', ranges.open], // W3C logs write the answer's start and end
    ['0-499', ranges.open],
    ['bytes 0-1/2', ranges.open],
    ['bytes=0-0', ranges.start],
    ['bytes=0-1023', ranges.start],
    ['bytes=0-99,200-299', ranges.start],
    ['bytes=0-,-5', ranges.start],
    ['bytes=100-', ranges.later],
    ['bytes=200-299,0-99', ranges.later],
    ['bytes=-500', ranges.unknown],
    ['-', ranges.unknown],
    ['items=-', ranges.unknown],
    ['x', ranges.unknown],
  ])('%s', (text, want) => expect(rangeIn(text)).toBe(want));
});

describe('transferOf, methodology 2', () => {
  const of = (range: string, status = 206, verb: number = method.GET, bytes = 5_000) =>
    transferOf(get200, verb, status, bytes, rangeIn(range), BEFORE);

  it('takes the whole file for a download, whatever range was asked', () => {
    for (const range of ['', 'bytes=0-', 'bytes=-500', 'bytes=1-2']) expect(of(range, 200)).toBe(transfers.whole);
  });

  it('takes no part for a download', () => {
    for (const range of [
      '',
      '-',
      'bytes=0-0',
      'bytes=0-1023',
      'bytes=-16384',
      'bytes=100-',
      'bytes=5-9',
      'bytes=0-9,20-29',
      'items=0-1',
      'bytes=,0-1',
    ])
      expect([range, of(range)]).toEqual([range, transfers.partial]);
  });

  it('leaves a transfer from the first byte without an end to sealing, if its bytes are known', () => {
    expect(of('bytes=0-')).toBe(transfers.open);
    expect(of('bytes=0-', 206, method.GET, -1)).toBe(transfers.partial);
  });

  it('counts nothing for other methods, statuses and resources', () => {
    for (const [status, verb] of [
      [206, method.HEAD],
      [206, method.POST],
      [304, method.GET],
      [416, method.GET],
      [499, method.GET],
      [0, method.GET],
    ])
      expect(of('bytes=0-', status, verb)).toBe(transfers.none);
    for (const rule of [never, post2xx])
      expect(transferOf(rule, method.GET, 206, 1, ranges.open, BEFORE)).toBe(transfers.none);
    expect(transferOf(get200Before20260824, method.GET, 206, 1, ranges.later, AFTER)).toBe(transfers.none);
  });

  it('says of everything but 206 what methodology 1 says', () => {
    for (const rule of ALL)
      for (const status of [0, 200, 203, 299, 304, 404])
        for (const verb of [method.GET, method.HEAD, method.POST])
          expect(transferOf(rule, verb, status, 2_000, ranges.none, BEFORE) === transfers.whole).toBe(
            isDownload(rule, verb, status, 2_000, ranges.none, BEFORE),
          );
  });
});
