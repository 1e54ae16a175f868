// The recorded jobs of real clients: both formats say what is known of each, and a difference is found.

import { describe, expect, it } from 'vitest';
import { readCaptures, unzipped } from './captures.ts';

describe('the recorded jobs', () => {
  const rows = readCaptures();

  it('are all read', () => {
    expect(rows).toHaveLength(88);
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(2972);
    expect(rows.filter(({ fetched }) => fetched > 0).length).toBeGreaterThan(40);
  });

  it.each(rows)('$job: requests, statuses, bytes, packages, client and CI are those of the truth', ({ faults }) => {
    expect(faults).toEqual([]);
  });
});

describe('a difference', () => {
  it.each([
    ['a request', /^.*\n/, '', 'edge, requests: 18, not 19'],
    ['a status', '"response_status":200', '"response_status":204', 'edge, statuses: 200×18 204×1, not 200×19'],
    ['bytes', '"response_bytes":', '"response_bytes":9', /^edge, bytes: \d+, not 2142551$/],
    ['a method', '"request":"GET"', '"request":"PUT"', 'edge, methods: GET×18 PUT×1, not GET×19'],
    ['a client', 'cargo/1.95.0', 'rustup/1.95.0', 'edge: client rustup, not cargo'],
    ['a package', /anyhow/g, 'somehow', 'edge: no path names anyhow@1.0.105'],
  ] as const)('is found: %s', (_, from, to, fault) => {
    const changed = readCaptures((name) =>
      name === 'cargo-edge.jsonl' ? Buffer.from(unzipped(name).toString().replace(from, to)) : unzipped(name),
    );
    const [{ job, faults }] = changed.filter((row) => row.faults.length > 0);
    expect(job).toBe('cargo-shell');
    expect(faults).toContainEqual(typeof fault === 'string' ? fault : expect.stringMatching(fault));
  });
});
