// Sends stored objects through the transform, as file ingest reads them: decompressed at the same time, and cut at line ends.

import { openObject } from '../../ingest/decompress.ts';
import { lineBlocks } from '../../ingest/line-blocks.ts';
import type { BatchBuilder, BuiltBatch } from '../../transform/batch-builder.ts';

export async function transformObject(builder: BatchBuilder, path: string): Promise<BuiltBatch> {
  for await (const { bytes, position } of lineBlocks(openObject(path, { reuse: true })))
    builder.add(bytes, 0, bytes.length, position, Infinity);
  return builder.finish();
}
