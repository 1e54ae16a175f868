// The hot loop: draws one request after another, writes its line, and adds up its truth. Nothing is allocated per line.

import { artifactKinds } from '../../transform/packages/ecosystem.ts';
import { buildCatalogue, type Catalogue } from './catalogue.ts';
import { Line, lineFormats, SourceBytes, type EncodedUserAgent, type LineFormat } from './line-formats.ts';
import type { ObjectWriter } from './object-file.ts';
import { teamToken, type Organisation } from './organisations.ts';
import { weekOf, type ObjectPlan, type Slice, type WeekOfSource } from './plan.ts';
import { evidenceKinds, type Population } from './population.ts';
import { mix32, Random } from './random.ts';
import { registryShapes, type RegistryShape } from './registry-shapes.ts';
import type { Segment, SourceName } from './scenario.ts';
import { type Fragment, fragmentOf, NOTHING } from './text-buffer.ts';
import type { LineTruth, RequestTruth, Totals } from './truth.ts';
import { platforms, RUN_ID_HOLE, userAgentsOf } from './user-agents.ts';
import { DAY_MS } from '../../transform/periods.ts';

/** Name of the query parameter that carries a token. */
export const TOKEN_PARAMETER = 'fairshare_token';
const tokenComment = (token: string): string => ` (fairshare-token: ${token})`;

const UINT32 = 2 ** 32;
/** Rare lines, as shares of all lines, in 32-bit thresholds. */
const MALFORMED = UINT32 / 2_500;
const LATE = MALFORMED + UINT32 / 1_500;
const OTHER_LOG = LATE + UINT32 / 200;
const DUPLICATED = UINT32 / 1_500;
/** A duplicate follows its original within this many lines. */
const DUPLICATE_DISTANCE = 400;
/** A line's time is up to this long before the time at which it is written. */
const JITTER_MS = 2_047;

const GARBAGE = fragmentOf('upstream prematurely closed connection while reading response header');
const ARTIFACT = artifactKinds.indexOf('artifact');
const TOKEN = evidenceKinds.indexOf('token');
const [GET, HEAD, POST] = [0, 1, 2];

export interface World {
  readonly seed: number;
  readonly population: Population;
  readonly segments: readonly Segment[];
  readonly organisations: readonly Organisation[];
  /** Tokens of each organisation. */
  readonly teams: number;
  /** Which user agents send the token, where an address has one. */
  readonly sendsToken: (userAgent: string) => boolean;
  /** Index into the classes of the totals, per segment. */
  readonly classOfSegment: Uint8Array;
  readonly totals: Totals;
  readonly lineTruth: LineTruth | null;
}

/** Counts over the whole run. */
export class Tally {
  readonly addressBytes: Float64Array;
  readonly addressRequests: Float64Array;
  requests = 0;
  cloudRequests = 0;
  artifactRequests = 0;
  v6Requests = 0;
  spoofedRequests = 0;

  constructor(addresses: number) {
    this.addressBytes = new Float64Array(addresses);
    this.addressRequests = new Float64Array(addresses);
  }
}

export interface ObjectCounts {
  lines: number;
  requests: number;
  excluded: number;
  quarantined: number;
  duplicates: number;
  /** Requests of an earlier day than the object's. */
  late: number;
  bytes: number;
}
const noCounts = (): ObjectCounts => ({
  lines: 0,
  requests: 0,
  excluded: 0,
  quarantined: 0,
  duplicates: 0,
  late: 0,
  bytes: 0,
});

const PAUSE_LINES = 20_000;

export class SourceGenerator {
  readonly name: SourceName;
  readonly shape: RegistryShape;
  readonly format: LineFormat;
  readonly week: WeekOfSource;
  private readonly world: World;
  private readonly index: number;
  private readonly tally: Tally;
  private readonly out: ObjectWriter;
  private readonly catalogue: Catalogue;
  private readonly bytes: SourceBytes;
  private readonly ecosystem: Fragment;
  /** [segment × platforms + platform] → 256 user agents, each as often as its weight says. */
  private readonly agents: readonly (readonly EncodedUserAgent[])[];
  private readonly comments: readonly Fragment[];
  private readonly queries: readonly Fragment[];
  private readonly artifactThreshold: Float64Array;
  private readonly line = new Line();
  private readonly truth: RequestTruth = { occurredAt_ms: 0, resource: 0, address: 0, isDownload: false, bytes: 0 };
  private random = new Random(0);
  private counts = noCounts();
  private dayStart_ms = 0;
  // The line that will be delivered once more, after `due` lines; 0: no line waits.
  private readonly duplicate = Buffer.alloc(8_192);
  private duplicateLength = 0;
  private duplicateDue = 0;
  private readonly duplicateTruth: RequestTruth = { ...this.truth };

