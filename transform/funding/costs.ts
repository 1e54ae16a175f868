// The cost pools: the costs of a period, the donations, and C, the net cost to be shared. One currency.

import { checked, isName, type Checked, type InputFault, type TextRecord } from './checked.ts';
import { amountForm, isCurrency } from './currencies.ts';
import { centsText, parseCents } from './money.ts';

export const costColumns = ['pool', 'driver', 'currency', 'gross', 'donated', 'donor'] as const;

/** All rows of one pool and driver. */
export interface CostPool {
  readonly pool: string;
  /** Cause of the cost if the policy names none: 'requests' or 'bytes'. If the policy names one: any text. */
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

/** Rows of costs.csv (costColumns) → pools. */
export function readCosts(records: readonly TextRecord[]): Checked<Costs> {
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
