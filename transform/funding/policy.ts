// The funding policy as a typed value. Checks a parsed document in code (numbers as text, so that none passes through floating
// point) and reports every fault with its path. docs/FUNDING.md explains each key.

import { requesterClasses, type RequesterClass } from '../classify/requester.ts';
import { checked, isName, type Checked, type InputFault } from './checked.ts';
import { amountForm, isCurrency } from './currencies.ts';
import { parseCents } from './money.ts';
import { compare, parseRational, rational, zero, type Rational } from './rational.ts';

/** Basis points that make one. */
export const BP = 10_000n;

/** Units above the previous band, up to `up_to` (null: no end), count `multiplier_bp`/10,000 each. */
export interface Band {
  readonly up_to: bigint | null;
  readonly multiplier_bp: bigint;
}

/** A pool's shares by driver of its cost; they sum to 10,000. */
export interface DriverShares {
  readonly requests_bp: bigint;
  readonly bytes_bp: bigint;
}

export interface RateLimit {
  readonly requests_per_second: Rational;
  /** 'up to' includes the limit itself, 'below' does not. */
  readonly inclusive: boolean;
}

/** A level includes a party within both of its limits; null is no limit. */
export interface ServiceLevel {
  readonly name: string;
  readonly rate: RateLimit | null;
  readonly requests_per_month: bigint | null;
}

/** EVALUATION reports; ENFORCEMENT also emits the list for the edge. */
export const tierStates = ['EVALUATION', 'ENFORCEMENT'] as const;
export type TierState = (typeof tierStates)[number];

export interface ServiceTiers {
  readonly state: TierState;
  /** From the free level upwards; the last has no limit. */
  readonly levels: readonly ServiceLevel[];
}

/** Tiers that a policy may bill if they are measured to be precise; E6 and E7 are never billed. */
export const measurableTiers = ['E4', 'E5'] as const;
export type MeasurableTier = (typeof measurableTiers)[number];

export interface Policy {
  readonly version: string;
  readonly currency: string;
  /** Units per family. */
  readonly free_allowance: bigint;
  readonly bands: readonly Band[];
  readonly cap_bp: bigint;
  readonly minimum_cents: bigint;
  readonly rho_bp: bigint;
  readonly class_weights_bp: ReadonlyMap<RequesterClass, bigint>;
  /** Evidence that is billed in periods in which it was measured to be precise (billable.ts). */
  readonly bill_measured: readonly MeasurableTier[];
  readonly pools: ReadonlyMap<string, DriverShares>;
  /** Fixed units per request (alpha) and per byte (beta), instead of the cost pools' own. */
  readonly fixed_prices: { readonly alpha: Rational; readonly beta: Rational } | null;
  /** Family → the minimum of its contract. */
  readonly contract_minimums_cents: ReadonlyMap<string, bigint>;
  readonly service_tiers: ServiceTiers | null;
}

type Path = readonly (string | number)[];

/** Reads values of a document and collects faults; a value that it cannot read is undefined. */
class Reader {
  readonly faults: InputFault[] = [];
  /** Of the amounts; read first. */
  currency = '';

  fault(path: Path, message: string): undefined {
    this.faults.push({ path, message });
  }

  /** The entries of a mapping. With `known`, any other key is a fault. */
  mapping(
    value: unknown,
    path: Path,
    known?: readonly string[],
    required: readonly string[] = [],
  ): Map<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fault(path, 'must be a mapping of keys to values');
      return new Map();
    }
    const entries = new Map(Object.entries(value));
    if (known) {
      for (const key of entries.keys()) {
        if (!known.includes(key)) this.fault([...path, key], `unknown key; known are ${known.join(', ')}`);
      }
    }
    for (const key of required) if (!entries.has(key)) this.fault([...path, key], 'is missing');
    return entries;
  }

  list(value: unknown, path: Path): readonly unknown[] {
    if (Array.isArray(value) && value.length > 0) return value as unknown[];
    this.fault(path, 'must be a list with at least one entry');
    return [];
  }

  private text(value: unknown): string {
    // A fraction given as a number becomes its shortest text: 100.1 is '100.1'. An integer beyond 2^53 is not exact.
    if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? '' : String(value);
    return typeof value === 'string' || typeof value === 'bigint' ? String(value) : '';
  }

  name(value: unknown, path: Path): string | undefined {
    const text = this.text(value);
    return isName(text) ? text : this.fault(path, 'must be a text without control characters or blanks at its ends');
  }

  integer(value: unknown, path: Path, max?: bigint): bigint | undefined {
    const text = this.text(value);
    const integer = /^\d+$/.test(text) ? BigInt(text) : undefined;
    if (integer !== undefined && (max === undefined || integer <= max)) return integer;
    return this.fault(path, `must be a whole number${max === undefined ? ', zero or more' : ` from 0 to ${max}`}`);
  }

  cents(value: unknown, path: Path): bigint | undefined {
    return parseCents(this.text(value), this.currency) ?? this.fault(path, `must be ${amountForm(this.currency)}`);
  }

  fraction(value: unknown, path: Path): Rational | undefined {
    return parseRational(this.text(value)) ?? this.fault(path, 'must be a decimal or a fraction, such as 0.5 or 1/3');
  }
}

