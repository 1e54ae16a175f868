// Provides a real Apache Kafka broker for tests and benchmarks. The first way that works is taken, and said on stderr:
//   1. FAIRSHARE_TEST_KAFKA=host:port[,host:port…]: a broker that is already there; it is used, never stopped
//   2. Docker, where an engine answers: the image apache/kafka
//   3. Maven artifacts and a JRE: downloaded once to .cache/kafka, run as one KRaft node on loopback
// Run alone it prints the address and serves until SIGINT:  npx tsx test/provide/kafka.ts

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createKafkaClient } from '../../ingest/sources/kafka.ts';
import { exitCodes } from '../../scripts/runtime/exit.ts';
import { Fault } from '../../transform/fault.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
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

/** This version needs Java 17 or later. */
export const kafkaVersion = '4.1.1';

export interface BrokerOptions {
  /** Entries of server.properties; they replace or extend the settings below. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Never use the broker of FAIRSHARE_TEST_KAFKA, because the test harms its broker. */
  readonly own?: boolean;
  /** Add listeners for TLS and SASL: always with a broker of its own, from Maven artifacts. */
  readonly secured?: boolean;
  /** Prints the way that was taken and the steps that take time; default: stderr. */
  readonly say?: Say;
}

/** Addresses and credentials of the secured listeners. */
export interface SecuredAccess extends Certificates {
  /** TLS, with a client's certificate. */
  readonly ssl: readonly string[];
  /** TLS, with a password: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512. */
  readonly sasl_ssl: readonly string[];
  readonly username: string;
  readonly password: string;
}