  constructor(world: World, name: SourceName, index: number, packages: number, tally: Tally, out: ObjectWriter) {
    this.world = world;
    this.name = name;
    this.index = index;
    this.tally = tally;
    this.out = out;
    this.shape = registryShapes[name];
    this.format = lineFormats[name];
    this.week = weekOf(name, world.segments);
    const { encodePath, encodeUserAgent } = this.format;
    this.catalogue = buildCatalogue(this.shape, packages, world.seed, encodePath);
    this.bytes = new SourceBytes(this.shape.host, world.population, this.catalogue);
    this.ecosystem = fragmentOf(this.shape.ecosystem);
    this.agents = world.segments.flatMap(({ name: segment }) =>
      platforms.map((platform) => spread(userAgentsOf(segment, name, platform), encodeUserAgent, world.sendsToken)),
    );
    const tokens = world.organisations.flatMap(({ token, tokenPlace }) =>
      Array.from({ length: world.teams }, (_, team) => ({
        token: token === null ? null : teamToken(token, team, world.teams),
        tokenPlace,
      })),
    );
    this.comments = tokens.map(({ token, tokenPlace }) =>
      token !== null && tokenPlace === 'user-agent' ? fragmentOf(encodeUserAgent(tokenComment(token))) : NOTHING,
    );
    this.queries = tokens.map(({ token, tokenPlace }) =>
      token !== null && tokenPlace === 'query' ? fragmentOf(`${TOKEN_PARAMETER}=${token}`) : NOTHING,
    );
    this.artifactThreshold = Float64Array.from(world.segments, ({ artifacts }) => artifacts * UINT32);
  }

  /**
   * Writes one object's lines. The caller opens the object and the truth of its lines before.
   * @param pause called every so many lines, so that a signal can be handled
   */
  async writeObject(plan: ObjectPlan, pause: () => Promise<void>): Promise<ObjectCounts> {
    this.random = new Random(this.world.seed, 0x10e, this.index, plan.day, plan.index);
    this.counts = noCounts();
    this.dayStart_ms = plan.start_ms - (plan.start_ms % DAY_MS);
    // Nothing is delivered more than a day late: on short days, the repetition is dropped.
    if (this.duplicateTruth.occurredAt_ms < this.dayStart_ms - DAY_MS) this.duplicateDue = 0;
    const preamble = (this.format.preamble ?? []).slice(0, plan.lines);
    for (const directive of preamble) {
      this.out.text.fragment(fragmentOf(`${directive}\n`));
      this.countOther('excluded');
    }
    let used = preamble.length;
    for (const slice of plan.slices) {
      const skipped = Math.min(used, slice.lines);
      used -= skipped;
      await this.writeSlice(plan, slice, slice.lines - skipped, pause);
    }
    return this.counts;
  }

  private async writeSlice(plan: ObjectPlan, slice: Slice, lines: number, pause: () => Promise<void>): Promise<void> {
    const { random, line, format } = this;
    const step_ms = (slice.end_ms - slice.start_ms) / lines;
    for (let i = 0; i < lines; i++) {
      if (i % PAUSE_LINES === PAUSE_LINES - 1) await pause();
      if (this.duplicateDue > 0 && --this.duplicateDue === 0) {
        this.repeat();
        continue;
      }
      const fate = random.next();
      const now_ms = Math.floor(slice.start_ms + (i + random.next() / UINT32) * step_ms);
      line.occurredAt_ms = Math.max(plan.start_ms, now_ms - (fate & JITTER_MS));
      if (fate < LATE && fate >= MALFORMED && plan.day > 0) {
        const earliest_ms = now_ms - DAY_MS; // CDNs deliver up to a day late
        line.occurredAt_ms = earliest_ms + random.below(this.dayStart_ms - earliest_ms);
      }
      line.isOtherLog = format.mixesLogs === true && fate >= LATE && fate < OTHER_LOG;
      this.draw(slice.hourOfWeek);
      if (fate < MALFORMED) this.writeBroken();
      else this.writeLine();
    }
  }

