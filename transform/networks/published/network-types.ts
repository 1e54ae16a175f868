// Network types from a table that a foundation maintains or buys: `cidr,type,name,asn`. A row with a range gives the type of that
// range; a row with only an AS number gives the type of the whole AS.

import { networkTypes, type NetworkType } from '../facts.ts';
import { RangeCollector, type AsnType, type Published } from './published.ts';

export const networkTypeColumns = ['cidr', 'type', 'name', 'asn'] as const;

export interface NetworkTypeRecord {
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

const MAX_ASN = 2 ** 32 - 1;

/** @returns the AS number in '64500' or 'AS64500', or null */
export function parseAsn(text: string): number | null {
  const digits = /^(?:AS)?([1-9][0-9]{0,9})$/i.exec(text)?.[1];
  return digits !== undefined && Number(digits) <= MAX_ASN ? Number(digits) : null;
}

/** @param provider name of the table as a whole; the rows' names become its services */
export function parseNetworkTypes(records: readonly NetworkTypeRecord[], provider: string): Published {
  const out = new RangeCollector();
  const types = new Map<number, AsnType>();
  for (const { line, values } of records) {
    const path = `line ${line}`;
    const { cidr = '', type = '', name = '', asn = '' } = values;
    if (!networkTypes.includes(type as NetworkType)) {
      out.fault(path, `type '${type}' is none of ${networkTypes.join(', ')}`);
      continue;
    }
    const number = asn === '' ? null : parseAsn(asn);
    if (asn !== '' && number === null) out.fault(path, `'${asn}' is not an AS number`);
    if (cidr !== '') out.add(path, cidr, { provider, service: slug(name), type: type as NetworkType });
    else if (asn === '') out.fault(path, 'has neither a range nor an AS number');
    else if (number !== null) {
      const known = types.get(number);
      if (known !== undefined && known.type !== type)
        out.fault(path, `AS${number} is ${type} here and ${known.type} before`);
      types.set(number, { asn: number, type: type as NetworkType, provider, service: slug(name) });
    }
  }
  return out.done('', null, [...types.values()]);
}

/** 'Example Telecom, Inc.' → 'example-telecom-inc' */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
