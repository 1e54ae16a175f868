// TLS, client certificates and logins against a real broker that requires them: which logins succeed, which message a refused
// one gets, and that no secret is ever printed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drainPending } from 'chdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createKafkaClient, type KafkaLog, type KafkaSettings } from '../../ingest/sources/kafka.ts';
import { type Broker, type SecuredAccess, startBroker } from '../provide/kafka.ts';
import { Fault } from '../../transform/fault.ts';
import { fairshareHere } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { utf8 } from '../support/kafka.ts';

const WRONG = 'not-the-password-9c1';
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
let broker: Broker;
let access: SecuredAccess;
let directory: string;
beforeAll(async () => {
  broker = await startBroker({ secured: true, say: () => {} });
  access = broker.secured!;
  directory = mkdtempSync(join(tmpdir(), 'fairshare-security-'));
  writeFileSync(join(directory, 'password'), `${access.password}\n`, { mode: 0o600 });
}, 120_000);
afterAll(async () => {
  await broker.stop();
  rmSync(directory, { recursive: true, force: true });
  await drainPending();
});

const login = (mechanism: (typeof mechanisms)[number], where: object): KafkaSettings => ({
  brokers: access.sasl_ssl,
  ssl: { ca_file: access.ca_file },
  sasl: { mechanism, username: access.username, ...where },
});
const certified = (): KafkaSettings => ({
  brokers: access.ssl,
  ssl: { ca_file: access.ca_file, cert_file: access.cert_file, key_file: access.key_file },
});

/** → the result of brokers(), or the fault; and the whole log */
async function knock(settings: KafkaSettings): Promise<{ found?: string[]; fault?: Fault; logged: string }> {
  let logged = '';
  const write = (fields: object, message: string) => (logged += `${JSON.stringify(fields)} ${message}\n`);
  const log: KafkaLog = { debug: write, info: write, warn: write, error: write };
  const env = { RIGHT: access.password, WRONG };
  const client = createKafkaClient(settings, { log, env, retries: 0 });
  try {
    return { found: await client.brokers(), logged };
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    return { fault: error as Fault, logged };
  } finally {
    await client.close();
  }
}

describe('gets in', () => {
  it.each(mechanisms)('with a password, by %s, from the environment or a file', async (mechanism) => {
    expect((await knock(login(mechanism, { password_env: 'RIGHT' }))).found).toEqual(access.sasl_ssl);
    const password_file = join(directory, 'password');
    expect((await knock(login(mechanism, { password_file }))).found).toEqual(access.sasl_ssl);
  });

  it('with a certificate', async () => {
    expect((await knock(certified())).found).toEqual(access.ssl);
  });
});

describe('is kept out, and told which setting to look at', () => {
  it.each(mechanisms)('with a wrong password, by %s; the password is not in what it says', async (mechanism) => {
    const { fault, logged } = await knock(login(mechanism, { password_env: 'WRONG' }));
    expect(fault).toMatchObject({ kind: 'usage', hint: expect.stringContaining('kafka.sasl') as string });
    expect(fault!.message).toMatch(/authentication failed/i);
    expect(logged).not.toBe('');
    const encoded = Buffer.from(`\0${access.username}\0${WRONG}`).toString('base64');
    for (const secret of [WRONG, encoded]) expect(`${fault!.message} ${fault!.hint} ${logged}`).not.toContain(secret);
  });

  it.each([
    [
      'a broker signed by an unknown authority',
      () => ({ ...certified(), ssl: { ca_file: access.other_ca_file } }),
      'ca_file',
    ],
    ['a broker signed by none that the system knows', () => ({ ...certified(), ssl: true }), 'ca_file'],
    ['no certificate', () => ({ ...certified(), ssl: { ca_file: access.ca_file } }), 'cert_file'],
    [
      'files that hold something else',
      () => ({
        ...certified(),
        ssl: { ca_file: access.ca_file, cert_file: access.ca_file, key_file: access.cert_file },
      }),
      'PEM',
    ],
    ['no login', () => ({ brokers: access.sasl_ssl, ssl: { ca_file: access.ca_file } }), 'kafka.sasl'],
    ['no TLS', () => ({ brokers: access.ssl }), 'kafka.ssl'],
    ['TLS where there is none', () => ({ brokers: broker.brokers, ssl: true }), 'without TLS'],
  ] as [string, () => KafkaSettings, string][])('%s', async (_name, settings, hint) => {
    const { fault } = await knock(settings());
    expect(fault).toMatchObject({ kind: 'usage', hint: expect.stringContaining(hint) as string });
  });
});

describe('the program', () => {
  const configured = (kafka: object): string => {
    const file = join(directory, 'fairshare.yaml');
    const sources = [{ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }];
    const topics = [{ topic: 'secured', source: 'npm' }];
    writeFileSync(file, stringify({ warehouse: './data', sources, kafka: { topics, group: 'secured', ...kafka } }));
    return file;
  };

  it('works a topic over TLS with a login, and prints no secret anywhere', async () => {
    const setUp = createKafkaClient(
      { brokers: broker.brokers },
      { log: { debug() {}, info() {}, warn() {}, error() {} } },
    );
    await setUp.createTopic({ topic: 'secured', partitions: 1 });
    const producer = await setUp.producer();
    await producer.send('secured', 0, [{ value: utf8(edgeLine({ at: '2026-10-01T10:00:00Z' })) }]);
    await setUp.close();
    const env = { KAFKA_PASSWORD: access.password, AWS_SECRET_ACCESS_KEY: WRONG, FAIRSHARE_WAREHOUSE_PASSWORD: WRONG };
    const config = configured(login('scram-sha-512', { password_env: 'KAFKA_PASSWORD' }));
    const run = (...words: string[]) => fairshareHere([...words, '--config', config, '--log-level', 'trace'], { env });
    const results = [
      await run('config', 'check'),
      await run('config', 'check', '--json'),
      await run('ingest', 'kafka', '--until-end', '--json'),
      await run('doctor', '--json'),
    ];
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    expect(JSON.parse(results[2].stdout)).toMatchObject({ lines: 1, stopped: [] });
    for (const { stdout, stderr } of results)
      for (const secret of [access.password, WRONG]) expect(stdout + stderr).not.toContain(secret);
  });

  it('ends with 2 where the password is wrong, without printing it', async () => {
    const config = configured(login('plain', { password_env: 'KAFKA_PASSWORD' }));
    const words = ['ingest', 'kafka', '--until-end', '--config', config, '--log-level', 'trace'];
    const { status, stdout, stderr } = await fairshareHere(words, { env: { KAFKA_PASSWORD: WRONG } });
    expect(status).toBe(2);
    expect(stderr).toContain('kafka.sasl');
    expect(stdout + stderr).not.toContain(WRONG);
  });
});
