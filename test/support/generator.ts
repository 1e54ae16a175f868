// Access logs that contain their own truth: every line has an id in its path's version, a package, an hour and bytes, so that
// the oracle finds a lost or doubled line. One seed gives the same lines, in any slice.

import { DAY_MS, startOf } from '../../transform/periods.ts';
import { Random as Chance, TWO_POW_MINUS_32 } from '../../transform/random.ts';

/** Seeded random numbers for tests, which print the seed, so that a person can replay a run. */
export class Random extends Chance {
  /** [0, 1) */
  fraction(): number {
    return this.next() * TWO_POW_MINUS_32;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  pick<T>(of: readonly T[]): T {
    return of[this.below(of.length)];
  }
}

export interface GeneratorOptions {
  readonly seed: number;
  readonly lines: number;
  /** YYYY-MM-DD */
  readonly firstDay?: string;
  readonly days?: number;
  readonly packages?: number;
  /** Shares of lines that are not requests. */
  readonly malformed?: number;
  readonly blank?: number;
}

/** The truth of the generated lines: sums by (hour, package), and the number of lines of each kind. */
export interface Truth {
  lines: number;
  requests: number;
  excluded: number;
  quarantined: number;
  bytes: bigint;
  /** 'YYYY-MM-DD hh:00:00 package' → requests and bytes */
  readonly cells: Map<string, { requests: number; bytes: bigint }>;
}

export const noTruth = (): Truth => ({
  lines: 0,
  requests: 0,
  excluded: 0,
  quarantined: 0,
  bytes: 0n,
  cells: new Map(),
});

export function addTruth(to: Truth, from: Truth): Truth {
  to.lines += from.lines;
  to.requests += from.requests;
  to.excluded += from.excluded;
  to.quarantined += from.quarantined;
  to.bytes += from.bytes;
  for (const [key, { requests, bytes }] of from.cells) addToCell(to, key, requests, bytes);
  return to;
}

function addToCell({ cells }: Truth, key: string, requests: number, bytes: bigint): void {
  const cell = cells.get(key);
  if (cell === undefined) cells.set(key, { requests, bytes });
  else {
    cell.requests += requests;
    cell.bytes += bytes;
  }
}

export interface Generated {
  readonly lines: readonly string[];
  readonly truth: Truth;
}

const userAgents = [
  'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false',
  'npm/10.9.0 node/v22.1.0 linux x64 workspaces/false ci/github-actions',
  'pnpm/9.15.0 npm/? node/v22.1.0 linux x64',
  'yarn/1.22.22 npm/? node/v20.0.0 linux x64',
  'Mozilla/5.0 (compatible; ExampleBot/1.0; +https://bot.example)',
];

/** Every way in which a line of text can be unreadable, made from a good line. */
const breakages: readonly ((line: string) => string)[] = [
  (line) => line.slice(0, line.length >> 1),
  (line) => line.replace('{', '{{'),
  (line) => line.replace(/"timestamp":"[^"]*"/, '"timestamp":"yesterday"'),
  (line) => line.replace(/"timestamp":"\d{4}/, '"timestamp":"1970'),
  (line) => line.replace(/"response_bytes":\d+/, '"response_bytes":{}'),
  (line) => line.replace('"response_status":', '"status":'),
  (line) => line.replace('"request":', '"client_ip":"203.0.113.9","request":'),
  () => 'GET /left-pad HTTP/1.1',
];

/** Ids are `${prefix}${n}`, so logs of two prefixes never share an id. */
export function generate(
  { seed, lines, firstDay = '2026-10-01', days = 3, packages = 40, malformed = 0.01, blank = 0.005 }: GeneratorOptions,
  prefix = '',
): Generated {
  const random = new Random(seed);
  const start = startOf(firstDay);
  const out: string[] = [];
  const truth = noTruth();
  for (let n = 0; n < lines; n++) {
    const name = `pkg-${Math.floor(packages * random.fraction() ** 2)}`;
    const at = start + random.below(days * DAY_MS);
    const bytes = random.between(100, 5_000_000);
    const line = edgeLine(at, name, `1.0.${n}${prefix}`, bytes, random);
    truth.lines++;
    if (random.chance(malformed)) {
      out.push(random.pick(breakages)(line));
      truth.quarantined++;
    } else if (random.chance(blank)) {
      out.push('');
      truth.excluded++;
    } else {
      out.push(line);
      truth.requests++;
      truth.bytes += BigInt(bytes);
      const hour = `${new Date(at).toISOString().slice(0, 13).replace('T', ' ')}:00:00`;
      addToCell(truth, `${hour} ${name}`, 1, BigInt(bytes));
    }
  }
  return { lines: out, truth };
}

const edgeLine = (at: number, name: string, version: string, bytes: number, random: Random): string =>
  JSON.stringify({
    timestamp: new Date(at).toISOString(),
    client_ip: `198.51.${random.below(8)}.${random.between(1, 254)}`,
    request: 'GET',
    request_path: `/${name}/-/${name}-${version}.tgz`,
    request_query: '',
    user_agent: random.pick(userAgents),
    response_status: 200,
    response_bytes: bytes,
    response_cache: 'HIT',
    request_range: '',
    tls_version: 'TLSv1.3',
    time_elapsed: 0.001,
  });

/**
 * Lines as values of Kafka messages: one line each, or many. A blank line keeps its line end, because without it the message
 * contains no line.
 */
export function messagesOf(lines: readonly string[], linesPerMessage: number): string[] {
  const messages: string[] = [];
  for (let at = 0; at < lines.length; at += linesPerMessage) {
    const part = lines.slice(at, at + linesPerMessage);
    messages.push(part.length === 1 && part[0] !== '' ? part[0] : `${part.join('\n')}\n`);
  }
  return messages;
}
