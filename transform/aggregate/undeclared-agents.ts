// The heaviest user agents of a batch whose class is unknown or hosted, so that the lists of clients can be kept current
// (`fairshare unknown`). What only one or two networks sent is not kept, because it may tell who they are.

import { type Classifier } from '../classifier.ts';
import { maskedUserAgent } from '../clients/masked.ts';
import { extractToken } from '../clients/token.ts';
import { type ClassifiedBatch, type RequestBatch } from '../request-batch.ts';
import { type RequestReader } from '../request-reader.ts';

export const undeclaredClasses = ['unknown', 'hosted'] as const;
export type UndeclaredClass = (typeof undeclaredClasses)[number];

export interface UndeclaredAgent {
  readonly requesterClass: UndeclaredClass;
  /** Masked. */
  readonly userAgent: string;
  readonly requests: number;
  readonly bytes: number;
}

/** Networks that must have sent a user agent in the batch. */
export const MIN_NETWORKS = 3;
export const MOST_AGENTS = 100;
/** Masking is slow, so only so many of the heaviest are masked; several may become one. */
const MOST_MASKED = 4 * MOST_AGENTS;

/** User agents that appear after so many others are not counted: they are not the heaviest, and all of them could fill the memory. */
const MOST_CODES = 100_000;

/** Columns of a distinct user agent: requests and bytes of each class, the networks seen so far (two of them, and their number). */
const UNKNOWN = 0;
const HOSTED = 2;
const SUMS = 4;
const NETWORKS = 3;

export class UndeclaredAgents {
  private readonly reader: RequestReader;
  private readonly classifier: Classifier;
  private sums = new Float64Array(0);
  private networks = new Int32Array(0);
  /** Requester → its place in the sums; −1: it declares something. */
  private places = new Int8Array(256);
  private requesters = 0;
  /** User agent → its masked text. Masking is slow, and the next batch mostly has the same. */
  private readonly masked = new Map<number, string>();

  constructor(reader: RequestReader, classifier: Classifier) {
    this.reader = reader;
    this.classifier = classifier;
  }

  add({ length, userAgent, bytes }: RequestBatch, { requester, network }: ClassifiedBatch): void {
    this.reserve();
    const { places, sums, networks } = this;
    for (let i = 0; i < length; i++) {
      const place = places[requester[i]];
      if (place < 0) continue;
      const agent = userAgent[i];
      if (agent >= MOST_CODES) continue;
      const at = agent * SUMS + place;
      sums[at]++;
      if (bytes[i] > 0) sums[at + 1] += bytes[i];
      const seen = agent * NETWORKS;
      const code = network[i];
      const count = networks[seen + 2];
      if (count >= MIN_NETWORKS || code === 0 || (count > 0 && code === networks[seen]) || (count > 1 && code === networks[seen + 1])) continue; // prettier-ignore
      if (count < 2) networks[seen + count] = code;
      networks[seen + 2] = count + 1;
    }
  }

  /** The heaviest first, by requests. The next batch begins empty. */
  finish(): UndeclaredAgent[] {
    const { sums, networks } = this;
    const found: [requests: number, at: number][] = [];
    for (let agent = 0, count = sums.length / SUMS; agent < count; agent++)
      if (networks[agent * NETWORKS + 2] >= MIN_NETWORKS)
        for (const place of [UNKNOWN, HOSTED]) {
          const requests = sums[agent * SUMS + place];
          if (requests > 0) found.push([requests, agent * SUMS + place]);
        }
    found.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    const merged = new Map<string, UndeclaredAgent>();
    for (const [requests, at] of found.slice(0, MOST_MASKED)) {
      const userAgent = this.maskedText(Math.floor(at / SUMS));
      const requesterClass = at % SUMS === UNKNOWN ? 'unknown' : 'hosted';
      const key = `${requesterClass} ${userAgent}`;
      const before = merged.get(key);
      merged.set(key, {
        requesterClass,
        userAgent,
        requests: requests + (before?.requests ?? 0),
        bytes: sums[at + 1] + (before?.bytes ?? 0),
      });
    }
    sums.fill(0);
    networks.fill(0);
    return [...merged.values()].sort((a, b) => b.requests - a.requests).slice(0, MOST_AGENTS);
  }

  private maskedText(agent: number): string {
    let masked = this.masked.get(agent);
    if (masked === undefined) {
      const { userAgents, tokens } = this.reader;
      masked = maskedUserAgent(extractToken(decoder.decode(userAgents.view(agent)), tokens.userAgentKey).rest);
      this.masked.set(agent, masked);
    }
    return masked;
  }

  /** Forgets every code. The reader and the classifier do so in the same step. */
  clear(): void {
    this.sums = new Float64Array(0);
    this.networks = new Int32Array(0);
    this.requesters = 0;
    this.masked.clear();
  }

  /** Makes room for the user agents and requesters of the chunk. */
  private reserve(): void {
    const size = Math.min(this.reader.userAgents.size, MOST_CODES);
    if (size * SUMS > this.sums.length) {
      const [sums, networks] = [this.sums, this.networks];
      this.sums = new Float64Array(size * 2 * SUMS);
      this.sums.set(sums);
      this.networks = new Int32Array(size * 2 * NETWORKS);
      this.networks.set(networks);
    }
    const { requesters } = this.classifier;
    if (requesters.length > this.places.length) {
      const { places } = this;
      this.places = new Int8Array(requesters.length * 2);
      this.places.set(places);
    }
    for (; this.requesters < requesters.length; this.requesters++) {
      const { requesterClass } = requesters[this.requesters];
      this.places[this.requesters] = requesterClass === 'unknown' ? UNKNOWN : requesterClass === 'hosted' ? HOSTED : -1;
    }
  }
}

const decoder = new TextDecoder();
