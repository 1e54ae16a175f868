// The cost pools of each period: the costs, the donations, and C, the net cost to be shared. One currency.

import { checked, isName, type Checked, type InputFault, type TextRecord } from './checked.ts';
import { amountForm, isCurrency } from './currencies.ts';
import { centsText, parseCents } from './money.ts';
import { isPeriod } from '../periods.ts';

export const costColumns = ['period', 'pool', 'driver', 'currency', 'gross', 'donated', 'donor'] as const;
/** A file that is allocated with a file of units may leave it out. */
export const optionalCostColumns = ['period'] as const;
/** Causes of a pool's cost. '': the policy says it. */
const drivers: readonly string[] = ['requests', 'bytes', ''];

/** All rows of one pool and driver. */
export interface CostPool {
  readonly pool: string;
  /** Cause of the cost if the policy names none: 'requests' or 'bytes'; '' if the policy names one. */
  readonly driver: string;
  readonly gross_cents: bigint;
  readonly donated_cents: bigint;
  /** gross minus donated. */
  readonly net_cents: bigint;
}

export interface Costs {
  readonly currency: string;
  /** C = Σ net_cents. */
  readonly net_cents: bigint;
  readonly gross_cents: bigint;
  readonly donated_cents: bigint;
  /** In the order of their first rows. */
  readonly pools: readonly CostPool[];
  /** Donor → cents given in kind or money; '' if the rows name none. */
  readonly donors: ReadonlyMap<string, bigint>;
}

/** The part of a month's costs that so many of its days bear: each amount of a pool, rounded down to the cent. */
export function proRata(costs: Costs, elapsed: number, days: number): Costs {
  const part = (cents: bigint) => (cents * BigInt(elapsed)) / BigInt(days);
  const pools = costs.pools.map((pool) => {
    const gross_cents = part(pool.gross_cents);
    const donated_cents = part(pool.donated_cents);
    return { ...pool, gross_cents, donated_cents, net_cents: gross_cents - donated_cents };
  });
  const sum = (measure: 'gross_cents' | 'donated_cents' | 'net_cents') =>
    pools.reduce((total, pool) => total + pool[measure], 0n);
  return {
    ...costs,
    gross_cents: sum('gross_cents'),
    donated_cents: sum('donated_cents'),
    net_cents: sum('net_cents'),
    pools,
  };
}

/** costs.csv: the costs of each period. The key '' stands for all rows of a file without periods. */
export interface CostsFile {
  readonly currency: string;
  readonly periods: ReadonlyMap<string, Costs>;
}

export interface ReadCostsOptions {
  /** The rows were recorded with a run. Earlier versions let a driver be any text. */
  readonly recorded?: boolean;
}

/** Rows of costs.csv (costColumns) → the costs of each period. */
export function readCostsFile(records: readonly TextRecord[], options: ReadCostsOptions = {}): Checked<CostsFile> {
  const faults: InputFault[] = [];
  if (records.length === 0) faults.push({ line: 1, message: 'no cost rows' });
  const groups = new Map<string, TextRecord[]>();
  for (const record of records) {
    const { period = '' } = record.values as { readonly period?: string };
    if ('period' in record.values && !isPeriod(period))
      faults.push({
        line: record.line,
        message: `period is ${JSON.stringify(period)}: a month such as 2026-10 is needed`,
      });
    const group = groups.get(period);
    if (group === undefined) groups.set(period, [record]);
    else group.push(record);
  }
  const periods = new Map<string, Costs>();
  for (const [period, rows] of groups) {
    const costs = readCosts(rows, options);
    if (costs.ok) periods.set(period, costs.value);
    else faults.push(...costs.faults);
  }
  const currencies = [...new Set([...periods.values()].map(({ currency }) => currency))];
  if (currencies.length > 1) faults.push({ message: `the periods are in ${currencies.join(' and ')}: convert to one` });
  return checked({ currency: currencies[0] ?? '', periods }, faults);
}

/** Rows of one period → pools. */
export function readCosts(records: readonly TextRecord[], { recorded = false }: ReadCostsOptions = {}): Checked<Costs> {
  const faults: InputFault[] = [];
  const pools = new Map<string, { -readonly [K in keyof CostPool]: CostPool[K] }>();
  const donors = new Map<string, bigint>();
  let currency = '';
  let gross = 0n;
  let donated = 0n;
  if (records.length === 0) faults.push({ line: 1, message: 'no cost rows' });
  for (const { line, values } of records) {
    const amount = (column: 'gross' | 'donated'): bigint => {
      const cents = parseCents(values[column], values.currency);
      if (cents === undefined) {
        faults.push({
          line,
          message: `${column} is ${JSON.stringify(values[column])}: ${amountForm(values.currency)}, is needed`,
        });
      }
      return cents ?? 0n;
    };
    if (!isName(values.pool)) faults.push({ line, message: 'pool must be a text without blanks at its ends' });
    if (!isCurrency(values.currency)) {
      faults.push({ line, message: `currency is ${JSON.stringify(values.currency)}: an ISO 4217 code is needed` });
    } else if (currency === '') currency = values.currency;
    else if (values.currency !== currency) {
      faults.push({
        line,
        message: `currency is ${values.currency}, the rows before it are in ${currency}: convert to one`,
      });
    }
    if (!recorded && !drivers.includes(values.driver))
      faults.push({
        line,
        message: `driver is ${JSON.stringify(values.driver)}: requests, bytes, or nothing (the policy says it) is needed`,
      });
    const gross_cents = amount('gross');
    const donated_cents = amount('donated');
    gross += gross_cents;
    donated += donated_cents;
    if (donated_cents > 0n) donors.set(values.donor, (donors.get(values.donor) ?? 0n) + donated_cents);

    const key = JSON.stringify([values.pool, values.driver]);
    let pool = pools.get(key);
    if (!pool) {
      pool = { pool: values.pool, driver: values.driver, gross_cents: 0n, donated_cents: 0n, net_cents: 0n };
      pools.set(key, pool);
    }
    pool.gross_cents += gross_cents;
    pool.donated_cents += donated_cents;
    pool.net_cents = pool.gross_cents - pool.donated_cents;
  }
  for (const { pool, driver, net_cents } of pools.values()) {
    if (net_cents < 0n) {
      const name = driver === '' ? pool : `${pool} (${driver})`;
      faults.push({ message: `pool ${name}: ${centsText(-net_cents, currency)} more is donated than it costs` });
    }
  }
  return checked(
    {
      currency,
      net_cents: gross - donated,
      gross_cents: gross,
      donated_cents: donated,
      pools: [...pools.values()],
      donors,
    },
    faults,
  );
}
