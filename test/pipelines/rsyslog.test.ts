// nginx's log through rsyslog: to a topic, to files, over UDP. The configuration is the one that docs/PIPELINES.md shows.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rsyslogProgram } from '../provide/debian.ts';
import { startBroker } from '../provide/kafka.ts';
import { freePorts, killAndWait, lastLines, startServer } from '../provide/tools.ts';
import { blocksOf, stepsOf } from '../support/documents.ts';
import { clientOfThisFile, client, newTopic } from '../support/kafka-door.ts';
import { testBrokers, testClient, uniqueName, until } from '../support/kafka.ts';
import { type Answer, hosts, Nginx, type Request } from '../support/nginx.ts';
import { deployed, figuresOf, plan, type Plan } from '../support/pipelines.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const page = blocksOf(readFileSync(fileURLToPath(new URL('../../docs/PIPELINES.md', import.meta.url)), 'utf8'));
const blockWith = (text: string) => page.find((block) => block.text.includes(text))!;

const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
const LOG = '/var/log/nginx/fairshare.jsonl';
let sent: Plan;
let nginx: Nginx;

clientOfThisFile();
beforeAll(async () => {
  writeFileSync(at('fairshare.yaml'), `sources:\n  - { name: edge, format: nginx-edge, path_prefix: /debian, hosts: ${JSON.stringify(hosts)} }\n`); // prettier-ignore
  sent = withLongLine(await plan());
  nginx = await Nginx.start(directory.path);
});
afterAll(async () => {
  await nginx?.stop();
  directory.remove();
});

/** A line of more than 8 KiB, the length at which rsyslog cuts lines by default. */
function withLongLine({ requests, meanings }: Plan): Plan {
  const i = meanings.findIndex((meaning) => meaning.package === 'odd' && meaning.version === '1.0.6');
  const long: Request = {
    ...requests[i],
    target: `${requests[i].target}?q=${'q'.repeat(5_000)}`,
    userAgent: `${requests[i].userAgent} ${'a'.repeat(5_000)}`,
  };
  return { requests: [...requests, long], meanings: [...meanings, meanings[i]] };
}

/** Runs rsyslogd with this configuration while `work` runs. */
async function withRsyslog(name: string, text: string, work: (pid: number) => Promise<void>): Promise<void> {
  const { path, libraries, env } = await rsyslogProgram();
  const [file, output] = [at(`${name}.conf`), at(`${name}.output`)];
  writeFileSync(file, text);
  const words = ['-n', '-f', file, '-i', at(`${name}.pid`), '-M', join(libraries, 'rsyslog')];
  const child = await startServer(path, words, output, env);
  try {
    await work(child.pid!);
  } catch (error) {
    throw new Error(`${(error as Error).message}\nrsyslogd printed: ${await lastLines(output)}`, { cause: error });
  } finally {
    await killAndWait(child, 'SIGTERM');
  }
}