const required = ['version', 'currency', 'free_allowance', 'bands', 'cap_bp', 'minimum'] as const;
const optional = [
  'rho_bp',
  'class_weights_bp',
  'bill_measured',
  'pools',
  'alpha',
  'beta',
  'contract_minimums',
  'service_tiers',
] as const;

/**
 * Checks a parsed document (YAML or JSON; numbers as text, bigint or number).
 * Every fault is reported, each with its path; unknown keys are faults.
 */
export function checkPolicy(document: unknown): Checked<Policy> {
  const read = new Reader();
  const top = read.mapping(document, [], [...required, ...optional], required);
  const present = <T>(key: string, reader: (value: unknown, path: Path) => T): T | undefined =>
    top.has(key) ? reader(top.get(key), [key]) : undefined;
  const basisPoints = (value: unknown, path: Path) => read.integer(value, path, BP);

  const currency = present('currency', (value, path) =>
    isCurrency(value) ? value : read.fault(path, 'must be an ISO 4217 code, such as USD'),
  );
  read.currency = currency ?? '';
  const alpha = present('alpha', (value, path) => read.fraction(value, path));
  const beta = present('beta', (value, path) => read.fraction(value, path));
  if (top.has('alpha') !== top.has('beta')) {
    read.fault([top.has('alpha') ? 'beta' : 'alpha'], 'is missing: alpha and beta are fixed together');
  } else if (top.has('alpha') && top.has('pools')) {
    read.fault(['pools'], 'has no effect beside alpha and beta: remove one or the other');
  } else if (alpha?.num === 0n && beta?.num === 0n) {
    read.fault(['alpha'], 'alpha and beta are both 0: no usage would count');
  }

  const policy: Policy = {
    version: present('version', (value, path) => read.name(value, path)) ?? '',
    currency: currency ?? '',
    free_allowance: present('free_allowance', (value, path) => read.integer(value, path)) ?? 0n,
    bands: present('bands', (value, path) => readBands(read, value, path)) ?? [],
    cap_bp: present('cap_bp', basisPoints) ?? 0n,
    minimum_cents: present('minimum', (value, path) => read.cents(value, path)) ?? 0n,
    rho_bp: present('rho_bp', basisPoints) ?? 0n,
    class_weights_bp: present('class_weights_bp', (value, path) => readWeights(read, value, path)) ?? new Map(),
    bill_measured: present('bill_measured', (value, path) => readMeasured(read, value, path)) ?? [],
    pools: present('pools', (value, path) => readPools(read, value, path)) ?? new Map(),
    fixed_prices: alpha && beta ? { alpha, beta } : null,
    contract_minimums_cents:
      present('contract_minimums', (value, path) => readMinimums(read, value, path)) ?? new Map(),
    service_tiers: present('service_tiers', (value, path) => readTiers(read, value, path)) ?? null,
  };
  return checked(policy, read.faults);
}

function readBands(read: Reader, value: unknown, path: Path): Band[] {
  const entries = read.list(value, path);
  let floor = 0n;
  return entries.map((entry, index) => {
    const at = [...path, index];
    const keys = read.mapping(entry, at, ['up_to', 'multiplier_bp'], ['multiplier_bp']);
    const multiplier_bp = keys.has('multiplier_bp')
      ? read.integer(keys.get('multiplier_bp'), [...at, 'multiplier_bp'])
      : undefined;
    const isLast = index === entries.length - 1;
    let up_to: bigint | undefined;
    if (keys.get('up_to') != null) {
      if (isLast) read.fault([...at, 'up_to'], 'the last band has no end: remove up_to');
      else up_to = read.integer(keys.get('up_to'), [...at, 'up_to']);
    } else if (!isLast) read.fault([...at, 'up_to'], 'is missing: only the last band has no end');
    if (up_to !== undefined) {
      if (up_to <= floor) read.fault([...at, 'up_to'], `must be above ${floor}, where the band begins`);
      floor = up_to;
    }
    return { up_to: up_to ?? null, multiplier_bp: multiplier_bp ?? 0n };
  });
}

function readWeights(read: Reader, value: unknown, path: Path): Map<RequesterClass, bigint> {
  const weights = new Map<RequesterClass, bigint>();
  for (const [key, weight] of read.mapping(value, path, requesterClasses)) {
    weights.set(key as RequesterClass, read.integer(weight, [...path, key]) ?? 0n);
  }
  return weights;
}

