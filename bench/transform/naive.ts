// Rival (a): the version that an engineer writes first. JSON.parse line by line, regular expressions, and a Map on the joined
// key. It caches decisions about an address or a user agent, as an engineer would after the first profile.

import { closeSync, openSync, readSync } from 'node:fs';
import { Address, parseAddress, wordMask } from '../../transform/networks/address.ts';
import type { Rules } from '../month.ts';
import type { Contender } from './contender.ts';
import { joinPrefixes, type JoinedPrefix } from './joined-prefixes.ts';
import { products } from './products.ts';

const CHUNK_BYTES = 4 << 20;

interface Line {
  readonly timestamp: string;
  readonly client_ip: string;
  readonly client_country: string;
  readonly request: string;
  readonly request_path: string;
  readonly request_query: string;
  readonly user_agent: string;
  readonly response_status: number;
  readonly response_bytes: number;
  readonly request_range: string;
}

interface Sums {
  requests: number;
  downloads: number;
  bytes: number;
  download_bytes: number;
  maxDownload_bytes: number;
}

interface Client {
  readonly client: string;
  readonly kind: string;
  readonly crawlerList: string;
  readonly ciProvider: string;
  readonly token: string;
}

type Place = Omit<JoinedPrefix, 'cidr' | 'text'> & { readonly network: string };

