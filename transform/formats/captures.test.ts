// The recorded traffic of real clients, logged by one nginx in two formats: the same requests.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../test/fixtures/formats/check.ts';
import { emptyRow, type Row } from '../../test/fixtures/formats/reference.ts';

const capture = (name: string): Buffer =>
  readFileSync(new URL(`../../test/fixtures/captures/${name}`, import.meta.url));
const withoutLastNewline = (data: Buffer): Buffer => data.subarray(0, data.length - 1);
const requests = (format: string, file: string): Row[] =>
  readLines(format, withoutLastNewline(capture(file))).filter((row) => typeof row !== 'string');

describe.each([
  ['npm', 1083],
  ['debian', 6],
])('%s', (name, count) => {
  const edge = requests('nginx-edge', `${name}-edge.jsonl`);
  const combined = requests('combined', `${name}-combined.log`);

  it('every line is a request', () => {
    expect(edge).toHaveLength(count);
    expect(combined).toHaveLength(count);
  });

  it('both formats say the same of each', () => {
    const facts = ({ at, method, path, query, status, address, userAgent }: Row): Partial<Row> => ({
      at,
      method,
      path: decodeURIComponent(path),
      query,
      status,
      address,
      userAgent,
    });
    expect(edge.map(facts)).toEqual(combined.map(facts));
    // The edge counts response headers.
    for (const [i, { bytes }] of edge.entries()) expect(bytes - combined[i].bytes).toBeGreaterThan(100);
  });

  it('the edge log is what JSON.parse says', () => {
    const lines = capture(`${name}-edge.jsonl`).toString().trim().split('\n');
    const expected = lines.map((text) => {
      const line = JSON.parse(text) as Record<string, string> & { response_status: number; response_bytes: number };
      return {
        ...emptyRow,
        at: Date.parse(line.timestamp),
        method: line.request,
        path: line.request_path,
        query: line.request_query,
        status: line.response_status,
        bytes: line.response_bytes,
        address: line.client_ip,
        userAgent: line.user_agent,
        range: line.request_range,
      };
    });
    expect(edge).toEqual(expected);
  });
});
