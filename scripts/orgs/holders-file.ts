// Who holds a prefix or an AS number, by published data sets: Prefix2Org (as CSV) and CAIDA's AS Organizations. They name organisations by
// the names of address registries; `known_as` of an organisation says which of these names are its own.

import { basename } from 'node:path';
import { cidrText, parseCidr } from '../../transform/networks/address.ts';
import { isTooWide, specialPurposeOf } from '../../transform/networks/special-purpose.ts';
import { parseAsn } from '../../transform/networks/published/network-types.ts';
import { readCsv } from '../../transform/csv.ts';
import { isDay } from '../../transform/periods.ts';

export interface Holder {
  readonly tier: 'E4' | 'E5';
  /** Canonical CIDR, or AS number in digits. */
  readonly value: string;
  /** Names and ids of the one who uses it; each may be in `known_as`. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface HoldersFile {
  readonly dataset: 'Prefix2Org' | 'AS Organizations';
  /** Day of the data, from the file's name; null: the name has none. */
  readonly day: string | null;
  readonly holders: readonly Holder[];
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

const PREFIX = 'prefix';
const OWNER = 'Direct Owner (DO)';
const CUSTOMER = 'Delegated Customer (DC)';
const AS_HEADER = '# format:aut|changed|aut_name|org_id';

/** Names are compared without regard to case, punctuation and blanks. */
export const nameKey = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** @returns undefined if the text is neither data set */
export function readHolders(text: string, path: string): HoldersFile | undefined {
  const firstLine = text.slice(0, 4096).split(/\r?\n/, 1)[0];
  const cells = firstLine.split(',').map((cell) => cell.trim().replace(/^"|"$/g, ''));
  const day = dayIn(basename(path));
  if (cells.includes(PREFIX) && cells.includes(OWNER))
    return { dataset: 'Prefix2Org', day, ...readPrefix2Org(text, cells) };
  if (text.includes(AS_HEADER)) return { dataset: 'AS Organizations', day, ...readAsOrganizations(text) };
  return undefined;
}

/** prefix2org_2026-10-01.csv, 20261001.as-org2info.txt */
function dayIn(name: string): string | null {
  const [, year, month, date] = /(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)/.exec(name) ?? [];
  const day = `${year}-${month}-${date}`;
  return isDay(day) ? day : null;
}

type Read = Pick<HoldersFile, 'holders' | 'faults'>;

function readPrefix2Org(text: string, columns: readonly string[]): Read {
  const { records, faults } = readCsv(text, columns);
  const holders: Holder[] = [];
  const found = faults.map(({ line = 1, message }) => ({ line, message }));
  for (const { line, values } of records) {
    const { cidr, fault } = parseCidr(values[PREFIX] ?? '');
    if (cidr === null) found.push({ line, message: fault });
    // A prefix that no organisation's evidence may have is no fault of the data.
    else if (!isTooWide(cidr) && specialPurposeOf(cidr) === null) {
      // The customer uses what its owner has delegated.
      const name = values[CUSTOMER] || values[OWNER];
      if (name) holders.push({ tier: 'E4', value: cidrText(cidr), names: [name], line });
    }
  }
  return { holders, faults: found };
}

/** Two tables in one file, each after a line `# format:`. */
function readAsOrganizations(text: string): Read {
  const names = new Map<string, string>();
  const systems: { readonly asn: string; readonly org: string; readonly line: number }[] = [];
  const faults: { line: number; message: string }[] = [];
  let columns: readonly string[] = [];
  for (const [i, row] of text.split(/\r?\n/).entries()) {
    const line = i + 1;
    if (row.startsWith('# format:')) columns = row.slice('# format:'.length).split('|');
    if (row === '' || row.startsWith('#')) continue;
    const cells = row.split('|');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    if (columns[0] === 'org_id' && cells.length === columns.length) names.set(cell('org_id'), cell('org_name'));
    else if (columns[0] === 'aut' && cells.length === columns.length) {
      const asn = parseAsn(cell('aut'));
      if (asn === null) faults.push({ line, message: `'${cell('aut')}' is not an AS number` });
      else systems.push({ asn: String(asn), org: cell('org_id'), line });
    } else faults.push({ line, message: `${cells.length} columns, not ${columns.length}` });
  }
  const holders = systems.map(({ asn, org, line }) => ({
    tier: 'E5' as const,
    value: asn,
    names: [org, names.get(org) ?? ''].filter(Boolean),
    line,
  }));
  return { holders, faults };
}
