// The broker that the project provides for itself: it starts, stops, and dies with its parent.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { program } from '../support/cli.ts';
import { until } from '../support/kafka.ts';

const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host, port] = address.split(':');
    const socket = connect(Number(port), host, () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

it('the run says where its broker comes from', () => {
  expect(inject('kafkaHow')).toMatch(/FAIRSHARE_TEST_KAFKA|Docker|Maven/);
});

describe('the script', () => {
  const launch = async (
    env: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; address: string; errors: string }> => {
    // One process without npx in between, so that a signal reaches it.
    const child = spawn(process.execPath, [program('test/provide/kafka')], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    await Promise.race([until(() => out.endsWith('\n'), 120_000), once(child, 'close')]);
    return { child, address: out.trim(), errors };
  };

  it('prints the address, says its way on stderr, serves until SIGINT', async () => {
    const { child, address, errors } = await launch({ FAIRSHARE_TEST_KAFKA: '' });
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(errors).toMatch(/kafka: .*(Docker|Maven)/);
    expect(await answers(address)).toBe(true);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await answers(address)).toBe(false);
  });

  it('takes the broker that the environment names, and leaves it alone', async () => {
    const given = inject('kafkaBrokers').join(',');
    const { child, address, errors } = await launch({ FAIRSHARE_TEST_KAFKA: given });
    expect(address).toBe(given);
    expect(errors).toContain('FAIRSHARE_TEST_KAFKA');
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(await answers(given.split(',')[0])).toBe(true);
  });

  it('no way works: one message with what to do, and exit code 2', async () => {
    const { child, address, errors } = await launch({ FAIRSHARE_TEST_KAFKA: '', PATH: '/nowhere' });
    expect([address, child.exitCode]).toEqual(['', 2]);
    expect(errors).toContain('no Kafka broker could be provided');
    expect(errors).toContain('Set FAIRSHARE_TEST_KAFKA=host:port');
  });

  it('the broker dies with a parent that is killed', async () => {
    const { child, address } = await launch({ FAIRSHARE_TEST_KAFKA: '' });
    child.kill('SIGKILL');
    await until(async () => !(await answers(address)));
  });
});
