// CityHash128 in the version that ClickHouse uses (1.0.2): the checksum of its compressed blocks. A result of many megabytes is
// hashed after it is compressed, so big integers are quick enough.

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K3 = 0xc949d7c7509e6557n;
const MIX = 0x9ddfea08eb382d69n;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const times = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, a * b);
const rotate = (value: bigint, by: bigint): bigint => (value >> by) | wrap(value << (64n - by));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

/** Two words to one. */
function fold(low: bigint, high: bigint): bigint {
  const a = times(low ^ high, MIX);
  const b = times(high ^ a ^ (a >> 47n), MIX);
  return times(b ^ (b >> 47n), MIX);
}

/** At most 16 bytes to one word. */
function short(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length > 8) {
    const last = bytes.readBigUInt64LE(length - 8);
    return fold(bytes.readBigUInt64LE(0), rotate(wrap(last + BigInt(length)), BigInt(length))) ^ last;
  }
  if (length >= 4)
    return fold(BigInt(length) + (BigInt(bytes.readUInt32LE(0)) << 3n), BigInt(bytes.readUInt32LE(length - 4)));
  if (length === 0) return K2;
  const head = BigInt(bytes[0] + (bytes[length >> 1] << 8));
  const tail = BigInt(length + (bytes[length - 1] << 2));
  return times(shiftMix(times(head, K2) ^ times(tail, K3)), K2);
}

type Pair = readonly [bigint, bigint];

/** Fewer than 128 bytes. */
function murmur(bytes: Buffer, [low, high]: Pair): Pair {
  const { length } = bytes;
  let [a, b] = [low, high];
  let c: bigint;
  let d: bigint;
  if (length <= 16) {
    a = times(shiftMix(times(a, K1)), K1);
    c = wrap(times(b, K1) + short(bytes));
    d = shiftMix(wrap(a + (length >= 8 ? bytes.readBigUInt64LE(0) : c)));
  } else {
    c = fold(wrap(bytes.readBigUInt64LE(length - 8) + K1), a);
    d = fold(wrap(b + BigInt(length)), wrap(c + bytes.readBigUInt64LE(length - 16)));
    a = wrap(a + d);
    for (let at = 0; at < length - 16; at += 16) {
      a = times(a ^ times(shiftMix(times(bytes.readBigUInt64LE(at), K1)), K1), K1);
      b ^= a;
      c = times(c ^ times(shiftMix(times(bytes.readBigUInt64LE(at + 8), K1)), K1), K1);
      d ^= c;
    }
  }
  a = fold(a, c);
  b = fold(d, b);
  return [a ^ b, fold(b, a)];
}

/** 32 bytes, with a seed. */
function weak(bytes: Buffer, at: number, seedLow: bigint, seedHigh: bigint): Pair {
  const last = bytes.readBigUInt64LE(at + 24);
  const first = wrap(seedLow + bytes.readBigUInt64LE(at));
  const sum = wrap(first + bytes.readBigUInt64LE(at + 8) + bytes.readBigUInt64LE(at + 16));
  return [wrap(sum + last), wrap(rotate(wrap(seedHigh + first + last), 21n) + rotate(sum, 44n) + first)];
}

function long(bytes: Buffer, [low, high]: Pair): Pair {
  const { length } = bytes;
  const word = (at: number): bigint => bytes.readBigUInt64LE(at);
  let x = low;
  let y = high;
  let z = times(BigInt(length), K1);
  const first = wrap(times(rotate(y ^ K1, 49n), K1) + word(0));
  let v: Pair = [first, wrap(times(rotate(first, 42n), K1) + word(8))];
  let w: Pair = [wrap(times(rotate(wrap(y + z), 35n), K1) + x), times(rotate(wrap(x + word(88)), 53n), K1)];
  const whole = length - (length % 128);
  for (let at = 0; at < whole; at += 64) {
    x = times(rotate(wrap(x + y + v[0] + word(at + 16)), 37n), K1) ^ w[1];
    y = times(rotate(wrap(y + v[1] + word(at + 48)), 42n), K1) ^ v[0];
    z = rotate(z ^ w[0], 33n);
    v = weak(bytes, at, times(v[1], K1), wrap(x + w[0]));
    w = weak(bytes, at + 32, wrap(z + w[1]), y);
    [z, x] = [x, z];
  }
  y = wrap(y + times(rotate(w[0], 37n), K0) + z);
  x = wrap(x + times(rotate(wrap(v[0] + z), 49n), K0));
  // The rest, 32 bytes at a time from the end.
  for (let done = 32; done - 32 < length - whole; done += 32) {
    y = wrap(times(rotate(wrap(y - x), 42n), K0) + v[1]);
    const sum = wrap(w[0] + word(length - done + 16));
    x = wrap(times(rotate(x, 49n), K0) + sum);
    w = [wrap(sum + v[0]), w[1]];
    v = weak(bytes, length - done, v[0], v[1]);
  }
  x = fold(x, v[0]);
  y = fold(y, w[0]);
  return [wrap(fold(wrap(x + v[1]), w[1]) + y), fold(wrap(x + w[1]), wrap(y + v[1]))];
}

const seeded = (bytes: Buffer, seed: Pair): Pair => (bytes.length < 128 ? murmur(bytes, seed) : long(bytes, seed));

/** → the low word, the high word */
export function cityHash128(bytes: Buffer): Pair {
  const { length } = bytes;
  if (length >= 16) return seeded(bytes.subarray(16), [bytes.readBigUInt64LE(0) ^ K3, bytes.readBigUInt64LE(8)]);
  if (length >= 8)
    return murmur(Buffer.alloc(0), [
      bytes.readBigUInt64LE(0) ^ times(BigInt(length), K0),
      bytes.readBigUInt64LE(length - 8) ^ K1,
    ]);
  return murmur(bytes, [K0, K1]);
}
