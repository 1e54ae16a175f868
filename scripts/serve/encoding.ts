// What a client asks of an answer's bytes beside their format: compression, and the revision of Native blocks.

import { Readable, pipeline, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { blockCompression } from './compressed-blocks.ts';
import { ofRevision } from './native-blocks.ts';
import { isOn } from './settings.ts';

interface Wishes {
  readonly headers: Headers;
  readonly params: URLSearchParams;
}

/** The answer, compressed as its client asks: by ClickHouse's blocks, by gzip, or not at all. */
export function encoded(stream: Readable, wishes: Wishes, responseHeaders: Record<string, string>): Response {
  const { 'content-length': _size, ...rest } = responseHeaders;
  const answer = (through: Transform, headers: Record<string, string>): Response =>
    new Response(Readable.toWeb(pipeline(stream, through, () => {})) as ReadableStream, { headers });
  if (isOn(wishes.params.get('compress'))) return answer(blockCompression(), rest);
  if (acceptsGzip(wishes))
    return answer(createGzip({ level: 3 }), { ...rest, 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  return new Response(Readable.toWeb(stream) as ReadableStream, { headers: responseHeaders });
}

function acceptsGzip({ headers, params }: Wishes): boolean {
  const enabled = params.get('enable_http_compression');
  return (
    (enabled === null || isOn(enabled)) &&
    /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(headers.get('accept-encoding') ?? '')
  );
}

/** 0: as the engine writes it. */
export function nativeRevision({ name }: { readonly name: string }, params: URLSearchParams): number {
  const asked = Number(params.get('client_protocol_version') ?? 0);
  return name === 'Native' && Number.isSafeInteger(asked) ? asked : 0;
}

/** @param pieces each of whole blocks */
export async function* ofNativeRevision(
  pieces: AsyncGenerator<Uint8Array, void, void>,
  revision: number,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const piece of pieces) yield ofRevision(piece, revision);
  } finally {
    await pieces.return();
  }
}

interface Whole {
  readonly stream: Readable;
  readonly size_bytes: number;
}

/** The same for a result that is there as a whole. It is small: the rows of a SELECT come in pieces. */
export async function wholeOfRevision(whole: Whole, revision: number): Promise<Whole> {
  if (revision === 0) return whole;
  const bytes = ofRevision(await buffer(whole.stream), revision);
  return { stream: Readable.from([bytes]), size_bytes: bytes.length };
}
