// IP addresses and networks: text to numbers and back. IPv4 is stored as ::ffff:a.b.c.d, so that both spellings of an
// IPv4 address are one address. No look-ups here.

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;

/** Words 0 to 2 of every IPv4 address. */
const MAPPED_WORD_2 = 0xffff;
/** Number of bits before the IPv4 address. */
const MAPPED_BITS = 96;

/** One address: 128 bits as four words, most significant first. Reused: parsing allocates nothing. */
export class Address {
  readonly words = new Uint32Array(4);

  get isIpv4(): boolean {
    return this.words[0] === 0 && this.words[1] === 0 && this.words[2] === MAPPED_WORD_2;
  }
}

const groups = new Uint16Array(8);

/**
 * Reads buf[start, end) as an IPv4 or IPv6 address (RFC 4291, 2.2). No brackets, port, zone, blanks or leading zeros
 * in IPv4 octets, because `010` is eight to some programs and ten to others.
 * @returns false if it is not an address; `out` is then undefined
 */
export function parseAddress(buf: Uint8Array, start: number, end: number, out: Address): boolean {
  const words = out.words;
  const ipv4 = parseIpv4(buf, start, end);
  if (ipv4 >= 0) {
    words[0] = 0;
    words[1] = 0;
    words[2] = MAPPED_WORD_2;
    words[3] = ipv4;
    return true;
  }
  let count = 0;
  let gap = -1;
  let i = start;
  if (end - start >= 2 && buf[start] === COLON && buf[start + 1] === COLON) {
    gap = 0;
    i += 2;
  }
  while (i < end) {
    if (count === 8) return false;
    const groupStart = i;
    let value = 0;
    for (let digit: number; i < end && (digit = hexDigit(buf[i])) >= 0; i++) {
      value = value * 16 + digit;
      if (i - groupStart === 4) return false;
    }
    if (i === groupStart) return false;
    if (i < end && buf[i] === DOT) {
      const tail = parseIpv4(buf, groupStart, end);
      if (tail < 0 || count > 6) return false;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    groups[count++] = value;
    if (i === end) break;
    if (buf[i] !== COLON || ++i === end) return false;
    if (buf[i] === COLON) {
      if (gap >= 0) return false;
      gap = count;
      i++;
    }
  }
  if (gap < 0 ? count !== 8 : count === 8) return false;
  const zeros = 8 - count;
  for (let k = 0; k < 4; k++) words[k] = ((groupAt(2 * k, gap, zeros) << 16) | groupAt(2 * k + 1, gap, zeros)) >>> 0;
  return true;
}

/** Group k of eight, if `zeros` groups are omitted at `gap`. */
function groupAt(k: number, gap: number, zeros: number): number {
  if (gap < 0 || k < gap) return groups[k];
  return k < gap + zeros ? 0 : groups[k - zeros];
}

/** The address as an unsigned 32-bit number, or −1. */
function parseIpv4(buf: Uint8Array, start: number, end: number): number {
  let address = 0;
  let i = start;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && (i >= end || buf[i++] !== DOT)) return -1;
    const octetStart = i;
    let value = 0;
    for (let digit: number; i < end && (digit = buf[i] - ZERO) >= 0 && digit <= 9; i++) value = value * 10 + digit;
    const digits = i - octetStart;
    if (digits === 0 || digits > 3 || value > 255 || (digits > 1 && buf[octetStart] === ZERO)) return -1;
    address = address * 256 + value;
  }
  return i === end ? address : -1;
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= 0x39) return byte - ZERO;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Canonical text: dotted decimal for IPv4, RFC 5952 for IPv6. */
export function addressText(address: Address): string {
  return wordsText(address.words);
}

/** The network that is stored instead of an address: its /24 (IPv4) or /48 (IPv6), in canonical CIDR text. */
export function networkText(address: Address): string {
  const words = address.words;
  return address.isIpv4
    ? `${words[3] >>> 24}.${(words[3] >>> 16) & 255}.${(words[3] >>> 8) & 255}.0/24`
    : `${wordsText([words[0], (words[1] & 0xffff0000) >>> 0, 0, 0])}/48`;
}

type Words = readonly [number, number, number, number];

function wordsText(words: ArrayLike<number>): string {
  if (words[0] === 0 && words[1] === 0 && words[2] === MAPPED_WORD_2) {
    const ipv4 = words[3];
    return `${ipv4 >>> 24}.${(ipv4 >>> 16) & 255}.${(ipv4 >>> 8) & 255}.${ipv4 & 255}`;
  }
  const parts: number[] = [];
  for (let k = 0; k < 4; k++) parts.push(words[k] >>> 16, words[k] & 0xffff);
  // RFC 5952, 4.2: shorten the longest run of two or more zero groups; the first one of equal runs.
  let runStart = -1;
  let runLength = 1;
  for (let k = 0; k < 8; k++) {
    let length = 0;
    while (k + length < 8 && parts[k + length] === 0) length++;
    if (length > runLength) {
      runStart = k;
      runLength = length;
    }
    k += length;
  }
  const hex = (from: number, to: number) =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  return runStart < 0 ? hex(0, 8) : `${hex(0, runStart)}::${hex(runStart + runLength, 8)}`;
}

