// A plain HTTP client: no added headers, no decoding, no reused connection.

import { request } from 'node:http';

export const rawRequest = (
  url: string,
  options: { headers?: Record<string, string>; method?: string; body?: string | Buffer } = {},
) =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
    const outgoing = request(
      url,
      { agent: false, method: options.method ?? 'GET', headers: options.headers },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve({ status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) })); // prettier-ignore
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