export interface Broker {
  readonly brokers: string[];
  /** One line for people with the origin of this broker. */
  readonly how: string;
  /** False for a broker from the environment: then kill, pause, resume and restart throw Fault(usage). */
  readonly controllable: boolean;
  /** Ends the broker and removes its data. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends the process with this signal and waits for its end; the data stay for restart(). */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts the broker again after kill(), with the same address and the same data. */
  restart(): Promise<void>;
  /** Stops the process with SIGSTOP, until resume() (SIGCONT): the broker hangs with its connections open. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  readonly secured?: SecuredAccess;
}

/** @throws Fault(usage) that says what to do, if no way works. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const say = options.say ?? sayOnStderr;
  const address = process.env.FAIRSHARE_TEST_KAFKA;
  if (address !== undefined && address !== '' && options.own !== true && options.secured !== true)
    return brokerFromEnvironment(address, say);
  if (options.secured === true) return brokerFromMaven(options.properties ?? {}, say, true);
  const reasons: string[] = [];
  for (const way of [brokerFromDocker, brokerFromMaven]) {
    try {
      return await way(options.properties ?? {}, say);
    } catch (error) {
      reasons.push(`  ${(error as Error).message}`);
      say(`kafka: ${(error as Error).message}`);
    }
  }
  throw new Fault(
    'usage',
    `no Kafka broker could be provided\n${reasons.join('\n')}`,
    'Set FAIRSHARE_TEST_KAFKA=host:port to use one of yours, start Docker, or install a JRE (17 or later) and Maven',
  );
}

/** Small timeouts, so that a dead member costs a test half a second and not half a minute. */
function properties(port: number, extra: Readonly<Record<string, string>>): Record<string, string> {
  return {
    'node.id': '1',
    'process.roles': 'broker,controller',
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '2',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '200',
    'log.retention.check.interval.ms': '1000',
    'log.cleaner.backoff.ms': '500',
    'log.segment.delete.delay.ms': '1000',
    ...extra,
  };
}

async function brokerFromEnvironment(address: string, say: Say): Promise<Broker> {
  const brokers = address.split(',').map((part) => part.trim());
  const how = `FAIRSHARE_TEST_KAFKA (${brokers.join(', ')})`;
  await untilReady(brokers, 15_000, () => undefined);
  say(`kafka: ${how}`);
  const refuse = (): Promise<never> =>
    Promise.reject(
      new Fault('usage', `the broker from ${how} is not ours to stop`, 'Unset FAIRSHARE_TEST_KAFKA for this test'),
    );
  const stop = (): Promise<void> => Promise.resolve();
  return { brokers, how, controllable: false, stop, kill: refuse, restart: refuse, pause: refuse, resume: refuse };
}

async function brokerFromDocker(extra: Readonly<Record<string, string>>, say: Say): Promise<Broker> {
  const image = `apache/kafka:${kafkaVersion}`;
  await run('docker', ['info'], { timeout: 20_000 }).catch(() => {
    throw new Error('Docker: no engine answers');
  });
  const [port] = await freePorts(1);
  const settings = {
    ...properties(port, extra),
    listeners: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://127.0.0.1:9093`,
    'controller.quorum.voters': '1@127.0.0.1:9093',
    'log.dirs': '/tmp/kafka-data',
  };
  const env = Object.entries(settings).flatMap(([key, value]) => [
    '-e',
    `KAFKA_${key.toUpperCase().replaceAll('.', '_')}=${value}`,
  ]);
  const name = `fairshare-kafka-${randomBytes(6).toString('hex')}`;
  say(`kafka: starting ${image} in Docker`);
  await run('docker', ['run', '-d', '--name', name, '-p', `127.0.0.1:${port}:${port}`, ...env, image], {
    timeout: 300_000,
  }).catch((error: Error) => {
    throw new Error(`Docker: ${image} does not start: ${error.message.split('\n').slice(0, 3).join(' ')}`);
  });
  const remove = (): void => void spawn('docker', ['rm', '-f', name], { stdio: 'ignore', detached: true }).unref();
  process.once('exit', remove);
  const docker = async (...words: string[]): Promise<void> => void (await run('docker', [...words, name]));
  const brokers = [`127.0.0.1:${port}`];
  const stop = async (): Promise<void> => {
    process.off('exit', remove);
    await docker('rm', '-f').catch(() => undefined);
  };
  try {
    await untilReady(brokers, 60_000, () => undefined);
  } catch (error) {
    await stop();
    throw new Error(`Docker: ${image}: ${(error as Error).message}`, { cause: error });
  }
  const how = `Docker (${image})`;
  say(`kafka: ${how} at ${brokers[0]}`);
  return {
    brokers,
    how,
    controllable: true,
    stop,
    kill: async (signal) => {
      await docker('kill', '-s', signal);
      await docker('wait');
    },
    restart: async () => {
      await docker('start');
      await untilReady(brokers, 60_000, () => undefined);
    },
    pause: () => docker('pause'),
    resume: () => docker('unpause'),
  };
}

async function brokerFromMaven(extra: Readonly<Record<string, string>>, say: Say, isSecured = false): Promise<Broker> {
  const [port, controllerPort, ...securedPorts] = await freePorts(isSecured ? 4 : 2);
  let secured: Awaited<ReturnType<typeof securedListeners>> | undefined;
  const node = await startNode(port, say, async (directory) => {
    secured = isSecured ? await securedListeners(directory, securedPorts[0], securedPorts[1]) : undefined;
    const settings = {
      ...properties(port, {
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${secured?.listeners ?? ''}`,
        ...secured?.properties,
        ...extra,
      }),
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${secured?.listeners ?? ''}`,
      'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    };
    return { settings, users: secured?.users };
  });
  return { ...node, secured: secured?.access };
}

export interface Cluster {
  /** Host and port of each broker. */
  readonly brokers: string[];
  /** The broker that a test may kill. The other one is also the controller: without it no leader can be elected. */
  readonly second: Broker & { readonly nodeId: number };
  stop(): Promise<void>;
}

/**
 * Starts two brokers, always from Maven artifacts. Topics have two replicas, and a dead leader is replaced within two
 * seconds.
 */
export async function startCluster({ say = sayOnStderr }: Pick<BrokerOptions, 'say'> = {}): Promise<Cluster> {
  const [first, second, controllerPort] = await freePorts(3);
  const cluster = clusterId();
  const replicas = ['default', 'offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic'];
  const settings = (id: number, port: number): Record<string, string> => ({
    ...properties(port, Object.fromEntries(replicas.map((topic) => [`${topic}.replication.factor`, '2']))),
    'node.id': String(id),
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'broker.heartbeat.interval.ms': '200',
    'broker.session.timeout.ms': '2000',
    'replica.lag.time.max.ms': '2000',
    // The former leader leads again soon after its restart, which is one more change of leaders.
    'leader.imbalance.check.interval.seconds': '2',
  });
  const listeners = `PLAINTEXT://127.0.0.1:${first},CONTROLLER://127.0.0.1:${controllerPort}`;
  const node1 = await startNode(first, say, () => ({ settings: { ...settings(1, first), listeners } }), cluster);
  try {
    const member = { settings: { ...settings(2, second), 'process.roles': 'broker' } };
    const node2 = await startNode(second, say, () => member, cluster);
    const stop = async (): Promise<void> => {
      await node2.stop();
      await node1.stop();
    };
    return { brokers: [...node1.brokers, ...node2.brokers], second: { ...node2, nodeId: 2 }, stop };
  } catch (error) {
    await node1.stop();
    throw error;
  }
}

interface NodeSettings {
  readonly settings: Readonly<Record<string, string>>;
  /** Arguments for the storage tool that create users. */
  readonly users?: readonly string[];
}

/** Starts a Java process with a directory of its own. @throws Error with the end of its log */
async function startNode(
  port: number,
  say: Say,
  settingsIn: (directory: string) => Promise<NodeSettings> | NodeSettings,
  cluster = clusterId(),
): Promise<Broker> {
  const libs = await mavenLibraries('kafka', KAFKA_ARTIFACTS, '45 MB', say);
  const directory = await serverDirectory('kafka');
  let child: ChildProcess | undefined;
  const keep = removeAtExit(directory, () => child);
  const { settings, users = [] } = await settingsIn(directory);
  const file = join(directory, 'server.properties');
  await writeFile(
    file,
    Object.entries({ ...settings, 'log.dirs': join(directory, 'data') })
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const logFile = join(directory, 'broker.log');
  const java = [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dlog4j2.level=OFF',
    '-cp',
    join(libs, '*'),
  ];
  const brokers = [`127.0.0.1:${port}`];

  const launch = async (): Promise<void> => {
    const started = (child = await startJava([...java, 'kafka.Kafka', file], logFile));
    await untilReady(
      brokers,
      60_000,
      () => (ended(started) ? `the process ended (${started.exitCode ?? started.signalCode})` : undefined),
      (listed) => listed.includes(brokers[0]),
    );
  };
  const stop = async (): Promise<void> => {
    // SIGCONT comes first, because a paused broker would wait for ever. Its data are deleted, so nothing needs a flush.
    child?.kill('SIGCONT');
    await killAndWait(child, 'SIGKILL');
    keep();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const format = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file, ...users];
    await run('java', [...java, ...format], { timeout: 60_000 });
    await launch();
  } catch (error) {
    const tail = await lastLines(logFile);
    await stop();
    throw new Error(`Maven artifacts: the broker does not start: ${(error as Error).message}\n${tail}`, {
      cause: error,
    });
  }
  const how = `Apache Kafka ${kafkaVersion} from Maven artifacts`;
  say(`kafka: ${how} at ${brokers[0]}`);
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): Promise<void> => Promise.resolve(void child?.kill(name));
  return {
    brokers,
    how,
    controllable: true,
    stop,
    kill: (name) => killAndWait(child, name),
    restart: launch,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

const KAFKA_ARTIFACTS = [
  { group: 'org.apache.kafka', artifact: 'kafka_2.13', version: kafkaVersion },
  { group: 'org.slf4j', artifact: 'slf4j-simple', version: '1.7.36' },
] as const;

/** One listener requires a client's certificate, another requires a password under any of the mechanisms. */
async function securedListeners(directory: string, ssl: number, sasl: number) {
  const certificates = await makeCertificates(directory);
  const username = 'fairshare';
  const password = randomBytes(12).toString('base64url');
  const jaas = 'org.apache.kafka.common.security';
  return {
    listeners: `,SSL://127.0.0.1:${ssl},SASL_SSL://127.0.0.1:${sasl}`,
    users: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
    properties: {
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': certificates.server_file,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': certificates.ca_file,
      'listener.name.ssl.ssl.client.auth': 'required',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': `${jaas}.plain.PlainLoginModule required user_${username}="${password}";`,
      'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${jaas}.scram.ScramLoginModule required;`,
      'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${jaas}.scram.ScramLoginModule required;`,
    },
    access: { ...certificates, username, password, ssl: [`127.0.0.1:${ssl}`], sasl_ssl: [`127.0.0.1:${sasl}`] },
  };
}

/**
 * A KRaft cluster id: 16 bytes in URL-safe base64. An id that starts with '-' would be read as a flag, so another is drawn.
 */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

/** Waits until the cluster lists a broker; it lists a broker only when the broker may serve. */
async function untilReady(
  brokers: string[],
  limit_ms: number,
  gone: () => string | undefined,
  isReady = (listed: string[]) => listed.length > 0,
): Promise<void> {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const end = Date.now() + limit_ms;
  for (;;) {
    const client = createKafkaClient({ brokers, client_id: 'fairshare-provide' }, { log: quiet, retries: 0 });
    const listed = await client.brokers().catch((error: Error) => error);
    await client.close();
    if (Array.isArray(listed) && isReady(listed)) return;
    const reason = gone();
    if (reason !== undefined) throw new Error(reason);
    if (Date.now() > end) {
      throw new Error(`${brokers.join(', ')} did not answer within ${limit_ms / 1000} s: ${String(listed)}`);
    }
    await sleep(100);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const broker = await startBroker();
    // The listeners are set before the address is printed. A signal handler alone does not keep the process alive.
    const asked = new Promise((resolve) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, resolve);
    });
    const alive = setInterval(() => undefined, 2 ** 30);
    process.stdout.write(`${broker.brokers.join(',')}\n`);
    await asked;
    clearInterval(alive);
    await broker.stop();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${error instanceof Fault ? `${error.hint}\n` : ''}`);
    process.exitCode = exitCodes[error instanceof Fault ? error.kind : 'defect'];
  }
}
