// Currencies of ISO 4217, with the decimals of their minor unit. Intl does not do: it has withdrawn codes, lacks some, and gives
// other decimals for 20 of them (none for COP, HUF, IDR, IQD, …), because it follows what people pay with.
// Source: ISO 4217 list one of 2024-06-25, compared with the package currency-codes 2.2.0; and XCG, of 2025. Left out are codes without
// a minor unit: precious metals, bond-market units, XDR, XSU, XUA, XTS, XXX. A code that is withdrawn stays, because
// recorded runs are computed again.

const byDecimals: readonly (readonly [decimals: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const decimals: ReadonlyMap<string, number> = new Map(
  byDecimals.flatMap(([count, codes]) => codes.split(' ').map((code) => [code, count] as const)),
);

export const currencyCodes: readonly string[] = [...decimals.keys()].sort();

export const isCurrency = (code: unknown): code is string => typeof code === 'string' && decimals.has(code);

/** Decimals of the minor unit: 2 for USD, 0 for JPY. Of an unknown code, which was reported as a fault, 2. */
export const decimalsOf = (currency: string): number => decimals.get(currency) ?? 2;

/** What an amount in this currency looks like, for faults. */
export function amountForm(currency: string): string {
  const count = decimalsOf(currency);
  const example = `100${count === 0 ? '' : `.${'0'.repeat(count)}`}`;
  if (count === 0) return `a whole amount in ${currency}, such as ${example}`;
  return `an amount with at most ${count === 2 ? 'two' : count} places, such as ${example}`;
}
