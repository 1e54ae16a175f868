// Reads the files that a foundation keeps for its funding: policy.yaml, costs.csv, units.csv; transform/funding checks them.
// All faults of a file are reported at once, with line and path.

import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { Checked, InputFault } from '../../transform/funding/checked.ts';
import { correctionColumns, readCorrections, type ManualCorrection } from '../../transform/funding/corrections.ts';
import {
  costColumns,
  optionalCostColumns,
  readCostsFile,
  type Costs,
  type CostsFile,
  type ReadCostsOptions,
} from '../../transform/funding/costs.ts';
import { checkPolicy, type Policy } from '../../transform/funding/policy.ts';
import { readUnits, unitColumns, type FamilyUnits } from '../../transform/funding/units.ts';
import { readCsv } from '../../transform/csv.ts';
import { Fault } from '../../transform/fault.ts';
import { decodeText, readBytes, refuse } from '../runtime/text-file.ts';

const hint = 'The file formats are described in docs/FUNDING.md.';

/** Faults in order of their lines. */
function refuseAll(source: string, faults: readonly InputFault[], kind?: 'usage'): never {
  const inOrder = [...faults].sort((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
  const texts = inOrder.map(({ line, path: at = [], message }) => {
    const place = [line === undefined ? [] : `line ${line}`, at.length === 0 ? [] : at.join('.')].flat();
    return [...place, message].join(': ');
  });
  return refuse(texts, hint, { source, kind });
}

/** policy.yaml (YAML or JSON). @throws Fault(usage), because a policy is configuration. */
export const loadPolicy = (path: string): Policy => parsePolicy(decodeText(readBytes(path), path, 'usage'), path);

/** Parses a policy. @param path names it in faults. @throws Fault(usage) */
export function parsePolicy(text: string, path: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    refuseAll(
      path,
      broken.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message })),
      'usage',
    );
  }
  // Numbers stay as written, so that none passes through floating point.
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    refuseAll(path, [{ message: (cause as Error).message }], 'usage');
  }
  const policy = checkPolicy(plain);
  if (policy.ok) return policy.value;
  return refuseAll(
    path,
    policy.faults.map((fault) => ({ ...fault, line: lineOf(document, fault.path ?? [], lines) })),
    'usage',
  );
}

/** The line of a path's key, or of its nearest parent in the document. */
function lineOf(document: Document, path: readonly (string | number)[], lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const key = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    const offset = (node as { range?: [number, number, number] | null } | undefined)?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function parseTable<T>(
  text: string,
  path: string,
  columns: readonly string[],
  check: (records: ReturnType<typeof readCsv>['records']) => Checked<T>,
  optional: readonly string[] = [],
): T {
  const { records, faults } = readCsv(text, columns, optional);
  if (faults.length > 0 && records.length === 0) refuseAll(path, faults);
  const value = check(records);
  if (value.ok && faults.length === 0) return value.value;
  return refuseAll(path, [...faults, ...(value.ok ? [] : value.faults)]);
}

/** Parses costs.csv. @param path names it in faults. @throws Fault(inputRefused) */
export const parseCosts = (text: string, path: string, options?: ReadCostsOptions): CostsFile =>
  parseTable(text, path, costColumns, (records) => readCostsFile(records, options), optionalCostColumns);

/** costs.csv. @throws Fault(inputRefused); Fault(usage) when it cannot be read. */
export const loadCosts = (path: string): CostsFile => parseCosts(decodeText(readBytes(path), path), path);

/** Costs with the lines that they were read from. */
export interface CostsText {
  readonly costs: Costs;
  readonly text: string;
}

/**
 * The costs of one period. A run records only these lines, so that other months do not change it.
 * @throws Fault(inputRefused) if the file has no costs of the period, or no periods
 */
export function costsOfPeriod(file: CostsFile, text: string, path: string, period: string): CostsText {
  const costs = file.periods.get(period);
  if (costs !== undefined) return { costs, text: linesOfPeriod(text, period) };
  if (file.periods.has(''))
    throw new Fault(
      'inputRefused',
      `${path}: no column period says which month the costs are of`,
      'Begin the header and each row with the month: period,pool,driver,… docs/FUNDING.md, "Files"',
    );
  throw new Fault(
    'inputRefused',
    `${path}: no costs of ${period} (there are costs of ${[...file.periods.keys()].sort().join(', ')})`,
    `Add the rows of ${period}; while the month is open, write what it is expected to cost.`,
  );
}

/** The header and the records of a period, as they are written. */
function linesOfPeriod(text: string, period: string): string {
  const lines = text.split('\n');
  const { records } = readCsv(text, costColumns, optionalCostColumns);
  const own = records.flatMap(({ line, values }, index) =>
    values.period === period ? lines.slice(line - 1, (records[index + 1]?.line ?? lines.length + 1) - 1) : [],
  );
  return `${[...lines.slice(0, records[0].line - 1), ...own.filter((line) => line.trim() !== '')].join('\n')}\n`;
}

/**
 * The costs of a file that is not of one month of the warehouse: all rows.
 * @throws Fault(inputRefused) if they are of several months
 */
export function onlyCosts({ periods }: CostsFile, path: string): Costs {
  const [[, costs], ...others] = [...periods];
  if (others.length === 0) return costs;
  throw new Fault(
    'inputRefused',
    `${path}: costs of ${periods.size} months (${[...periods.keys()].sort().join(', ')}), and the units are of one`,
    'Leave the rows of one month.',
  );
}

/** units.csv, rows not yet summed. @throws Fault(inputRefused); Fault(usage) when it cannot be read. */
export const loadUnits = (path: string): FamilyUnits[] =>
  parseTable(decodeText(readBytes(path), path), path, unitColumns, readUnits);

/** corrections.csv: its lines, and the faults of lines that cannot be read. @throws Fault(usage) when it cannot be read. */
export function loadCorrections(path: string): {
  readonly lines: readonly ManualCorrection[];
  readonly faults: readonly InputFault[];
} {
  const { records, faults } = readCsv(decodeText(readBytes(path), path), correctionColumns);
  if (faults.length > 0 && records.length === 0) return { lines: [], faults };
  const read = readCorrections(records);
  return { lines: read.lines, faults: [...faults, ...read.faults] };
}

/** Refuses corrections, with all faults in order of their lines. @throws Fault(inputRefused) */
export const refuseCorrections = (path: string, faults: readonly InputFault[]): never => refuseAll(path, faults);
