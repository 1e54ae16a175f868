// Provides a real S3-compatible object store for tests. The first way that works is taken, and said on stderr:
//   1. FAIRSHARE_TEST_S3=http://host:port with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: a store that is already there
//   2. Docker, where an engine answers: the image andrewgaul/s3proxy
//   3. Maven artifacts and a JRE: S3Proxy, downloaded once to .cache/s3proxy, run on loopback with objects in memory

import { type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../transform/fault.ts';
import {
  ended,
  freePorts,
  killAndWait,
  lastLines,
  mavenLibraries,
  removeAtExit,
  run,
  type Say,
  sayOnStderr,
  serverDirectory,
  startJava,
} from './tools.ts';

const s3proxyVersion = '2.6.0';

export interface ProvidedStore {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** One line for people with the origin of this store. */
  readonly how: string;
  /** SIGSTOP and SIGCONT: a store that hangs. Undefined if this process did not start the store. */
  readonly pause?: () => void;
  readonly resume?: () => void;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

/** @throws Fault(usage) that says what to do, if no way works */
export async function startObjectStore(say: Say = sayOnStderr): Promise<ProvidedStore> {
  const { FAIRSHARE_TEST_S3: endpoint, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (endpoint !== undefined && id !== undefined && secret !== undefined) {
    await untilReady(endpoint, () => undefined);
    const how = `FAIRSHARE_TEST_S3 (${endpoint})`;
    say(`s3: ${how}`);
    return { endpoint, accessKeyId: id, secretAccessKey: secret, how, stop: () => Promise.resolve() };
  }
  const reasons: string[] = [];
  for (const way of [storeFromDocker, storeFromMaven]) {
    try {
      const store = await way(say);
      say(`s3: ${store.how} at ${store.endpoint}`);
      return store;
    } catch (error) {
      reasons.push(`  ${(error as Error).message}`);
      say(`s3: ${(error as Error).message}`);
    }
  }
  throw new Fault(
    'usage',
    `no object store could be provided\n${reasons.join('\n')}`,
    'Set FAIRSHARE_TEST_S3 and the AWS variables to use one of yours, start Docker, or install a JRE and Maven',
  );
}

const newKeys = () => ({ accessKeyId: 'fairshare-test', secretAccessKey: randomBytes(20).toString('base64url') });

async function storeFromDocker(): Promise<ProvidedStore> {
  await run('docker', ['info'], { timeout: 20_000 }).catch(() => {
    throw new Error('Docker: no engine answers');
  });
  const [port] = await freePorts(1);
  const keys = newKeys();
  const image = `andrewgaul/s3proxy:sha-${s3proxyVersion}`;
  const name = `fairshare-s3-${randomBytes(6).toString('hex')}`;
  const settings = {
    S3PROXY_AUTHORIZATION: 'aws-v2-or-v4',
    S3PROXY_IDENTITY: keys.accessKeyId,
    S3PROXY_CREDENTIAL: keys.secretAccessKey,
    JCLOUDS_PROVIDER: 'transient',
  };
  const env = Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  await run('docker', ['run', '-d', '--name', name, '-p', `127.0.0.1:${port}:80`, ...env, image], {
    timeout: 300_000,
  }).catch(() => {
    throw new Error(`Docker: ${image} does not start`);
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => void (await run('docker', ['rm', '-f', name]).catch(() => undefined));
  const docker = (word: string) => () => void run('docker', [word, name]).catch(() => undefined);
  try {
    await untilReady(endpoint, () => undefined);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, ...keys, how: `Docker (${image})`, stop, pause: docker('pause'), resume: docker('unpause') };
}

async function storeFromMaven(say: Say): Promise<ProvidedStore> {
  const artifact = { group: 'org.gaul', artifact: 's3proxy', version: s3proxyVersion };
  const libs = await mavenLibraries('s3proxy', [artifact], '43 MB', say);
  const directory = await serverDirectory('s3');
  let child: ChildProcess | undefined;
  const keep = removeAtExit(directory, () => child);
  const [port] = await freePorts(1);
  const keys = newKeys();
  const endpoint = `http://127.0.0.1:${port}`;
  const settings = {
    's3proxy.endpoint': endpoint,
    's3proxy.authorization': 'aws-v2-or-v4',
    's3proxy.identity': keys.accessKeyId,
    's3proxy.credential': keys.secretAccessKey,
    'jclouds.provider': 'transient-nio2',
    'jclouds.identity': 'unused',
    'jclouds.credential': 'unused',
  };
  const file = join(directory, 's3proxy.conf');
  const logback = join(directory, 'logback.xml');
  const logFile = join(directory, 's3proxy.log');
  await writeFile(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  await writeFile(logback, '<configuration><root level="OFF"/></configuration>');
  const stop = async (): Promise<void> => {
    child?.kill('SIGCONT');
    await killAndWait(child, 'SIGKILL');
    keep();
    await rm(directory, { recursive: true, force: true });
  };
  const java = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlogback.configurationFile=${logback}`];
  try {
    const main = ['-cp', join(libs, '*'), 'org.gaul.s3proxy.Main', '--properties', file];
    const started = (child = await startJava([...java, ...main], logFile));
    await untilReady(endpoint, () => (ended(started) ? 'the process ended' : undefined));
  } catch (error) {
    const tail = await lastLines(logFile);
    await stop();
    throw new Error(`Maven artifacts: S3Proxy does not start: ${(error as Error).message}\n${tail}`, { cause: error });
  }
  const signal = (name: NodeJS.Signals) => () => void child?.kill(name);
  const how = `S3Proxy ${s3proxyVersion} from Maven artifacts`;
  return { endpoint, ...keys, how, stop, pause: signal('SIGSTOP'), resume: signal('SIGCONT') };
}

/** Any answer is good: the store refuses a request without a signature. */
async function untilReady(endpoint: string, gone: () => string | undefined): Promise<void> {
  const end = Date.now() + 60_000;
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  ) {
    const reason = gone();
    if (reason !== undefined) throw new Error(reason);
    if (Date.now() > end) throw new Error(`${endpoint} did not answer within 60 s`);
    await sleep(50);
  }
}