  /** Decides everything about the line except its time. */
  private draw(hourOfWeek: number): void {
    const { random, line, catalogue, world } = this;
    const { population } = world;
    const segment = this.week.segments[hourOfWeek].pick(random);
    const address = population.segmentFirst[segment] + population.segmentChoice[segment].pick(random);
    const salt = population.salt[address];
    const bits = random.next();
    line.address = address;
    line.detail = random.next();

    // Builds request the same packages over and over; others request any package.
    const { workingSet } = world.segments[segment];
    let u = random.next();
    let v = random.next();
    if (workingSet > 0) {
      u = mix32(salt + Math.imul(u % workingSet, 0x9e3779b1));
      v = mix32(u + 1);
    }
    const pkg = catalogue.popularity.at(u, v);
    const first = catalogue.first[pkg];
    const versions = catalogue.versionCount[pkg];
    const chosen = mix32(u + v);
    const version = (chosen & 7) < 5 ? versions - 1 : (chosen >>> 3) % versions;

    let resource = first + version;
    if (bits >= this.artifactThreshold[segment]) {
      const plain = catalogue.plainChoices[catalogue.plainMix.pick(random)];
      if (plain.common >= 0) resource = plain.common;
      else resource = first + versions * plain.multiplier + plain.offset + (plain.perVersion ? version : 0);
    }
    line.resource = resource;

    // An address has one user agent of its own, and sometimes sends another.
    const other = (bits & 7) === 0 ? line.detail >>> 24 : 0;
    line.userAgent = this.agents[segment * platforms.length + population.platform[address]][(salt + other) & 255]!;
    line.comment = NOTHING;
    line.query = NOTHING;
    if (population.evidence[address] === TOKEN && line.userAgent.sendsToken) {
      const team = (population.organisation[address] - 1) * world.teams + (salt % world.teams);
      line.comment = this.comments[team]!;
      line.query = this.queries[team]!;
    }
    this.drawResponse(resource, (bits >>> 3) % 1000);
  }

  /** @param chance 0 … 999 */
  private drawResponse(resource: number, chance: number): void {
    const { line, catalogue, format } = this;
    const headers_bytes = format.countsHeaders === true ? 140 + (line.detail & 31) : 0;
    const size_bytes = catalogue.size_bytes[resource];
    const isArtifact = catalogue.kind[resource] === ARTIFACT;
    line.rangeStart = line.rangeEnd = -1;
    line.method = GET;
    line.status = 200;
    line.bytes = headers_bytes + size_bytes;
    if (catalogue.posted[resource] === 1) {
      line.method = POST;
      return;
    }
    if (chance < (isArtifact ? 955 : 720)) return;
    if (isArtifact && format.logsRange === true && chance < 965) {
      line.status = 206;
      // Both halves of a file, so that a line alone tells that it is a part.
      const half = Math.floor(size_bytes / 2);
      if (chance < 960) [line.rangeStart, line.rangeEnd] = [0, half - 1];
      else line.rangeStart = half;
      line.bytes = headers_bytes + (chance < 960 ? half : size_bytes - half);
    } else if (chance < (isArtifact ? 970 : 920)) {
      line.status = 304;
      line.bytes = headers_bytes;
    } else if (chance < 965 || (isArtifact && chance < 985)) {
      line.status = 404;
      line.bytes = headers_bytes + 146;
    } else if (chance < 990) {
      line.method = HEAD;
      line.bytes = headers_bytes;
    } else {
      line.status = chance < 996 ? 429 : 503;
      line.bytes = headers_bytes + 90;
    }
  }

