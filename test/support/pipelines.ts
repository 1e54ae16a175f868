// The requests that are sent through nginx, and their figures: by what was sent and received, never by nginx's log.

import { join } from 'node:path';
import { expect } from 'vitest';
import { fairshareHere } from './cli.ts';
import { type Answer, hosts, recordedRequests, type Request } from './nginx.ts';

const NPM = 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false';
const plain: Request = { host: 'npm.example.org', address: '198.51.100.77', method: 'GET', target: '', userAgent: NPM };

/** What a request asks for. */
interface Meaning {
  readonly ecosystem: string;
  readonly package: string;
  readonly version: string;
  readonly client: string;
  readonly isFile: boolean;
}
const npm = (name: string, version: string, isFile = version !== ''): Meaning => ({
  ecosystem: 'npm',
  package: name,
  version,
  client: 'npm',
  isFile,
});

/** Requests that no recorded client sent. */
const odd: readonly (readonly [Request, Meaning])[] = [
  [{ ...plain, target: '/odd/-/odd-1.0.0.tgz', userAgent: `${NPM} caf\xe9`, size: 901 }, npm('odd', '1.0.0')],
  [{ ...plain, target: '/@odd%2Fname/-/name-2.0.0.tgz', size: 902 }, npm('@odd/name', '2.0.0')],
  [{ ...plain, target: '/@odd%2fname', size: 903 }, npm('@odd/name', '')],
  [{ ...plain, target: '/odd%20name', size: 904 }, npm('', '')],
  [{ ...plain, target: '/odd/-/odd-1.0.1.tgz?cache=%22no%22&a=b%26c', size: 905 }, npm('odd', '1.0.1')],
  [{ ...plain, target: '/odd/-/odd-1.0.2.tgz', method: 'HEAD', size: 906 }, npm('odd', '1.0.2')],
  [{ ...plain, target: '/odd/-/odd-9.9.9.tgz' }, npm('odd', '9.9.9')],
  [{ ...plain, target: '/odd/-/odd-1.0.3.tgz', range: 'bytes=0-99', size: 907 }, npm('odd', '1.0.3')],
  [{ ...plain, target: '/odd/-/odd-1.0.4.tgz', range: 'bytes=5000-', size: 908 }, npm('odd', '1.0.4')],
  [{ ...plain, target: '/odd/-/odd-1.0.5.tgz', isConditional: true, size: 909 }, npm('odd', '1.0.5')],
  [{ ...plain, target: '/slow/-/slow-1.0.0.tgz', goesAway: true }, npm('slow', '1.0.0')],
  [{ ...plain, target: '/odd/-/odd-1.0.6.tgz', address: '2001:db8::7', size: 910 }, npm('odd', '1.0.6')],
];

export interface Plan {
  readonly requests: readonly Request[];
  readonly meanings: readonly Meaning[];
}

const hostMap = Object.entries(hosts).flatMap(([host, ecosystem]) => ['--host-map', `${host}=${ecosystem}`]);

interface Classified {
  readonly ecosystem: string;
  readonly package: string | null;
  readonly version: string | null;
  readonly artifact: string;
  readonly client: { readonly name: string };
  readonly status: number;
  readonly excluded?: { readonly reason: string };
}

/** What each line of an edge log means to the program. */
export async function classify(lines: readonly string[]): Promise<Classified[]> {
  const { stdout } = await fairshareHere(
    ['classify', '--log', 'nginx-edge', '--path-prefix', '/debian', ...hostMap],
    { stdin: Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1') }, // prettier-ignore
  );
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Classified); // prettier-ignore
}

/** Requests of recorded clients mean what their recorded lines mean, which `make conformance` compares with the clients' own account. */
export async function plan(): Promise<Plan> {
  const recorded = recordedRequests();
  const meanings = await classify(recorded.map(({ line }) => line));
  return {
    requests: [...recorded.map(({ request }) => request), ...odd.map(([request]) => request)],
    meanings: [
      ...meanings.map((line) => ({
        ecosystem: line.ecosystem,
        package: line.package ?? '',
        version: line.version ?? '',
        client: line.client.name,
        isFile: line.artifact === 'artifact',
      })),
      ...odd.map(([, meaning]) => meaning),
    ],
  };
}

export type Figures = Record<string, { requests: number; downloads: number; partials: number; bytes: number }>;

/** Figures by ecosystem, package, version and client. @param size the bytes that the format logs */
export function figuresOf(
  { requests, meanings }: Plan,
  answers: readonly Answer[],
  size: 'bytes' | 'bodyBytes',
): Figures {
  const figures: Figures = {};
  for (const [i, { status, [size]: bytes }] of answers.entries()) {
    const { ecosystem, package: name, version, client, isFile } = meanings[i];
    const isFileSent = isFile && requests[i].method === 'GET';
    const sum = (figures[[ecosystem, name, version, client].join(' ')] ??= {
      requests: 0,
      downloads: 0,
      partials: 0,
      bytes: 0,
    });
    sum.requests++;
    sum.bytes += bytes;
    if (isFileSent && status === 200) sum.downloads++;
    // Each range of the replay is a part of its file.
    if (isFileSent && status === 206) sum.partials++;
  }
  return figures;
}

export interface Deployed {
  run(...args: string[]): Promise<string>;
  figures(): Promise<Figures>;
}

/** The program with a warehouse at `directory`/`name`. */
export function deployed(directory: string, name: string): Deployed {
  const env = { FAIRSHARE_WAREHOUSE: join(directory, name), FAIRSHARE_CONFIG: join(directory, 'fairshare.yaml') };
  const run = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await fairshareHere(args, { env });
    expect(status, `${args.join(' ')}\n${stderr}`).toBe(0);
    return stdout;
  };
  return {
    run,
    async figures() {
      const sql =
        'SELECT ecosystem, package, version, client, sum(requests) AS requests, sum(downloads) AS downloads, sum(partials) AS partials, sum(bytes) AS bytes FROM usage_known GROUP BY ALL ORDER BY ALL';
      const rows = (await run('query', sql, '--format', 'JSONEachRow'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, string>);
      return Object.fromEntries(
        rows.map((row) => [
          [row.ecosystem, row.package, row.version, row.client].join(' '),
          {
            requests: Number(row.requests),
            downloads: Number(row.downloads),
            partials: Number(row.partials),
            bytes: Number(row.bytes),
          },
        ]),
      );
    },
  };
}
