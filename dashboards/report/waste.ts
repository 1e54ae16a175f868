// Repeats of a month as tables, CSV and JSON: downloads, bytes and money, by family and requester class.

import { csvLines, type CsvColumn } from '../../transform/csv.ts';
import { centsText } from '../../transform/funding/money.ts';
import { type UsageKind } from '../../transform/funding/units.ts';
import { type FamilyWaste } from '../../transform/funding/waste.ts';
import { formatBytes, formatCents, formatPercent } from '../../transform/numbers.ts';
import { textTable, type Cell } from '../text-table.ts';
import { type Measures } from './figures.ts';

export interface PartyWaste extends Measures {
  readonly party: string;
  readonly kind: UsageKind;
  /** Largest repeat bytes first. */
  readonly classes: readonly (Measures & { readonly requester_class: string })[];
}
export interface WasteReport {
  readonly period: string;
  readonly currency: string;
  /** Families and kinds of unattributed usage, largest repeat bytes first. */
  readonly parties: readonly PartyWaste[];
  /** Savings of the families that are shown, by id. */
  readonly saved: ReadonlyMap<string, FamilyWaste>;
}

const measures = ['requests', 'downloads', 'bytes', 'repeat_downloads', 'repeat_bytes'] as const;
const columns: readonly CsvColumn[] = [
  { name: 'party', kind: 'text' },
  { name: 'kind', kind: 'text' },
  { name: 'requester_class', kind: 'text' },
  ...measures.map((name) => ({ name, kind: 'number' as const })),
  { name: 'currency', kind: 'text' },
  { name: 'registry_saves', kind: 'number' },
  { name: 'family_saves', kind: 'number' },
];

const savedBy = ({ saved }: WasteReport, { party, kind }: PartyWaste): FamilyWaste | undefined =>
  kind === 'unattributed' ? undefined : saved.get(party);

/** A line per party, then one for each of its classes. @param org only this family */
export function wasteCsv(report: WasteReport, org?: string): string {
  const money = (cents: bigint | null | undefined): string | null =>
    cents == null ? null : centsText(cents, report.currency);
  const rows = report.parties
    .filter(({ party }) => org === undefined || party === org)
    .flatMap((party) => {
      const own = savedBy(report, party);
      const line = (requesterClass: string, sums: Measures, saves: readonly (string | null)[]) => [
        party.party,
        party.kind,
        requesterClass,
        ...measures.map((name) => sums[name]),
        report.currency,
        ...saves,
      ];
      return [
        line('', party, [money(own?.registry_saves_cents), money(own?.family_saves_cents)]),
        ...party.classes.map((row) => line(row.requester_class, row, [null, null])),
      ];
    });
  return [...csvLines(columns, rows)].join('');
}

/** One object for each party that is shown. @param org only this family */
export const wasteJson = (report: WasteReport, org?: string): Record<string, unknown>[] =>
  report.parties
    .filter(({ party, kind }) => (kind === 'unattributed' || report.saved.has(party)) && (org ?? party) === party)
    .map(({ classes, ...party }) => {
      const { registry_saves_cents = null, family_saves_cents = null } = report.saved.get(party.party) ?? {};
      return {
        period: report.period,
        ...party,
        currency: report.currency,
        registry_saves_cents,
        family_saves_cents,
        classes,
      };
    });

const savedCents = (value: bigint | null | undefined, currency: string): string =>
  value == null ? '–' : formatCents(value, currency);
const cells = (row: Measures): Cell[] => [
  row.downloads,
  row.repeat_downloads,
  formatPercent(row.repeat_downloads, row.downloads),
  formatBytes(row.repeat_bytes),
  formatPercent(row.repeat_bytes, row.bytes),
];

/** All families that are shown, and the unattributed usage. */
export function wasteText(report: WasteReport): string {
  const { period, currency, parties, saved } = report;
  const shown = parties.filter(({ party, kind }) => kind === 'unattributed' || saved.has(party));
  const table = textTable(
    [
      'family',
      '',
      'downloads',
      'repeats',
      'of them',
      'repeat bytes',
      'of bytes',
      `registry saves ${currency}`,
      `family saves ${currency}`,
    ],
    shown.map((row) => {
      const own = savedBy(report, row);
      return [
        row.party,
        row.kind,
        ...cells(row),
        savedCents(own?.registry_saves_cents, currency),
        savedCents(own?.family_saves_cents, currency),
      ];
    }),
    { right: [4, 5, 6, 7, 8] },
  );
  const share = (part: keyof Measures, whole: keyof Measures) => {
    const total = (name: keyof Measures) => parties.reduce((sum, row) => sum + row[name], 0n);
    return formatPercent(total(part), total(whole));
  };
  const more = parties.length - shown.length;
  return `${table}\n${period}: ${share('repeat_downloads', 'downloads')} of all downloads and ${share('repeat_bytes', 'bytes')} of all bytes repeat${more > 0 ? `; ${more} more families with --top or --csv` : ''}.\n`;
}

/** One family, by requester class. */
export function familyWasteText({ period, currency, parties, saved }: WasteReport, family: string): string {
  const party = parties.find(({ party: id, kind }) => id === family && kind !== 'unattributed')!;
  const { family_saves_cents, registry_saves_cents } = saved.get(family)!;
  const table = textTable(
    ['requester class', 'downloads', 'repeats', 'of them', 'repeat bytes', 'of bytes'],
    [...party.classes.map((row) => [row.requester_class, ...cells(row)]), ['all', ...cells(party)]],
    { right: [3, 4, 5] },
  );
  return `${table}\nA caching proxy would have saved ${family} ${savedCents(family_saves_cents, currency)} ${currency} of its bill for ${period}, and the registry ${savedCents(registry_saves_cents, currency)} ${currency} of cost.\n`;
}