  private writeLine(): void {
    const { line, out, random } = this;
    const { text } = out;
    const start = text.length;
    this.format.write(text, line, this.bytes, random);
    if (line.isOtherLog) return this.countOther('excluded');
    const { truth } = this;
    truth.occurredAt_ms = line.occurredAt_ms;
    truth.resource = line.resource;
    truth.address = line.address;
    truth.bytes = line.bytes;
    truth.isDownload =
      line.method === GET && line.status === 200 && line.occurredAt_ms < this.catalogue.countsBefore_ms[line.resource];
    const isLate = truth.occurredAt_ms < this.dayStart_ms;
    if (this.format.hasRequestId === true && this.duplicateDue === 0 && !isLate && random.next() < DUPLICATED) {
      this.duplicateLength = text.bytes.copy(this.duplicate, 0, start, text.length);
      this.duplicateDue = 1 + random.below(DUPLICATE_DISTANCE);
      Object.assign(this.duplicateTruth, truth);
    }
    this.countRequest(truth, false);
  }

  /** Delivers a line once more. It counts again, because the count must not depend on which lines share a batch. */
  private repeat(): void {
    const { text } = this.out;
    text.length += this.duplicate.copy(text.bytes, text.length, 0, this.duplicateLength);
    this.counts.duplicates++;
    this.countRequest(this.duplicateTruth, true);
  }

  /** A line that no parser of its format can read: cut off, of another program, or of a clock that was never set. */
  private writeBroken(): void {
    const { line, out, random } = this;
    const { text } = out;
    const start = text.length;
    const kind = line.detail & 3;
    if (kind > 1) line.occurredAt_ms = 0;
    if (kind === 1) {
      text.fragment(GARBAGE);
      text.byte(10);
    } else {
      this.format.write(text, line, this.bytes, random);
      if (kind === 0) {
        text.length = start + Math.floor((text.length - start) * 0.25);
        text.byte(10);
      }
    }
    this.countOther('quarantined');
  }

  private countRequest(truth: RequestTruth, isDuplicate: boolean): void {
    const { counts, tally, world, index } = this;
    const { population, segments } = world;
    const { address } = truth;
    const segment = population.segment[address];
    const organisation = population.organisation[address];
    const requesterClass = world.classOfSegment[segment];
    const evidence = population.evidence[address];
    counts.lines++;
    counts.requests++;
    counts.bytes += truth.bytes;
    if (truth.occurredAt_ms < this.dayStart_ms) counts.late++;
    tally.requests++;
    tally.addressBytes[address] += truth.bytes;
    tally.addressRequests[address]++;
    tally.cloudRequests += population.inCloud[address];
    tally.v6Requests += population.isV6[address];
    if (this.catalogue.kind[truth.resource] === ARTIFACT) tally.artifactRequests++;
    if (segments[segment].spoofed === true) tally.spoofedRequests++;
    world.totals.add(index, organisation, requesterClass, evidence, truth);
    world.lineTruth?.request(
      truth,
      organisation,
      requesterClass,
      evidence,
      this.ecosystem,
      this.catalogue,
      isDuplicate,
    );
    this.out.endLine();
  }

  private countOther(fate: 'excluded' | 'quarantined'): void {
    this.counts.lines++;
    this.counts[fate]++;
    this.world.lineTruth?.other(fate);
    this.out.endLine();
  }
}

/** 256 entries, in which each user agent occurs as often as its weight says. */
function spread(
  weighted: readonly (readonly [string, number])[],
  encode: (text: string) => string,
  sendsToken: (userAgent: string) => boolean,
): EncodedUserAgent[] {
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const encoded = weighted.map(([userAgent]): EncodedUserAgent => {
    const [head = '', tail = ''] = userAgent.split(RUN_ID_HOLE);
    const hasRunId = userAgent.includes(RUN_ID_HOLE);
    const fragments = { head: fragmentOf(encode(head)), tail: fragmentOf(encode(tail)) };
    return { ...fragments, hasRunId, isEmpty: userAgent === '', sendsToken: sendsToken(userAgent) };
  });
  const entries: EncodedUserAgent[] = [];
  let sum = 0;
  weighted.forEach(([, weight], i) => {
    sum += weight;
    while (entries.length < Math.round((sum / total) * 256)) entries.push(encoded[i]);
  });
  return entries;
}