/** A network. */
export interface Cidr {
  readonly family: 4 | 6;
  /** First address, as in Address. */
  readonly words: Words;
  /** 0 to 32 (IPv4) or 0 to 128 (IPv6). */
  readonly prefixLength: number;
}

export type CidrResult =
  { readonly cidr: Cidr; readonly fault: null } | { readonly cidr: null; readonly fault: string };

const scratch = new Uint8Array(64);
const parsed = new Address();

/** Reads `address/length`. IPv4-mapped networks of 96 bits and more are IPv4. @returns the network, or the error */
export function parseCidr(text: string): CidrResult {
  const slash = text.indexOf('/');
  if (slash < 0) return fault(`'${text}' has no prefix length (as in ${text}/32)`);
  const address = parseText(text.slice(0, slash));
  if (address === null) return fault(`'${text}' is not an address and a prefix length`);
  const lengthText = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return fault(`'${text}' has no whole number as prefix length`);
  const dotted = text.indexOf(':') < 0;
  const bits = Number(lengthText) + (dotted ? MAPPED_BITS : 0);
  if (bits > 128) return fault(`'${text}' has a prefix longer than the address (${dotted ? 32 : 128} bits)`);
  const masked = maskWords(address.words, bits);
  const cidr = cidrOf(masked, bits);
  const hostBits = masked.some((word, k) => word !== address.words[k]);
  return hostBits
    ? fault(`'${text}' has bits set behind its prefix; the network is ${cidrText(cidr)}`)
    : { cidr, fault: null };
}

/** As parseCidr, but an address without a prefix length is the network of that one address. */
export function parseRange(text: string): CidrResult {
  if (text.indexOf('/') >= 0) return parseCidr(text);
  const address = parseText(text);
  if (address === null) return fault(`'${text}' is not an address`);
  return { cidr: cidrOf(maskWords(address.words, 128), 128), fault: null };
}

const fault = (text: string): CidrResult => ({ cidr: null, fault: text });

function parseText(text: string): Address | null {
  if (text.length > scratch.length) return null;
  for (let k = 0; k < text.length; k++) {
    const code = text.charCodeAt(k);
    if (code > 127) return null;
    scratch[k] = code;
  }
  return parseAddress(scratch, 0, text.length, parsed) ? parsed : null;
}

function cidrOf(words: Words, bits: number): Cidr {
  const ipv4 = bits >= MAPPED_BITS && words[0] === 0 && words[1] === 0 && words[2] === MAPPED_WORD_2;
  return { family: ipv4 ? 4 : 6, words, prefixLength: ipv4 ? bits - MAPPED_BITS : bits };
}

/** Prefix length, counted over all 128 bits. */
export const cidrBits = (cidr: Cidr): number => cidr.prefixLength + (cidr.family === 4 ? MAPPED_BITS : 0);

function maskWords(words: ArrayLike<number>, bits: number): Words {
  const masked = (k: number) => (words[k] & wordMask(bits - 32 * k)) >>> 0;
  return [masked(0), masked(1), masked(2), masked(3)];
}

/** A 32-bit word whose first `bits` bits are set; below 0 counts as 0, above 32 as 32. */
export function wordMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

/** Canonical text. */
export const cidrText = (cidr: Cidr): string => `${wordsText(cidr.words)}/${cidr.prefixLength}`;

/** Whether `outer` contains every address of `inner`. An IPv6 network never contains an IPv4 one. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  const bits = cidrBits(outer);
  if (outer.family !== inner.family || bits > cidrBits(inner)) return false;
  return outer.words.every((word, k) => ((word ^ inner.words[k]) & wordMask(bits - 32 * k)) === 0);
}

/** How many leading bits two networks have in common: at most the length of the wider one; 0 for an IPv4 and an IPv6 network. */
export function commonBits(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return 0;
  const before = a.family === 4 ? MAPPED_BITS : 0;
  let bits = 0;
  for (let k = 0; k < 4; k++) {
    const same = Math.clz32(a.words[k] ^ b.words[k]);
    bits += same;
    if (same < 32) break;
  }
  return Math.min(bits - before, a.prefixLength, b.prefixLength);
}

/** Order: IPv4 before IPv6, then by first address, then wider before narrower. */
export function compareCidr(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  for (let k = 0; k < 4; k++) if (a.words[k] !== b.words[k]) return a.words[k] - b.words[k];
  return a.prefixLength - b.prefixLength;
}
