// Exact fractions of big integers: the only numbers for money and units. No floating point here.

/** num/den, den > 0; in lowest terms if rational() made it. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

/** @throws RangeError when den is zero. */
export function rational(num: bigint, den = 1n): Rational {
  if (den === 0n) throw new RangeError('a fraction needs a denominator other than zero');
  const divisor = den < 0n ? -gcd(num, den) : gcd(num, den);
  return { num: num / divisor, den: den / divisor };
}

export const zero: Rational = { num: 0n, den: 1n };
export const add = (a: Rational, b: Rational): Rational => rational(a.num * b.den + b.num * a.den, a.den * b.den);
export const multiply = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den);

/** Negative, zero or positive, as a is below, equal to or above b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The least denominator that all values share; 1 for none. */
export function commonDenominator(values: Iterable<Rational>): bigint {
  let common = 1n;
  for (const { den } of values) if (common % den !== 0n) common *= den / gcd(common, den);
  return common;
}

/** Nearest integer; halves away from zero: the absolute value is rounded, so that a reversal is the exact opposite. */
export function round({ num, den }: Rational): bigint {
  const absolute = ((num < 0n ? -num : num) * 2n + den) / (den * 2n);
  return num < 0n ? -absolute : absolute;
}

/** '12', '0.001' or '1/1000' (never negative); undefined for any other text. */
export function parseRational(text: string): Rational | undefined {
  const fraction = /^(\d+)\/(\d+)$/.exec(text);
  if (fraction) return BigInt(fraction[2]) === 0n ? undefined : rational(BigInt(fraction[1]), BigInt(fraction[2]));
  const decimal = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (!decimal) return undefined;
  const places = decimal[2] ?? '';
  return rational(BigInt(decimal[1] + places), 10n ** BigInt(places.length));
}

/** As JSON: an integer as its text, any other value as {num, den}. */
export const exactJson = ({ num, den }: Rational): string | { num: string; den: string } =>
  den === 1n ? String(num) : { num: String(num), den: String(den) };

/** As JSON, always {num, den}. */
export const fractionJson = ({ num, den }: Rational): { num: string; den: string } => ({
  num: String(num),
  den: String(den),
});

/** As in files, rounded to so many places, halves away from zero: '30682.9268'. */
export function decimalText(value: Rational, places: number): string {
  const scaled = round(multiply(value, rational(10n ** BigInt(places))));
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  return `${scaled < 0n ? '-' : ''}${whole}${places > 0 ? `.${digits.slice(-places)}` : ''}`;
}
