// A nonce in a request from a declared range proves the range: handed out, sent, ingested, found, stored.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { findProofs, issueNonce } from '../../scripts/orgs/proofs.ts';
import { fairshareHere } from '../support/cli.ts';
import { House, type TestRequest } from '../support/house.ts';

let house: House;
const now = new Date('2026-10-01T08:00:00Z');
const ranges = { hq: '198.51.100.0/24', lab: '203.0.113.0/25', late: '192.0.2.0/24', quiet: '192.0.2.0/25' };

beforeAll(async () => {
  house = await House.open();
  await house.warehouse.insert(
    'org_evidence',
    Object.entries(ranges).map(([evidence_id, value]) => ({
      evidence_id,
      org_id: 'acme',
      tier: 'E7',
      kind: 'cidr',
      value,
      secret_sha256: '',
      valid_from: '2026-01-01',
      source: 'declared',
      recorded_at: '2026-09-01 00:00:00.000',
    })),
  );
});
afterAll(() => house.close());

it('is recorded where a request from the range carried the nonce in time, and nowhere else', async () => {
  const issue = (id: string) => issueNonce(house.warehouse, id, { now, valid_days: 14 });
  const nonces = {
    hq: await issue('hq'),
    lab: await issue('lab'),
    late: await issue('late'),
    quiet: await issue('quiet'),
  };
  expect(JSON.stringify(await house.warehouse.query('SELECT * FROM proof_nonce'))).not.toContain(nonces.hq.nonce);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  const carrying = (nonce: string, address: string, at: string): TestRequest => ({
    at,
    address,
    userAgent: `curl/8.9.1 (fairshare-token: ${nonce})`,
  });
  await house.ingest([
    house.object('requests.log', [
      carrying(nonces.hq.nonce, '198.51.100.9', '2026-10-02T10:03:00Z'),
      // One request from the wrong half of the /24, and one after the nonce had expired.
      carrying(nonces.lab.nonce, '203.0.113.200', '2026-10-02T11:00:00Z'),
      carrying(nonces.late.nonce, '192.0.2.200', '2026-10-20T11:00:00Z'),
    ]),
  ]);
  const look = () => findProofs(house.warehouse, { now: new Date('2026-10-03T00:00:00Z'), proof_days: 365 });
  const found = await look();
  expect(found.map(({ evidence_id, state, seen_at, seen_from }) => [evidence_id, state, seen_at, seen_from])).toEqual([
    ['hq', 'proven', '2026-10-02 10:00:00', '198.51.100.0/24'],
    ['lab', 'elsewhere', '2026-10-02 11:00:00', '203.0.113.0/24'],
    ['late', 'out_of_time', '2026-10-20 11:00:00', '192.0.2.0/24'],
    ['quiet', 'waiting', '', ''],
  ]);
  expect(found[0]).toMatchObject({ expires_on: '2027-10-02' });
  const kept = await house.warehouse.query('SELECT evidence_id, prefix, occurred_at, expires_on FROM proof_seen');
  expect(kept).toEqual([
    { evidence_id: 'hq', prefix: '198.51.100.0/24', occurred_at: '2026-10-02 10:00:00', expires_on: '2027-10-02' },
  ]);

  // The proof stays: before and after the seal, after a second look, and after the finer data are deleted.
  await house.seal('2026-10-02');
  expect(await look()).toEqual(found);
  await house.warehouse.command('TRUNCATE TABLE rate_batch');
  await house.warehouse.command('TRUNCATE TABLE request_rate');
  expect((await look())[0]).toEqual(found[0]);
  expect((await house.warehouse.query('SELECT count() AS proofs FROM proof_seen FINAL'))[0]).toEqual({ proofs: '1' });
  const later = await findProofs(house.warehouse, { now: new Date('2027-12-01T00:00:00Z'), proof_days: 365 });
  expect(later.map(({ state }) => state)).toEqual(['proof_expired', 'nonce_expired', 'nonce_expired', 'nonce_expired']);
});

it('is asked for and shown by the command, with what to paste into the registry', async () => {
  const env = { FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse') };
  const { stdout, stderr } = await fairshareHere(['orgs', 'prove', 'quiet'], { env });
  expect(stdout).toMatch(/^fsn_[\w-]{24}\n$/);
  expect(stderr).toContain('192.0.2.0/25');
  expect((await fairshareHere(['orgs', 'prove', 'nobody'], { env })).status).toBe(3);
  const shown = await fairshareHere(['orgs', 'prove'], { env });
  expect(shown.stdout).toMatch(
    /hq:\n {2}tier: E2\n {2}proof: nonce nonce:\w{16} seen 2026-10-02 10:00 UTC from 198\.51\.100\.0\/24, expires 2027-10-02\n/,
  );
});

it('falls with the log that carried it, and stands again with a log that carries it', async () => {
  const look = async () => {
    const [hq] = await findProofs(house.warehouse, { now: new Date('2026-10-03T00:00:00Z'), proof_days: 365 });
    return hq;
  };
  const before = await look();
  expect(before.state).toBe('proven');
  await house.retract({ source: 'npm', object: 'requests.log' });
  expect(await look()).toMatchObject({ state: 'withdrawn', seen_at: '2026-10-02 10:00:00', expires_on: '', proof: '' });
  const env = { FAIRSHARE_WAREHOUSE: join(house.directory, 'warehouse') };
  expect((await fairshareHere(['orgs', 'prove'], { env })).stdout).toMatch(/hq .* withdrawn /);
  await house.ingest([join(house.directory, 'requests.log')]);
  expect(await look()).toEqual(before);
});
