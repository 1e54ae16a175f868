// The contender under test: the transform as ingest runs it, file bytes in, tables out.

import { closeSync, openSync, readSync } from 'node:fs';
import * as arrow from 'apache-arrow';
import type { TableData } from '../../transform/aggregate/arrow-table.ts';
import { BatchBuilder, defaultLimits, type BatchLimits, type BuiltBatch } from '../../transform/batch-builder.ts';
import { nginxEdge } from '../../transform/formats/nginx-edge.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { resolverFor } from '../../transform/packages/index.ts';
import type { Rules } from '../month.ts';
import type { Contender } from './contender.ts';

const CHUNK_BYTES = 256 << 10;
const LF = 10;

/** One batch takes the whole file, because the rivals also group all of it. */
const wholeFile: BatchLimits = { ...defaultLimits, maxLines: Infinity };

export function newBuilder({ prefixes, ranges, tokens }: Rules, limits = wholeFile): BatchBuilder {
  const resolver = resolverFor({ ecosystem: 'npm' });
  return new BatchBuilder({
    parser: nginxEdge.parser(),
    resolve: (host, path) => resolver(host, path, ''),
    hostMatters: false,
    networks: buildNetworkIndex({ prefixes: prefixes.map((cidr) => ({ cidr })), ranges }),
    tokens: { idOf: (token) => tokens[token] ?? null, queryParameter: 'fairshare_token' },
    limits,
  });
}

/** Feeds bytes [start, end) of a file as one batch. Both positions are ends of lines. */
export function transformFile(builder: BatchBuilder, path: string, start = 0, end = Infinity): BuiltBatch {
  const file = openSync(path, 'r');
  const buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let kept = 0;
  for (let at = start; ;) {
    const read = readSync(file, buf, kept, Math.min(buf.length - kept, end - at), at);
    const filled = kept + read;
    const whole = read === 0 ? filled : buf.lastIndexOf(LF, filled - 1) + 1;
    builder.add(buf, 0, whole, at - kept, Infinity);
    if (read === 0) break;
    buf.copyWithin(0, whole, filled);
    kept = filled - whole;
    at += read;
  }
  closeSync(file);
  return builder.finish();
}

export class Ours implements Contender {
  private rules!: Rules;
  private batch!: BuiltBatch;

  async prepare(_month: unknown, rules: Rules): Promise<void> {
    this.rules = rules;
  }

  async run(log: string): Promise<void> {
    this.batch = transformFile(newBuilder(this.rules), log);
  }

  /** The rivals do not tell what a client says of its machine, nor statuses: rows that differ in these alone are summed. */
  *answer(): Iterable<string> {
    const { usage, evidence } = this.batch;
    const sets = new Map(evidence.map(({ id, set }) => [id, set]));
    const columns = columnsOf(usage);
    const of = (name: string) => columns.get(name)!;
    const before = [
      'hour',
      'package',
      'version',
      'artifact',
      'file',
      'requester_class',
      'identity',
      'client',
      'ci',
    ].map(of);
    const middle = ['ci_provider', 'container', 'rule_id'].map(of);
    const after = ['country', 'network'].map(of);
    const sums = ['requests', 'downloads', 'bytes', 'download_bytes'].map(of);
    const most = of('max_download_bytes');
    const evidenceSet = of('evidence_set');
    const groups = new Map<string, { readonly sums: bigint[]; most: bigint }>();
    for (let row = 0; row < usage.rows; row++) {
      const { tokenId, prefix, rangeId, networkType } = sets.get(evidenceSet(row) as bigint)!;
      const cells = [...before, ...middle].map((cell) => cell(row));
      cells.push(tokenId ?? '', prefix ?? '', rangeId ?? '', networkType ?? '', ...after.map((cell) => cell(row)));
      const key = cells.join('\t');
      const its = sums.map((cell) => cell(row) as bigint);
      const largest = most(row) as bigint;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { sums: its, most: largest });
      else {
        its.forEach((value, i) => (group.sums[i] += value));
        if (largest > group.most) group.most = largest;
      }
    }
    for (const [key, group] of groups) yield [key, ...group.sums, group.most].join('\t');
  }
}

type Cell = (row: number) => string | number | bigint;

/** The columns of the Arrow stream. Text of a dictionary is decoded once. */
function columnsOf({ ipc }: TableData): Map<string, Cell> {
  const table = arrow.tableFromIPC(ipc);
  return new Map(
    table.schema.fields.map(({ name }, at) => {
      const data = table.getChildAt(at)!.data[0];
      const values = data.values as Int32Array;
      const texts = data.dictionary?.toJSON() as string[] | undefined;
      return [name, texts === undefined ? (row) => values[row] : (row) => texts[values[row]]];
    }),
  );
}