function readMeasured(read: Reader, value: unknown, path: Path): MeasurableTier[] {
  const tiers = read.list(value, path).map((entry, index) => {
    const tier = measurableTiers.find((name) => name === entry);
    return (
      tier ?? read.fault([...path, index], `must be ${measurableTiers.join(' or ')}: E1 to E3 are billed, E6 never is`)
    );
  });
  return [...new Set(tiers)].filter((tier) => tier !== undefined);
}

function readPools(read: Reader, value: unknown, path: Path): Map<string, DriverShares> {
  const pools = new Map<string, DriverShares>();
  for (const [pool, shares] of read.mapping(value, path)) {
    const keys = read.mapping(shares, [...path, pool], ['requests_bp', 'bytes_bp']);
    const share = (key: string) => (keys.has(key) ? read.integer(keys.get(key), [...path, pool, key], BP) : 0n);
    const requests_bp = share('requests_bp');
    const bytes_bp = share('bytes_bp');
    if (requests_bp === undefined || bytes_bp === undefined) continue;
    if (requests_bp + bytes_bp !== BP) {
      read.fault([...path, pool], `requests_bp and bytes_bp must sum to ${BP}, not ${requests_bp + bytes_bp}`);
    }
    pools.set(pool, { requests_bp, bytes_bp });
  }
  return pools;
}

function readMinimums(read: Reader, value: unknown, path: Path): Map<string, bigint> {
  const minimums = new Map<string, bigint>();
  for (const [family, amount] of read.mapping(value, path)) {
    read.name(family, [...path, family]);
    minimums.set(family, read.cents(amount, [...path, family]) ?? 0n);
  }
  return minimums;
}

const levelKeys = ['name', 'below_requests_per_second', 'up_to_requests_per_second', 'up_to_requests_per_month'];

function readTiers(read: Reader, value: unknown, path: Path): ServiceTiers {
  const keys = read.mapping(value, path, ['state', 'levels'], ['state', 'levels']);
  const state = tierStates.find((name) => name === keys.get('state'));
  if (keys.has('state') && !state) read.fault([...path, 'state'], `must be ${tierStates.join(' or ')}`);
  const entries = keys.has('levels') ? read.list(keys.get('levels'), [...path, 'levels']) : [];
  const names = new Set<string>();
  let floor_rate = zero;
  let floor_volume = 0n;
  const levels = entries.map((entry, index): ServiceLevel => {
    const at = [...path, 'levels', index];
    const level = read.mapping(entry, at, levelKeys, ['name']);
    const name = level.has('name') ? read.name(level.get('name'), [...at, 'name']) : undefined;
    if (name !== undefined && names.has(name)) read.fault([...at, 'name'], `${name} is named twice`);
    if (name !== undefined) names.add(name);

    const limits = levelKeys.slice(1).filter((key) => level.has(key));
    const isLast = index === entries.length - 1;
    if (isLast) for (const key of limits) read.fault([...at, key], 'the last level has no limit: remove it');
    const rateKeys = limits.filter((key) => key.endsWith('_per_second'));
    if (!isLast && rateKeys.length !== 1) read.fault(at, `needs one of ${levelKeys[1]} and ${levelKeys[2]}`);

    let rate: RateLimit | null = null;
    const requests_per_second = rateKeys[0] && read.fraction(level.get(rateKeys[0]), [...at, rateKeys[0]]);
    if (requests_per_second) {
      if (compare(requests_per_second, floor_rate) <= 0) {
        read.fault([...at, rateKeys[0]], 'must be above the limit of the level before it');
      }
      floor_rate = requests_per_second;
      rate = { requests_per_second, inclusive: rateKeys[0] === 'up_to_requests_per_second' };
    }
    const volumeKey = 'up_to_requests_per_month';
    const requests_per_month = level.has(volumeKey)
      ? read.integer(level.get(volumeKey), [...at, volumeKey])
      : undefined;
    if (requests_per_month !== undefined) {
      if (requests_per_month <= floor_volume) {
        read.fault([...at, volumeKey], 'must be above the limit of the level before it');
      }
      floor_volume = requests_per_month;
    }
    return { name: name ?? '', rate, requests_per_month: requests_per_month ?? null };
  });
  return { state: state ?? 'EVALUATION', levels };
}

/**
 * Weight of a requester class; a class that the policy does not name weighs one. `hosted` was a part of `unknown`, so a policy that does
 * not name it means unknown's weight.
 */
export const classWeightBp = ({ class_weights_bp }: Policy, requesterClass: RequesterClass): bigint =>
  class_weights_bp.get(requesterClass) ??
  (requesterClass === 'hosted' ? class_weights_bp.get('unknown') : undefined) ??
  BP;

/** Whether the weight of `hosted` is unknown's, because the policy names only that. */
export const takesUnknownsWeight = ({ class_weights_bp }: Policy): boolean =>
  class_weights_bp.has('unknown') && !class_weights_bp.has('hosted');

/** 10,000 bp → 1. */
export const fromBp = (basis_points: bigint): Rational => rational(basis_points, BP);
