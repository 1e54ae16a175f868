// Secrets and certificates: found where the settings say, or a clear fault.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { connectionOf, type KafkaSettings } from './kafka-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairshare-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'password'), 'from a file\n');
writeFileSync(join(directory, 'ca.pem'), 'certificate');

const brokers = ['a:9092'];
const sasl = (where: object): KafkaSettings => ({
  brokers,
  sasl: { mechanism: 'scram-sha-512', username: 'u', ...where },
});

it('a plain connection has neither', () => {
  expect(connectionOf({ brokers }, directory, {})).toEqual({ clientId: 'fairshare', brokers, ssl: false });
});

it('reads the password from the environment or from a file beside the configuration', () => {
  const password = (where: object): string | undefined =>
    connectionOf(sasl(where), directory, { KAFKA_PASSWORD: 'from the environment' }).sasl?.password;
  expect(password({ password_env: 'KAFKA_PASSWORD' })).toBe('from the environment');
  expect(password({ password_file: 'password' })).toBe('from a file');
});

it.each([[{}], [{ password_env: 'UNSET' }], [{ password_file: 'missing' }]])(
  'no password by %j is a fault',
  (where) => {
    expect(() => connectionOf(sasl(where), directory, {})).toThrow(expect.objectContaining({ kind: 'usage' }));
  },
);

it('reads certificates', () => {
  const { ssl } = connectionOf({ brokers, ssl: { ca_file: 'ca.pem' } }, directory, {});
  expect(ssl).toEqual({ ca: Buffer.from('certificate'), cert: undefined, key: undefined });
  expect(() => connectionOf({ brokers, ssl: { ca_file: 'nope.pem' } }, directory, {})).toThrow(/nope\.pem/);
});
