// Stored objects through the transform, as file ingest reads them: decompressed beside it, cut at line ends.

import { openObject } from '../../ingest/decompress.ts';
import type { BatchBuilder, BuiltBatch } from '../../transform/batch-builder.ts';

const LF = 10;

export async function transformObject(builder: BatchBuilder, path: string): Promise<BuiltBatch> {
  let buf = Buffer.allocUnsafeSlow(1 << 20);
  let filled = 0;
  let position = 0;
  for await (const chunk of openObject(path)) {
    if (filled + chunk.length > buf.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (filled + chunk.length));
      buf.copy(larger, 0, 0, filled);
      buf = larger;
    }
    buf.set(chunk, filled);
    filled += chunk.length;
    const whole = buf.lastIndexOf(LF, filled - 1) + 1;
    builder.add(buf, 0, whole, position);
    buf.copyWithin(0, whole, filled);
    filled -= whole;
    position += whole;
  }
  builder.add(buf, 0, filled, position);
  return builder.finish();
}
