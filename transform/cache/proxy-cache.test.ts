// The model of a caching proxy: lifetimes, the least recently used, and what passes.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CachedRequest, ProxyCache } from './proxy-cache.ts';

const limits = { size_bytes: 100, files_ms: 1000, metadata_ms: 10 };
const get = (occurredAt_ms: number, key: number, more: Partial<CachedRequest> = {}): CachedRequest => ({
  occurredAt_ms,
  key,
  isFile: true,
  isReading: true,
  status: 200,
  bytes: 40,
  ...more,
});
const hits = (requests: readonly CachedRequest[], own = limits): boolean[] => {
  const cache = new ProxyCache(own);
  return requests.map((request) => cache.request(request).hit);
};

describe('ProxyCache', () => {
  it.each([
    ['the second request', [get(0, 1), get(1, 1)], [false, true]],
    ['until its lifetime ends', [get(0, 1), get(1000, 1), get(1001, 1), get(2001, 1)], [false, true, false, true]],
    ['metadata for a shorter time', [get(0, 1, { isFile: false }), get(11, 1, { isFile: false })], [false, false]],
    ['not what was used longest ago', [get(0, 1), get(1, 2), get(2, 1), get(3, 3), get(4, 1), get(5, 2)], [false, false, true, false, true, false]], // prettier-ignore
    ['nothing that is larger than the cache', [get(0, 1, { bytes: 101 }), get(1, 1)], [false, false]],
    ['no errors', [get(0, 1, { status: 404 }), get(1, 1, { status: 404 })], [false, false]],
    ['what the registry refuses, if it is there', [get(0, 1), get(1, 1, { status: 429 })], [false, true]],
    ['no writes', [get(0, 1), get(1, 1, { isReading: false })], [false, false]],
  ])('serves %s', (_what, requests, expected) => {
    expect(hits(requests)).toEqual(expected);
  });

  it('saves the bytes of hits, less what it fetches in place of parts and confirmations', () => {
    const cache = new ProxyCache({ ...limits, files_ms: 5 });
    const saved = [get(0, 1), get(1, 1, { bytes: 30 }), get(10, 1, { status: 304, bytes: 2 })].map((request) => cache.request(request).saved_bytes); // prettier-ignore
    expect(saved).toEqual([0, 30, -38]);
  });

  it('never serves more hits with a shorter life', () => {
    const requests = fc.array(fc.tuple(fc.nat(50), fc.nat(5)), { maxLength: 60 });
    fc.assert(
      fc.property(requests, fc.nat(500), fc.nat(500), (steps, a, b) => {
        let now = 0;
        const trace = steps.map(([wait, key]) => get((now += wait), key, { bytes: 1 }));
        const count = (files_ms: number) => hits(trace, { ...limits, files_ms }).filter(Boolean).length;
        expect(count(Math.min(a, b))).toBeLessThanOrEqual(count(Math.max(a, b)));
      }),
    );
  });
});
