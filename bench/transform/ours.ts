// The transform itself, one thread: file bytes in, tables out.

import { closeSync, openSync, readSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { BatchBuilder, defaultLimits, type BuiltBatch } from '../../transform/batch-builder.ts';
import { nginxEdge } from '../../transform/formats/nginx-edge.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { resolverFor } from '../../transform/packages/index.ts';
import type { Rules } from '../month.ts';

const CHUNK_BYTES = 1 << 20;
const LF = 10;

export function newBuilder({ prefixes, ranges, asnTypes, tokens }: Rules, limits = defaultLimits): BatchBuilder {
  const resolver = resolverFor({ ecosystem: 'npm' });
  const idOfHash = new Map(tokens);
  return new BatchBuilder({
    parser: nginxEdge.parser(),
    resolve: (host, path) => resolver(host, path, ''),
    hostMatters: false,
    networks: buildNetworkIndex({
      prefixes: prefixes.map((cidr) => ({ cidr })),
      ranges,
      asnTypes: new Map(asnTypes),
    }),
    tokens: {
      idOf: (token) => idOfHash.get(createHash('sha256').update(token).digest('hex')) ?? null,
      queryParameter: 'fairshare_token',
    },
    limits,
  });
}

/** Feeds bytes [start, end) of a file, which begin and end at line ends, as one batch. */
export function transformFile(builder: BatchBuilder, path: string, start = 0, end = Infinity): BuiltBatch {
  const file = openSync(path, 'r');
  const buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let kept = 0;
  let at = start;
  for (;;) {
    const read = readSync(file, buf, kept, Math.min(buf.length - kept, end - at), at);
    const filled = kept + read;
    if (read === 0) {
      builder.add(buf, 0, filled, at - filled);
      break;
    }
    const lineEnd = buf.lastIndexOf(LF, filled - 1) + 1;
    builder.add(buf, 0, lineEnd, at - kept);
    buf.copyWithin(0, lineEnd, filled);
    kept = filled - lineEnd;
    at += read;
  }
  closeSync(file);
  return builder.finish();
}
