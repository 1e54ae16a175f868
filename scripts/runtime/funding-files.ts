// The files that a foundation keeps for its funding: policy.yaml, costs.csv, units.csv. Read here, checked in
// transform/funding. All faults of a file are reported at once, with line and path.

import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { Fault } from '../../sql/fault.ts';
import type { Checked, InputFault } from '../../transform/funding/checked.ts';
import { costColumns, readCosts, type Costs } from '../../transform/funding/costs.ts';
import { checkPolicy, type Policy } from '../../transform/funding/policy.ts';
import { readUnits, unitColumns, type FamilyUnits } from '../../transform/funding/units.ts';
import { readCsv } from './csv.ts';

type FaultKind = 'usage' | 'inputRefused';
/** More would hide the first; the count is always given. */
const SHOWN_FAULTS = 50;
const hint = 'The file formats are described in docs/FUNDING.md.';

function readText(path: string, kind: FaultKind): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Fault('usage', `cannot read ${path}: ${(cause as Error).message}`, 'Check the path.', { cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault(kind, `${path}: not UTF-8 text`, 'Save it as UTF-8.', { cause });
  }
}

function refuse(kind: FaultKind, path: string, faults: readonly InputFault[]): never {
  const inOrder = [...faults].sort((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
  const shown = inOrder.slice(0, SHOWN_FAULTS).map(({ line, path: at = [], message }) => {
    const place = [line === undefined ? [] : `line ${line}`, at.length === 0 ? [] : at.join('.')].flat();
    return `  ${[...place, message].join(': ')}`;
  });
  if (faults.length > shown.length) shown.push(`  and ${faults.length - shown.length} more`);
  throw new Fault(kind, `${path}: ${faults.length} fault(s)\n${shown.join('\n')}`, hint);
}

/**
 * policy.yaml (YAML or JSON).
 * @throws Fault(usage): a policy is configuration.
 */
export function loadPolicy(path: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(readText(path, 'usage'), { lineCounter: lines, prettyErrors: false });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    refuse(
      'usage',
      path,
      broken.map(({ message, pos }) => ({ line: lines.linePos(pos[0]).line, message })),
    );
  }
  // Numbers as they are written, so that none passes through floating point.
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    refuse('usage', path, [{ message: (cause as Error).message }]);
  }
  const policy = checkPolicy(plain);
  if (policy.ok) return policy.value;
  return refuse(
    'usage',
    path,
    policy.faults.map((fault) => ({ ...fault, line: lineOf(document, fault.path ?? [], lines) })),
  );
}

/** The line of a path's key, or of the nearest parent that is there. */
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

function loadTable<T>(
  path: string,
  columns: readonly string[],
  check: (records: ReturnType<typeof readCsv>['records']) => Checked<T>,
): T {
  const { records, faults } = readCsv(readText(path, 'inputRefused'), columns);
  if (faults.length > 0 && records.length === 0) refuse('inputRefused', path, faults);
  const value = check(records);
  if (value.ok && faults.length === 0) return value.value;
  return refuse('inputRefused', path, [...faults, ...(value.ok ? [] : value.faults)]);
}

/** costs.csv. @throws Fault(inputRefused); Fault(usage) when it cannot be read. */
export const loadCosts = (path: string): Costs => loadTable(path, costColumns, readCosts);

/** units.csv, rows not yet summed. @throws Fault(inputRefused); Fault(usage) when it cannot be read. */
export const loadUnits = (path: string): FamilyUnits[] => loadTable(path, unitColumns, readUnits);
