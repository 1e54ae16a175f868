// Whether a text mentions an address of a network, in any spelling that a log line may have. For erasure: a doubt counts as a mention.

import { Address, type Cidr, cidrBits, parseAddress, wordMask } from './address.ts';

/** `%3A` and `\u003a` as `:`, `%2e` as `.`. Twice, because proxies log URLs within URLs. */
const unescaped = (text: string): string => {
  let out = text;
  for (let again = 0; again < 2; again++)
    out = out
      .replace(/%25/g, '%')
      .replace(/%3a|\\+u003a/gi, ':')
      .replace(/%2e|\\+u002e/gi, '.')
      .replace(/%5b|%5d/gi, ' ');
  return out;
};

/** Runs of the characters of an address. Host names of providers write an address with hyphens: ip-203-0-113-7. */
const CANDIDATES = /[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]+/g;
const HYPHENATED = /(?<!\d)\d{1,3}(?:[-_]\d{1,3}){3}(?!\d)/g;
/** Overlapping, because the first number of `1.203.0.113.7` may belong to another word. */
const IPV4 = /(?<!\d)(?=(\d{1,3}(?:\.\d{1,3}){3}))/g;

const address = new Address();

export function mentionsNetwork(line: Uint8Array, network: Cidr): boolean {
  const text = unescaped(Buffer.from(line.buffer, line.byteOffset, line.length).toString('latin1'));
  const bits = cidrBits(network);
  const isWithin = (candidate: string): boolean => {
    const bytes = Buffer.from(candidate, 'latin1');
    return (
      parseAddress(bytes, 0, bytes.length, address) &&
      network.words.every((word, k) => ((word ^ address.words[k]) & wordMask(bits - 32 * k)) === 0)
    );
  };
  for (const [found] of text.matchAll(HYPHENATED)) if (isWithin(found.replace(/[-_]/g, '.'))) return true;
  for (const [found] of text.matchAll(CANDIDATES)) {
    // A port or the end of a sentence may follow. A key may precede, whose last letters look like a group: `node:2001:db8::7`.
    let rest = found.replace(/^[.]+|[.]+$/g, '').replace(/(?<!:):$/, '');
    for (;;) {
      if (isWithin(rest) || isWithin(rest.replace(/:\d+$/, ''))) return true;
      const colon = rest.indexOf(':');
      if (colon < 0) break;
      rest = rest.slice(colon + 1);
    }
    for (const [, ipv4] of found.matchAll(IPV4)) if (isWithin(withoutZeros(ipv4))) return true;
  }
  return false;
}

/** `203.000.113.007` as `203.0.113.7`. */
const withoutZeros = (ipv4: string): string => ipv4.split('.').map(Number).join('.');
