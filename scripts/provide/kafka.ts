// Provides a real Apache Kafka broker for tests and benchmarks. The first way that works is taken, and said on stderr:
//   1. FAIRSHARE_TEST_KAFKA=host:port[,host:port…]: a broker that is already there; it is used, never stopped
//   2. Docker, where an engine answers: the image apache/kafka
//   3. Maven artifacts and a JRE: downloaded once to .cache/kafka, run as one KRaft node on loopback
// Run alone it prints the address and serves until SIGINT:  npx tsx scripts/provide/kafka.ts

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createKafkaClient } from '../../ingest/sources/kafka.ts';
import { Fault } from '../../sql/fault.ts';

const run = promisify(execFile);

/** Needs Java 17 or later. */
export const kafkaVersion = '4.1.1';

export interface BrokerOptions {
  /** Added to, or put in place of, the settings below: server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Never the broker of FAIRSHARE_TEST_KAFKA: for tests that harm it. */
  readonly own?: boolean;
  /** Says which way was taken and what takes time; default: stderr. */
  readonly say?: (line: string) => void;
}

export interface Broker {
  readonly brokers: string[];
  /** One line for people: where this broker comes from. */
  readonly how: string;
  /** False for a broker from the environment: kill, pause, resume and restart then throw Fault(usage). */
  readonly controllable: boolean;
  /** Ends the broker and removes its data. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends the process with this signal and waits until it is gone; the data stay for restart(). */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** After kill(): the same address and the same data. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT: a broker that hangs with its connections open. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** @throws Fault(usage) with what to do where no way works. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const say = options.say ?? ((line: string) => process.stderr.write(`${line}\n`));
  const address = process.env.FAIRSHARE_TEST_KAFKA;
  if (address !== undefined && address !== '' && options.own !== true) return brokerFromEnvironment(address, say);
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

/** Small timeouts, so that a member that died costs a test half a second and not half a minute. */
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

async function brokerFromEnvironment(address: string, say: (line: string) => void): Promise<Broker> {
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

async function brokerFromDocker(extra: Readonly<Record<string, string>>, say: (line: string) => void): Promise<Broker> {
  const image = `apache/kafka:${kafkaVersion}`;
  await run('docker', ['info'], { timeout: 20_000 }).catch(() => {
    throw new Error('Docker: no engine answers');
  });
  const [port] = await freePorts(1);
  const settings = {
    ...properties(port!, extra),
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

async function brokerFromMaven(extra: Readonly<Record<string, string>>, say: (line: string) => void): Promise<Broker> {
  const libs = await kafkaLibraries(say);
  await sweep();
  const directory = await mkdtemp(join(tmpdir(), `fairshare-kafka-${process.pid}-`));
  let child: ChildProcess | undefined;
  const atExit = (): void => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', atExit);
  const [port, controllerPort] = await freePorts(2);
  const settings = {
    ...properties(port!, extra),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': join(directory, 'data'),
  };
  const file = join(directory, 'server.properties');
  await writeFile(
    file,
    Object.entries(settings)
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
    const log = await open(logFile, 'a');
    // The child dies with this process however that ends: by its exit handler, or by the kernel's signal at its death.
    const [program, words] = existsSync('/usr/bin/setpriv')
      ? ['setpriv', ['--pdeathsig', 'KILL', 'java']]
      : ['java', []];
    child = spawn(program, [...words, ...java, 'kafka.Kafka', file], { stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    const started = child;
    await untilReady(brokers, 60_000, () =>
      ended(started) ? `the process ended (${started.exitCode ?? started.signalCode})` : undefined,
    );
  };
  const kill = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    if (child === undefined || ended(child)) return;
    const gone = new Promise((resolve) => child!.once('exit', resolve));
    child.kill(signal);
    await gone;
  };
  const stop = async (): Promise<void> => {
    // SIGCONT first, or a paused broker waits for ever; its data are thrown away, so there is nothing to flush.
    child?.kill('SIGCONT');
    await kill('SIGKILL');
    process.off('exit', atExit);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', file], {
      timeout: 60_000,
    });
    await launch();
  } catch (error) {
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).split('\n').slice(-15).join('\n');
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
    kill,
    restart: launch,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

/** Removes what a run that was killed left behind. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = /^fairshare-kafka-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** A KRaft cluster id: 16 bytes in URL-safe base64; one that starts with '-' would be read as a flag. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}

/** The directory of Kafka's jars; downloads them once per version. @throws Error with what is missing */
async function kafkaLibraries(say: (line: string) => void): Promise<string> {
  const home = fileURLToPath(new URL(`../../.cache/kafka/${kafkaVersion}/`, import.meta.url));
  const libs = join(home, 'libs');
  const cached = existsSync(libs);
  const missing = [];
  if (!(await answers('java', ['-version']))) missing.push('default-jre-headless');
  if (!cached && !(await answers('mvn', ['-version']))) missing.push('maven');
  if (missing.length > 0) await install(missing, say);
  if (cached) return libs;
  say(`kafka: downloading Apache Kafka ${kafkaVersion} with Maven (about 45 MB, once)`);
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(join(home, 'download-'));
  await writeFile(join(work, 'pom.xml'), pom);
  try {
    const words = ['-q', '-B', '-f', join(work, 'pom.xml'), 'dependency:copy-dependencies'];
    await run('mvn', [...words, '-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'libs')}`], {
      timeout: 600_000,
      maxBuffer: 64 << 20,
    });
    // Two runs may race for the same place: the jars of the first are as good as ours.
    await rename(join(work, 'libs'), libs).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(libs)) throw error;
    });
  } catch (error) {
    throw new Error(`Maven artifacts: the download failed: ${(error as Error).message.slice(0, 600)}`, {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return libs;
}

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>fairshare</groupId><artifactId>test-broker</artifactId><version>1</version><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
</dependencies></project>
`;

async function install(packages: string[], say: (line: string) => void): Promise<void> {
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !(await answers('apt-get', ['--version']))) {
    throw new Error(`Maven artifacts: missing ${packages.join(' and ')}; install with: sudo ${command}`);
  }
  say(`kafka: ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env, timeout: 300_000, maxBuffer: 64 << 20 });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env,
      timeout: 600_000,
      maxBuffer: 64 << 20,
    });
  } catch (error) {
    throw new Error(`Maven artifacts: ${command} failed: ${(error as Error).message.slice(0, 600)}`, { cause: error });
  }
}

const answers = (program: string, words: string[]): Promise<boolean> =>
  run(program, words, { timeout: 60_000 }).then(
    () => true,
    () => false,
  );

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Waits until a broker is listed by the cluster, which a node is only once it may serve. */
async function untilReady(brokers: string[], limit_ms: number, gone: () => string | undefined): Promise<void> {
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const end = Date.now() + limit_ms;
  for (;;) {
    const client = createKafkaClient({ brokers, client_id: 'fairshare-provide' }, { log: quiet, retries: 0 });
    const listed = await client.brokers().catch((error: Error) => error);
    await client.close();
    if (Array.isArray(listed) && listed.length > 0) return;
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
    // Listening before the address is out; and a signal handler alone does not keep the process alive.
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
    process.exitCode = error instanceof Fault ? error.exitCode : 1;
  }
}
