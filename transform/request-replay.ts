// The requests of log objects one by one, read and classified as the transform does it, for what aggregates cannot answer: order.

import { evidenceId, type EvidenceSet } from './aggregate/evidence-set.ts';
import { Classifier, type NetworkLookup, RESOURCE_WIDTH, resourcePart, type ResolvePath } from './classifier.ts';
import { requesterClasses } from './classify/requester.ts';
import { type LineParser } from './formats/format.ts';
import { wholeDownloadsFrom_ms, type Methodology } from './methodology.ts';
import { artifactKinds } from './packages/ecosystem.ts';
import { ClassifiedBatch, RequestBatch } from './request-batch.ts';
import { RequestReader, type TokenRule } from './request-reader.ts';
import { method } from './scan/line-fields.ts';

export interface ReplayedRequest {
  occurredAt_ms: number;
  isReading: boolean;
  status: number;
  /** 0 if the log has none. */
  bytes: number;
  /** Number of the host and path, the same for the whole replay. */
  key: number;
  isFile: boolean;
  /** Index into `evidence`. */
  evidence: number;
  /** Index into `requesterClasses`. */
  requesterClass: number;
}

/** Distinct values after which the dictionaries are cleared. */
const MAX_ENTRIES = 1_000_000;
const FILE = artifactKinds.indexOf('artifact');

export class RequestReplay {
  /** The evidence sets that were met. */
  readonly evidence: { readonly id: bigint; readonly set: EvidenceSet }[] = [];
  private readonly reader: RequestReader;
  private readonly classifier: Classifier;
  private readonly requests = new RequestBatch();
  private readonly classified = new ClassifiedBatch();
  private readonly keys = new Map<string, number>();
  private readonly evidenceIndexes = new Map<bigint, number>();
  /** By code, until the dictionaries are cleared. */
  private keyOfLocation: number[] = [];
  private indexOfEvidence: number[] = [];
  private readonly request: ReplayedRequest = {
    occurredAt_ms: 0,
    isReading: false,
    status: 0,
    bytes: 0,
    key: 0,
    isFile: false,
    evidence: 0,
    requesterClass: 0,
  };

  constructor(options: {
    readonly parser: LineParser;
    readonly resolve: ResolvePath;
    readonly hostMatters: boolean;
    readonly queriedPaths?: readonly string[];
    readonly networks: NetworkLookup;
    readonly tokens: TokenRule;
    readonly methodology: Methodology;
    readonly maxLine_bytes: number;
  }) {
    const { resolve, networks, methodology, ...reading } = options;
    this.reader = new RequestReader({ ...reading, onRejected: () => {} });
    this.classifier = new Classifier({
      reader: this.reader,
      resolve,
      networks,
      wholeFrom_ms: wholeDownloadsFrom_ms(methodology),
    });
  }

  /** @param lines whole lines @param take receives each request; the object is used again for the next */
  add(lines: Uint8Array, take: (request: ReplayedRequest) => void): void {
    const { requests, classified, request } = this;
    let at = 0;
    while (at < lines.length) {
      requests.length = 0;
      at = this.reader.read(lines, at, lines.length, 0, Infinity, requests);
      this.classifier.classify(requests, classified);
      for (let i = 0; i < requests.length; i++) {
        request.occurredAt_ms = requests.occurredAt[i];
        request.isReading = requests.method[i] === method.GET || requests.method[i] === method.HEAD;
        request.status = requests.status[i];
        request.bytes = Math.max(0, requests.bytes[i]);
        request.key = this.keyOf(requests.location[i]);
        request.isFile =
          this.classifier.resources.keys[classified.resource[i] * RESOURCE_WIDTH + resourcePart.artifact] === FILE;
        request.evidence = this.evidenceOf(classified.evidence[i]);
        request.requesterClass = requesterClasses.indexOf(
          this.classifier.requesters[classified.requester[i]].requesterClass,
        );
        take(request);
      }
      if (this.classifier.size > MAX_ENTRIES || this.reader.locations.size > MAX_ENTRIES) this.clear();
    }
  }

  private clear(): void {
    this.reader.clear();
    this.classifier.clear();
    this.keyOfLocation = [];
    this.indexOfEvidence = [];
  }

  private keyOf(location: number): number {
    const known = this.keyOfLocation[location];
    if (known !== undefined) return known;
    const text = new TextDecoder().decode(this.reader.locations.view(location));
    let key = this.keys.get(text);
    if (key === undefined) this.keys.set(text, (key = this.keys.size));
    this.keyOfLocation[location] = key;
    return key;
  }

  private evidenceOf(code: number): number {
    const known = this.indexOfEvidence[code];
    if (known !== undefined) return known;
    const set = this.classifier.evidenceSets[code];
    const id = evidenceId(set);
    let index = this.evidenceIndexes.get(id);
    if (index === undefined) {
      index = this.evidence.push({ id, set }) - 1;
      this.evidenceIndexes.set(id, index);
    }
    this.indexOfEvidence[code] = index;
    return index;
  }
}