const replaced = (text: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((all, [from, to]) => {
    expect(all).toContain(from);
    return all.replaceAll(from, to);
  }, text);

const countLines = (file: string): number =>
  existsSync(file) ? readFileSync(file, 'latin1').split('\n').length - 1 : 0;

/** The documented configuration, with the test's paths. */
const toKafka = (broker: string, topic: string): string =>
  replaced(blockWith('omkafka').text, {
    '/var/spool/rsyslog': directory.path,
    [LOG]: at('logs/edge.jsonl'),
    'broker1:9092': broker,
    'npm-logs': topic,
  });

/** Lets nginx begin a new log. */
async function freshLog(): Promise<void> {
  const old = readdirSync(at('logs')).length;
  renameSync(at('logs/edge.jsonl'), at('logs', `edge.jsonl.${old}`));
  await nginx.reopen();
}

it('imfile and omkafka carry every line of the log to a topic, over a rotation', async () => {
  const topic = await newTopic(2);
  const text = toKafka(testBrokers()[0], topic);
  const arrived = async (): Promise<number> =>
    (await client.watermarks(topic)).reduce((sum, { high }) => sum + Number(high), 0);
  const answers: Answer[] = [];
  const half = Math.floor(sent.requests.length / 2);
  await withRsyslog('kafka', text, async () => {
    answers.push(...(await nginx.replay(sent.requests.slice(0, half))));
    await freshLog();
    answers.push(...(await nginx.replay(sent.requests.slice(half))));
    await until(async () => (await arrived()) >= answers.length, 60_000);
  });
  expect(await arrived()).toBe(answers.length);
  copyMigratedWarehouse(at('kafka'));
  const { run, figures } = deployed(directory.path, 'kafka');
  const words = [
    '--topic',
    topic,
    '--source',
    'edge',
    '--group',
    uniqueName('pipeline'),
    '--brokers',
    testBrokers()[0],
  ];
  await run('ingest', 'kafka', ...words, '--until-end');
  expect(await figures()).toEqual(figuresOf(sent, answers, 'bytes'));
});

it('no line is lost while the broker is down, nor while rsyslog is', async () => {
  const broker = await startBroker({ own: true });
  const own = testClient(broker.brokers);
  try {
    const topic = uniqueName('outage');
    await own.createTopic({ topic, partitions: 1 });
    const text = toKafka(broker.brokers[0], topic);
    await freshLog();
    const third = Math.floor(sent.requests.length / 3);
    const arrived = new Set<string>();
    const idsIn = (lines: string): string[] => lines.match(/"request_id":"\w+"/g) ?? [];
    const sentIds = (): Set<string> => new Set(idsIn(nginx.lines('edge.jsonl').join()));
    const readAll = async (): Promise<void> => {
      const [{ low, high }] = await own.watermarks(topic);
      for await (const { records } of own.read({ topic, partition: 0, from: low, to: high }))
        for (const { value } of records)
          for (const id of idsIn(Buffer.from(value!).toString('latin1'))) arrived.add(id);
    };
    const allArrived = (): Promise<void> =>
      until(async () => {
        await readAll();
        return arrived.size >= sentIds().size;
      }, 90_000);
    await withRsyslog('outage', text, async () => {
      await nginx.replay(sent.requests.slice(0, third));
      await allArrived();
      await broker.kill('SIGKILL');
      await nginx.replay(sent.requests.slice(third, 2 * third));
      await sleep(3_000);
      await broker.restart();
      await allArrived();
    });
    await nginx.replay(sent.requests.slice(2 * third));
    await withRsyslog('outage', text, allArrived);
    expect(arrived).toEqual(sentIds());
    expect(arrived.size).toBe(sent.requests.length);
  } finally {
    await own.close();
    await broker.stop();
  }
});

describe('a header of rsyslog', () => {
  const templates = ['RSYSLOG_TraditionalFileFormat', 'RSYSLOG_FileFormat', 'RSYSLOG_SyslogProtocol23Format', 'line']; // prettier-ignore
  let answers: Answer[];

  beforeAll(async () => {
    await freshLog();
    answers = await nginx.replay(sent.requests);
    const actions = templates.map((name) => `action(type="omfile" file="${at(`${name}.log`)}" template="${name}")`);
    await withRsyslog(
      'files',
      `global(workDirectory="${directory.path}" maxMessageSize="64k")
module(load="imfile")
template(name="line" type="string" string="%msg%\\n")
ruleset(name="all") {
  ${actions.join('\n  ')}
}
input(type="imfile" file="${at('logs/edge.jsonl')}" tag="nginx:" ruleset="all")
`,
      () => until(() => templates.every((name) => countLines(at(`${name}.log`)) >= answers.length)),
    );
  });

  it.each(templates)('%s', async (name) => {
    copyMigratedWarehouse(at(name));
    const { run, figures } = deployed(directory.path, name);
    await run('ingest', 'files', at(`${name}.log`), '--source', 'edge');
    expect(await figures()).toEqual(figuresOf(sent, answers, 'bytes'));
  });
});

it('UDP loses lines, and request ids name them', async () => {
  const [port] = await freePorts(1);
  const received = at('received.log');
  const { address, ...wheel } = sent.requests[0];
  const burst = Array.from({ length: 300 }, () => ({ ...wheel, address }));
  const udp = temporaryDirectory();
  const edge = await Nginx.start(
    udp.path,
    `access_log syslog:server=127.0.0.1:${port},nohostname,tag=nginx fairshare;`,
  );
  try {
    await withRsyslog(
      'udp',
      `global(workDirectory="${directory.path}" maxMessageSize="64k")
module(load="imudp")
input(type="imudp" port="${port}" address="127.0.0.1" rcvbufSize="4k" ruleset="all")
ruleset(name="all") { action(type="omfile" file="${received}" template="RSYSLOG_FileFormat") }
`,
      async (pid) => {
        // nginx sends to a port that nobody has opened yet, and loses that line too.
        await until(async () => {
          await edge.replay([burst[0]]);
          return countLines(received) > 0;
        });
        process.kill(pid, 'SIGSTOP');
        await edge.replay(burst);
        process.kill(pid, 'SIGCONT');
        const before = countLines(received);
        await edge.replay(burst.slice(0, 1));
        await until(() => countLines(received) > before);
      },
    );
    const log = edge.lines('edge.jsonl');
    writeFileSync(at('sent.jsonl'), `${log.join('\n')}\n`, 'latin1');
    const lost = log.length - countLines(received);
    expect(lost).toBeGreaterThan(100);
    const [{ script }] = stepsOf(blockWith('comm -23'));
    expect(Number(execFileSync('bash', ['-c', script], { cwd: directory.path }).toString())).toBe(lost);
  } finally {
    await edge.stop();
    udp.remove();
  }
});