const TOKEN = / ?\(fairshare-token: ([^)]+)\)/;
const PRODUCT =
  /^Mozilla\/.*?(GPTBot|OAI-SearchBot|ChatGPT-User|ClaudeBot|Claude-User|Claude-SearchBot|PerplexityBot|Perplexity-User|Googlebot|bingbot|Bytespider|Amazonbot|Chrome|Firefox|Version)|^npm \((verdaccio)|^([^/ (]*)/;
const PATH = /^\/((?:@[^/]+\/)?[^/@-][^/]*)(?:\/-\/([^/]+\.tgz))?$/;
const VERSION = /^[^/]*?-(\d+\.\d+\.\d+[^/]*)\.tgz$/;

export class Naive implements Contender {
  private tokens!: Rules['tokens'];
  /** Prefix bits → masked words → network data; longest first. */
  private prefixes!: [number, Map<string, JoinedPrefix>][];
  private groups = new Map<string, Sums>();
  private clients = new Map<string, Client>();
  private places = new Map<string, Place>();

  async prepare(_month: unknown, rules: Rules): Promise<void> {
    this.tokens = rules.tokens;
    const byBits = new Map<number, Map<string, JoinedPrefix>>();
    for (const joined of joinPrefixes(rules)) {
      const bits = joined.cidr.prefixLength + (joined.cidr.family === 4 ? 96 : 0);
      if (!byBits.has(bits)) byBits.set(bits, new Map());
      byBits.get(bits)!.set(joined.cidr.words.join(), joined);
    }
    this.prefixes = [...byBits].sort(([a], [b]) => b - a);
  }

  async run(log: string): Promise<void> {
    this.groups = new Map();
    this.clients = new Map();
    this.places = new Map();
    const file = openSync(log, 'r');
    const buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let kept = '';
    for (let read; (read = readSync(file, buf)) > 0;) {
      const lines = (kept + buf.toString('latin1', 0, read)).split('\n');
      kept = lines.pop()!;
      for (const line of lines) this.add(line);
    }
    closeSync(file);
  }

  private add(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return;
    }
    const { response_status: status, response_bytes: bytes } = line;
    if (status < 100 || status > 599) return;
    const place = this.placeOf(line.client_ip);
    if (place === null) return;
    const client = this.clientOf(line.user_agent);
    const path = PATH.exec(line.request_path);
    const file = path?.[2] ?? '';
    const token =
      line.request_query === '' ? client.token : this.tokenOf(/fairshare_token=([^&]+)/.exec(line.request_query)?.[1]);
    const key = [
      line.timestamp.slice(0, 13),
      path?.[1] ?? '',
      file === '' ? '' : (VERSION.exec(file)?.[1] ?? ''),
      file !== '' ? 'artifact' : path === null ? 'other' : 'metadata',
      file,
      requesterOf(client, place),
      token,
      place.prefix,
      place.rangeId,
      place.networkType,
      line.client_country,
      place.network,
    ].join('\t');
    let sums = this.groups.get(key);
    if (sums === undefined) {
      sums = { requests: 0, downloads: 0, bytes: 0, download_bytes: 0, maxDownload_bytes: 0 };
      this.groups.set(key, sums);
    }
    sums.requests++;
    sums.bytes += bytes;
    const isWhole = status === 200 || (status === 206 && /^(?:bytes=0-|$)/.test(line.request_range));
    if (file !== '' && line.request === 'GET' && isWhole) {
      sums.downloads++;
      sums.download_bytes += bytes;
      sums.maxDownload_bytes = Math.max(sums.maxDownload_bytes, bytes);
    }
  }

  private tokenOf(token: string | undefined): string {
    return token === undefined ? '' : (this.tokens[token] ?? '');
  }

  private clientOf(userAgent: string): Client {
    let client = this.clients.get(userAgent);
    if (client === undefined) {
      const stripped = userAgent.replace(TOKEN, '');
      const product =
        PRODUCT.exec(stripped)!
          .slice(1)
          .find((name) => name !== undefined) ?? '';
      const [name, kind, crawlerList = ''] = products[product] ?? ['unknown', 'unknown'];
      client = {
        client: name,
        kind: / agent\/[\w-]+$/.test(stripped) ? 'ai_coding_agent' : kind,
        crawlerList,
        ciProvider: / ci\/([^/ ]+)/.exec(stripped)?.[1] ?? '',
        token: this.tokenOf(TOKEN.exec(userAgent)?.[1]),
      };
      this.clients.set(userAgent, client);
    }
    return client;
  }

  /** Returns null if the text is no address. */
  private placeOf(text: string): Place | null {
    let place = this.places.get(text);
    if (place !== undefined) return place;
    const address = new Address();
    if (!parseAddress(Buffer.from(text), 0, text.length, address)) return null;
    const network = address.isIpv4 ? text.replace(/\d+$/, '0/24') : text.replace(/^([^:]*:[^:]*:[^:]*):.*$/, '$1::/48');
    place = { network, prefix: '', rangeId: '', rangeType: '', crawlerLists: '', networkType: '' };
    for (const [bits, table] of this.prefixes) {
      const joined = table.get(Array.from(address.words, (word, k) => (word & wordMask(bits - 32 * k)) >>> 0).join());
      if (joined === undefined) continue;
      place = { ...joined, network };
      break;
    }
    this.places.set(text, place);
    return place;
  }

  *answer(): Iterable<string> {
    for (const [key, { requests, downloads, bytes, download_bytes, maxDownload_bytes }] of this.groups) {
      const hour = Date.parse(`${key.slice(0, 13)}:00:00Z`) / 1000;
      yield [hour + key.slice(13), requests, downloads, bytes, download_bytes, maxDownload_bytes].join('\t');
    }
  }
}

/**
 * Class, identity, client, CI, CI provider, container, rule: by docs/METHODOLOGY.md's precedence, for the fields of this log.
 */
function requesterOf({ client, kind, crawlerList, ciProvider }: Client, place: Place): string {
  const ci = ciProvider === '' ? -1 : 1;
  const container = ciProvider === 'earthly' ? 1 : -1;
  const decided = (requesterClass: string, evidence: string, identity = 'none') =>
    `${requesterClass}\t${identity}\t${client}\t${ci}\t${ciProvider}\t${container}\t${requesterClass}/${evidence}`;
  if (/_|bot/.test(kind) && kind !== 'package_manager' && kind !== 'http_library') {
    if (crawlerList === '') return decided(kind, 'user-agent', 'claimed');
    if (place.crawlerLists.includes(crawlerList)) return decided(kind, 'published-list', 'ip_verified');
    return decided('unknown', 'contradicted', 'contradicted');
  }
  if (ci === 1) return decided('ci', 'client-flag');
  const usedAs = place.rangeType || place.networkType;
  if (/^(?:cloud|ci|hosting)$/.test(usedAs)) {
    if (kind === 'http_library') return decided('automation', 'hosting-http-library');
    if (client === 'none') return decided('automation', 'hosting-no-user-agent');
  }
  if (/^(?:isp|mobile|cgnat)$/.test(usedAs) && /^(?:package_manager|browser)$/.test(kind))
    return decided('developer', 'eyeball-network');
  if (client === 'none') return decided('unknown', 'no-user-agent');
  return decided('unknown', usedAs === 'ci' ? 'ci-range-only' : 'no-evidence');
}
