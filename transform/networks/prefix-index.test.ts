// The index against a plain scan over all prefixes, on networks dense enough to nest and collide.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Address, cidrContains, cidrText, parseCidr, parseRange, wordMask, type Cidr } from './address.ts';
import { buildPrefixIndex, buildPrefixSetIndex } from './prefix-index.ts';
import { Random } from '../random.ts';

const addressOf = (cidr: Cidr): Address => {
  const address = new Address();
  address.words.set(cidr.words);
  return address;
};
const at = (text: string): Address => addressOf(parseRange(text).cidr!);

/** IPv4 addresses, whatever they are written as. */
const isMapped = (words: readonly number[]): boolean => words[0] === 0 && words[1] === 0 && words[2] === 0xffff;

const word = fc.oneof(
  fc.constantFrom(0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
  fc.nat(0xffffffff),
);
/** Few different bits, so that networks touch, nest and repeat; the ends of the space are included. */
const host: fc.Arbitrary<Cidr> = fc.oneof(
  word.map((ipv4): Cidr => ({ family: 4, words: [0, 0, 0xffff, ipv4], prefixLength: 32 })),
  fc
    .tuple(word, word, word, word)
    .filter((words) => !isMapped(words))
    .map((words): Cidr => ({ family: 6, words, prefixLength: 128 })),
  fc.constantFrom<Cidr>(
    { family: 6, words: [0, 0, 0xfffe, 0xffffffff], prefixLength: 128 },
    { family: 6, words: [0, 0, 0x10000, 0], prefixLength: 128 },
  ),
);
const network = fc.tuple(host, fc.nat(128)).map(([cidr, length]) => {
  const prefixLength = length % (cidr.family === 4 ? 33 : 129);
  const bits = prefixLength + (cidr.family === 4 ? 96 : 0);
  const words = cidr.words.map((value, k) => (value & wordMask(bits - 32 * k)) >>> 0) as unknown as Cidr['words'];
  return parseCidr(cidrText({ family: cidr.family, words, prefixLength })).cidr!;
});
/** Hosts, and the first and last address of each network and their neighbours' edges. */
const probesOf = (networks: readonly Cidr[], hosts: readonly Cidr[]): Cidr[] => [
  ...hosts.map((cidr) => parseRange(cidrText(cidr).replace(/\/\d+$/, '')).cidr!),
  ...networks.flatMap((cidr) => {
    const bits = cidr.prefixLength + (cidr.family === 4 ? 96 : 0);
    const last = cidr.words.map((value, k) => (value | ~wordMask(bits - 32 * k)) >>> 0);
    const next = [...last];
    for (let k = 3; k >= 0; k--) if ((next[k] = (next[k] + 1) >>> 0) !== 0) break;
    return [cidr.words, last, next].map((words) => {
      const address = words as unknown as Cidr['words'];
      const family = isMapped(words) ? (4 as const) : (6 as const);
      return { family, words: address, prefixLength: family === 4 ? 32 : 128 };
    });
  }),
];

describe('buildPrefixIndex', () => {
  it('answers as a scan does', () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 40 }), fc.array(host, { maxLength: 20 }), (networks, hosts) => {
        const index = buildPrefixIndex(networks.map((cidr, value) => ({ cidr: cidrText(cidr), value })));
        const probes = probesOf(networks, hosts);
        const expected = probes.map((probe) => {
          let best = -1;
          networks.forEach((cidr, value) => {
            const longer = best < 0 || cidr.prefixLength >= networks[best].prefixLength;
            if (cidrContains(cidr, probe) && longer) best = value;
          });
          return best;
        });
        expect(probes.map((probe) => index.lookup(addressOf(probe)))).toEqual(expected);
        const words = Uint32Array.from(probes.flatMap((probe) => [...probe.words]));
        expect([...index.lookupMany(words)]).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers −1 everywhere when it is empty', () => {
    const index = buildPrefixIndex([]);
    expect(['0.0.0.0', '255.255.255.255', '::', 'ffff::'].map((text) => index.lookup(at(text)))).toEqual([
      -1, -1, -1, -1,
    ]);
  });

  it('keeps IPv4 out of IPv6 networks, and finds IPv4-mapped addresses', () => {
    const index = buildPrefixIndex([
      { cidr: '::/0', value: 6 },
      { cidr: '192.0.2.0/24', value: 4 },
    ]);
    expect(['192.0.2.1', '::ffff:192.0.2.1', '192.0.3.1', '::1'].map((text) => index.lookup(at(text)))).toEqual([
      4, 4, -1, 6,
    ]);
  });

  it('lets the later of two equal prefixes win', () => {
    const index = buildPrefixIndex([
      { cidr: '192.0.2.0/24', value: 1 },
      { cidr: '192.0.2.0/24', value: 2 },
    ]);
    expect(index.lookup(at('192.0.2.200'))).toBe(2);
  });

  it('fills an array that is given', () => {
    const index = buildPrefixIndex([{ cidr: '192.0.2.0/24', value: 9 }]);
    const out = new Int32Array(3);
    expect(index.lookupMany(at('192.0.2.7').words, out)).toBe(out);
    expect([...out]).toEqual([9, 0, 0]);
  });

  it('names a bad network', () => {
    expect(() => buildPrefixIndex([{ cidr: '192.0.2.1/24', value: 0 }])).toThrow(/192\.0\.2\.1\/24/);
  });

  it('builds and searches a million prefixes', () => {
    const chance = new Random(7);
    const random = () => chance.next();
    const entries = Array.from({ length: 1_000_000 }, (_, value) => {
      const length = 12 + (random() % 17);
      const first = (random() & wordMask(length)) >>> 0;
      return value % 4 === 0
        ? { cidr: `2001:${(first >>> 16).toString(16)}:${((random() >>> 16) & 0xfff0).toString(16)}::/44`, value }
        : { cidr: `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}/${length}`, value };
    });
    const startedAt = performance.now();
    const index = buildPrefixIndex(entries);
    const built_ms = performance.now() - startedAt;

    const words = new Uint32Array(4 * 2_000_000);
    for (let i = 0; i < words.length; i += 4) words.set([0, 0, 0xffff, random()], i);
    index.lookupMany(words.subarray(0, 400_000));
    const searchedAt = performance.now();
    const found = index.lookupMany(words);
    const rate = found.length / (performance.now() - searchedAt) / 1_000;
    process.stderr.write(`1 M prefixes: built in ${Math.round(built_ms)} ms; ${rate.toFixed(1)} M IPv4 look-ups/s\n`);

    // A scan of a sample: the longest prefix that contains the address, the later of equal ones.
    const networks = entries.map(({ cidr }) => parseCidr(cidr).cidr!);
    for (let i = 0; i < 20; i++) {
      const probe: Cidr = { family: 4, words: [0, 0, 0xffff, words[4 * i + 3]], prefixLength: 32 };
      let best = -1;
      networks.forEach((cidr, value) => {
        if (cidrContains(cidr, probe) && (best < 0 || cidr.prefixLength >= networks[best].prefixLength)) best = value;
      });
      expect(found[i]).toBe(best);
    }
  });
});

describe('buildPrefixSetIndex', () => {
  it('names every list that contains the address, as a scan does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(network, fc.nat(4)), { maxLength: 25 }),
        fc.array(host, { maxLength: 10 }),
        (entries, hosts) => {
          const index = buildPrefixSetIndex(entries.map(([cidr, value]) => ({ cidr: cidrText(cidr), value })));
          for (const probe of probesOf(
            entries.map(([cidr]) => cidr),
            hosts,
          )) {
            const expected = new Set(entries.filter(([cidr]) => cidrContains(cidr, probe)).map(([, value]) => value));
            expect(index.sets[index.lookup(addressOf(probe))] ?? []).toEqual([...expected].sort());
          }
          expect(new Set(index.sets.map(String)).size).toBe(index.sets.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
