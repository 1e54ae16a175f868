// JSON lines: one scanner (scan/json.ts) and a field map make a format. The presets beside this file are data; users
// add their own feed with 'json' and `fields` in the configuration.

import { degradation, reason } from '../outcome.ts';
import { equals, indexOfByte, isAbsent, isBlank, parseUint, Scratch, startsWith, utf8 } from '../scan/bytes.ts';
import { JsonScanner } from '../scan/json.ts';
import { jsonKind, unescapeInto } from '../scan/json-token.ts';
import { method, type LineFields } from '../scan/line-fields.ts';
import { PlainLines } from '../scan/plain-lines.ts';
import { type LocalTime, utcTime } from '../scan/local-time.ts';
import { parseDateAndTime, parseTimestamp } from '../scan/time.ts';
import { shareOfRequests } from './detect.ts';
import {
  escapeUnclean,
  outcomeOf,
  setAddress,
  setAsn,
  setCountry,
  setDecodedPath,
  setEdge,
  setHost,
  setMethod,
  setOccurredAt,
  setRange,
  setRequestLine,
  setStatus,
  setTarget,
} from './fields.ts';
import type { Format, FormatOptions, LineParser } from './format.ts';
import { lineStart } from './syslog.ts';

/** Our names of the fields that a JSON feed can have, in the order of reading: the keys of `fields` in the configuration. */
export const jsonFields = [
  'date', // the day, if occurred_at is only the time of day
  'occurred_at', // any form of scan/time.ts
  'query',
  'request_line', // 'GET /path?query HTTP/1.1', instead of method and path
  'method',
  'path', // a path, with or without query, or a whole URL
  'status',
  'bytes',
  'address',
  'user_agent',
  'host',
  'request_id',
  'range',
  'token',
  'country',
  'asn',
  'signed_by', // operator whose Web Bot Auth signature the edge found valid
  'signature_verdict', // if it is mapped, signed_by counts only if this says that the signature is valid
  'edge', // host, POP or data centre that served the request, as it names itself
] as const;
export type JsonField = (typeof jsonFields)[number];

/** Other names that people use for the same fields. */
const aliases: Readonly<Record<string, JsonField>> = {
  timestamp: 'occurred_at',
  time: 'occurred_at',
  ip: 'address',
  client_ip: 'address',
  url: 'path',
  uri: 'path',
  request: 'request_line',
};

/** Two fields more. The value of `admit` is read first: it decides whether a line is a request of this log. */
const allFields = ['admit', ...jsonFields, 'format_version'] as const;
const field = {
  admit: 0,
  date: 1,
  occurred_at: 2,
  query: 3,
  request_line: 4,
  method: 5,
  path: 6,
  status: 7,
  bytes: 8,
  address: 9,
  user_agent: 10,
  host: 11,
  request_id: 12,
  range: 13,
  token: 14,
  country: 15,
  asn: 16,
  signed_by: 17,
  signature_verdict: 18,
  edge: 19,
  format_version: 20,
} as const satisfies Record<(typeof allFields)[number], number>;

const REQUIRED = (1 << field.occurred_at) | (1 << field.method) | (1 << field.path) | (1 << field.status);
const ANY_OF_REQUEST = (1 << field.request_line) | (1 << field.method) | (1 << field.path) | (1 << field.status);
const UNCLEAN = jsonKind.DIRTY | jsonKind.ESCAPED;

export interface JsonPreset {
  readonly name: string;
  readonly description: string;
  readonly bytesIncludeHeaders: boolean | null;
  /** Key paths per field; the first one with a value wins. */
  readonly fields: Readonly<Partial<Record<JsonField, string | readonly string[]>>>;
  /**
   * Form of the path; default 'encoded'. 'relative': as encoded, but the first '/' may be missing. 'decoded': the server has removed
   * one layer of percent-encoding, except from the values of `encodedPath`.
   */
  readonly path?: 'encoded' | 'decoded' | 'relative';
  /** A key of `fields.path` whose value is the path as the client sent it. */
  readonly encodedPath?: string;
  /** The feed leaves out the status of a request whose client went away. */
  readonly statusMayBeMissing?: boolean;
  /** The key that names the version of the feed's form, and the versions that are known. */
  readonly version?: { readonly key: string; readonly known: readonly string[] };
  /** Lines that have `key` with a value that begins otherwise belong to another log. */
  readonly admit?: { readonly key: string; readonly prefix: string };
  /** The stream has other records too: those without method, path and status belong to another log. */
  readonly mixed?: boolean;
  /** A syslog header comes before the object: '<134>2025-10-26T23:57:34Z cache-xyz name[257678]: '. */
  readonly syslog?: boolean;
  /** Removes an encoding that the vendor adds to the fields. */
  readonly decode?: (out: LineFields, scratch: Scratch) => void;
  /** Whether a line of a sample can have this preset, if the keys alone do not decide. */
  readonly detects?: (line: string) => boolean;
}

/** Faults of a field map, as sentences; empty if there are none. For `config check` and for the parser. */
export function fieldMapFaults(fields: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  for (const [name, path] of Object.entries(fields)) {
    if (fieldOf(name) === undefined) faults.push(`${name}: not a field; one of ${jsonFields.join(', ')}`);
    if (path === '') faults.push(`${name}: the key path is empty`);
  }
  return faults;
}

/** 'userAgent' and 'user_agent' are the same field. */
function fieldOf(name: string): JsonField | undefined {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return aliases[snake] ?? jsonFields.find((known) => known === snake);
}

export function jsonFormat(preset: JsonPreset): Format {
  return {
    name: preset.name,
    description: preset.description,
    bytesIncludeHeaders: preset.bytesIncludeHeaders,
    detect: (lines) => shareOfRequests(lines, new JsonLineParser(preset), preset.detects),
    parser: (options) => new JsonLineParser(preset, options),
  };
}

export class JsonLineParser implements LineParser {
  private readonly preset: JsonPreset;
  private readonly scanner: JsonScanner;
  private readonly scratch = new Scratch();
  private readonly local: LocalTime;
  private readonly trustedHops: number | undefined;
  /** Slot → field. Slots are in the order of the fields; slots of one field in the order of preference. */
  private readonly fieldOfSlot: Uint8Array;
  private readonly admitPrefix: Uint8Array;
  private readonly knownVersions: readonly Uint8Array[];
  private readonly needsVerdict: boolean;
  private readonly pathForm: 'encoded' | 'decoded' | 'relative';
  /** Slot of `encodedPath`, or −1. */
  private readonly encodedPathSlot: number;
  private readonly required: number;
  private plainLines: PlainLines | undefined;

  /** @throws Error that names every fault of `options.fields` */
  constructor(preset: JsonPreset, options: FormatOptions = {}) {
    const fields: Record<string, string | readonly string[]> = { ...preset.fields };
    const faults = fieldMapFaults(options.fields ?? {});
    if (faults.length > 0) throw new Error(`fields: ${faults.join('; ')}`);
    for (const [name, path] of Object.entries(options.fields ?? {})) fields[fieldOf(name)!] = path;
    if (preset.admit !== undefined) fields.admit = preset.admit.key;
    if (preset.version !== undefined) fields.format_version = preset.version.key;

    const mapped = allFields.flatMap((name, code) => [fields[name] ?? []].flat().map((path) => ({ path, code })));
    this.preset = preset;
    this.scanner = new JsonScanner(mapped.map(({ path }) => path));
    this.fieldOfSlot = Uint8Array.from(mapped, ({ code }) => code);
    this.admitPrefix = utf8(preset.admit?.prefix ?? '');
    this.knownVersions = (preset.version?.known ?? []).map(utf8);
    this.needsVerdict = fields.signature_verdict !== undefined;
    this.pathForm = preset.path ?? 'encoded';
    const isEncodedPath = ({ path, code }: { path: string; code: number }) =>
      code === field.path && path === preset.encodedPath && options.fields?.path === undefined;
    this.encodedPathSlot = mapped.findIndex(isEncodedPath);
    this.required = preset.statusMayBeMissing === true ? REQUIRED & ~(1 << field.status) : REQUIRED;
    this.local = options.local ?? utcTime;
    this.trustedHops = options.trustedHops;
  }

  /** Created on first use, because detection does not need it. */
  get plain(): PlainLines | undefined {
    const { decode, admit, syslog } = this.preset;
    if (decode !== undefined || admit !== undefined || syslog === true) return undefined;
    return (this.plainLines ??= new PlainLines(this.scanner, this.fieldOfSlot, {
      pathForm: this.pathForm,
      encodedPathSlot: this.encodedPathSlot,
      local: this.local,
    }));
  }

  /** Fields that every request has, but this feed does not map. */
  unmappedFields(): JsonField[] {
    let mapped = 0;
    for (const code of this.fieldOfSlot) mapped |= 1 << code;
    if ((mapped & (1 << field.request_line)) !== 0) mapped |= (1 << field.method) | (1 << field.path);
    return jsonFields.filter((name) => (REQUIRED & ~mapped & (1 << field[name])) !== 0);
  }

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    this.scratch.reset();
    const header = start;
    start = lineStart(buf, start, end);
    if (start >= end || buf[start] !== 0x7b) {
      if (isBlank(buf, start, end)) return reason.blank_line;
      if (this.preset.syslog === true) {
        const object = messageStart(buf, header, end);
        if (object < 0) return -object;
        start = object;
      }
    }
    const malformed = this.scanner.scan(buf, start, end);
    if (malformed !== 0) return malformed;
    const fault = this.read(buf, out);
    return fault !== 0 && this.preset.mixed === true && this.hasNoRequest() ? reason.other_log : fault;
  }

  /** Reads the values of the line, in the order of the fields. */
  private read(buf: Uint8Array, out: LineFields): number {
    const { kind: kinds, start: starts, end: ends } = this.scanner;
    const scratch = this.scratch;
    const fieldOfSlot = this.fieldOfSlot;
    /** Fields with a value, and those whose key is there. */
    let seen = 0;
    let present = 0;
    let unclean = 0;
    let dateSlot = -1;
    let isVerified = !this.needsVerdict;
    for (let slot = 0; slot < fieldOfSlot.length; slot++) {
      const kind = kinds[slot];
      if (kind === jsonKind.ABSENT) continue;
      const code = fieldOfSlot[slot];
      present |= 1 << code;
      if ((seen & (1 << code)) !== 0) continue;
      let from = buf;
      let start = starts[slot];
      let end = ends[slot];
      if ((kind & jsonKind.ESCAPED) !== 0) {
        start = unescapeInto(buf, start, end, scratch);
        from = scratch.buf;
        end = scratch.used;
      }
      if (isAbsent(from, start, end)) continue;
      seen |= 1 << code;
      unclean |= kind;
      let fault = 0;
      switch (code) {
        case field.admit:
          if (!startsWith(from, start, end, this.admitPrefix)) return reason.other_log;
          break;
        case field.date:
          dateSlot = slot;
          break;
        case field.occurred_at:
          if (dateSlot < 0) fault = setOccurredAt(out, parseTimestamp(from, start, end, this.local), this.local);
          else fault = setOccurredAt(out, parseDateAndTime(buf, starts[dateSlot], ends[dateSlot], from, start, end));
          break;
        case field.query:
          out.query.set(from, start, end);
          break;
        case field.request_line:
          seen |= (1 << field.method) | (1 << field.path);
          setRequestLine(out, from, start, end);
          break;
        case field.method:
          if (kind >= jsonKind.NUMBER) return reason.malformed;
          setMethod(out, from, start, end);
          break;
        case field.path:
          this.setPath(out, from, start, end, slot);
          break;
        case field.status:
          if (kind === jsonKind.NUMBER) setNumericStatus(out, from, start, end);
          else setStatus(out, from, start, end);
          break;
        case field.bytes:
          out.bytes = parseUint(from, start, end);
          if (out.bytes < 0) setNumericBytes(out, kind === jsonKind.NUMBER ? toNumber(from, start, end) : NaN);
          break;
        case field.address:
          setAddress(out, from, start, end, this.trustedHops);
          break;
        case field.user_agent:
          out.userAgent.set(from, start, end);
          break;
        case field.host:
          // The host of a whole URL wins.
          if (out.host.length === 0) setHost(out, from, start, end);
          break;
        case field.request_id:
          out.requestId.set(from, start, end);
          break;
        case field.range:
          setRange(out, from, start, end, scratch);
          break;
        case field.token:
          out.token.set(from, start, end);
          break;
        case field.country:
          setCountry(out, from, start, end, scratch);
          break;
        case field.asn:
          setAsn(out, from, start, end);
          break;
        case field.signed_by:
          out.signedBy.set(from, start, end);
          break;
        case field.edge:
          setEdge(out, from, start, end);
          break;
        case field.signature_verdict:
          isVerified = isValidVerdict(from, start, end);
          break;
        case field.format_version:
          if (!this.isKnownVersion(from, start, end)) out.degraded |= degradation.unknown_version;
          break;
      }
      if (fault !== 0) return fault;
    }
    if (!isVerified) out.signedBy.clear();
    if ((seen & REQUIRED) !== REQUIRED) {
      const fault = this.readMissing(out, seen, present | seen);
      if (fault !== 0) return fault;
    }
    const decode = this.preset.decode;
    if (decode !== undefined) decode(out, scratch);
    if (decode !== undefined || (unclean & UNCLEAN) !== 0) escapeUnclean(out, scratch);
    return out.degraded === 0 ? 0 : outcomeOf(out);
  }

  /** A required field without a value. Without its key the line has another shape, so that a renamed key cannot stay unnoticed. */
  private readMissing(out: LineFields, seen: number, present: number): number {
    if ((present & (1 << field.request_line)) !== 0) present |= (1 << field.method) | (1 << field.path);
    if ((present & this.required) !== this.required || (seen & (1 << field.occurred_at)) === 0)
      return reason.missing_field;
    if ((seen & (1 << field.method)) === 0) {
      out.method = method.OTHER;
      out.degraded |= degradation.bad_method;
    }
    if ((seen & (1 << field.path)) === 0) out.degraded |= degradation.bad_path;
    if ((seen & (1 << field.status)) === 0) out.degraded |= degradation.no_status;
    return 0;
  }

  private isKnownVersion(buf: Uint8Array, start: number, end: number): boolean {
    return this.knownVersions.some((version) => equals(buf, start, end, version));
  }

  private setPath(out: LineFields, buf: Uint8Array, start: number, end: number, slot: number): void {
    const scratch = this.scratch;
    if (this.pathForm === 'decoded' && slot !== this.encodedPathSlot)
      return setDecodedPath(out, buf, start, end, scratch);
    if (this.pathForm !== 'relative' || buf[start] === 0x2f) return setTarget(out, buf, start, end);
    scratch.reserve(end - start + 1);
    const from = scratch.used;
    scratch.push(0x2f);
    scratch.append(buf, start, end);
    setTarget(out, scratch.buf, from, scratch.used);
  }

  private hasNoRequest(): boolean {
    return this.fieldOfSlot.every(
      (code, slot) => ((1 << code) & ANY_OF_REQUEST) === 0 || this.scanner.kind[slot] === 0,
    );
  }
}

const validVerdicts: ReadonlySet<string> = new Set(['true', '1', 'valid', 'verified', 'pass', 'passed', 'ok']);

/** The values that edges write for a valid signature, in any case. Only requests that were signed have a verdict. */
const isValidVerdict = (buf: Uint8Array, start: number, end: number): boolean =>
  end - start <= 8 && validVerdicts.has(String.fromCharCode(...buf.subarray(start, end)).toLowerCase());

/** A number in an unusual form (2e2, 1.0). Rare, so that a string is fast enough. */
function toNumber(buf: Uint8Array, start: number, end: number): number {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(buf[i]);
  return Number(text);
}

/** 200, 2e2 and 200.0 are the same number; 0, -0 and -1 are no status. */
function setNumericStatus(out: LineFields, buf: Uint8Array, start: number, end: number): void {
  let status = parseUint(buf, start, end);
  if (status < 0) status = toNumber(buf, start, end);
  if (Number.isInteger(status) && status >= 100 && status <= 599) out.status = status;
  else out.degraded |= status === 0 || status === -1 ? degradation.no_status : degradation.bad_status;
}

function setNumericBytes(out: LineFields, bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes >= 0) {
    out.bytes = bytes + 0; // −0 is 0
    return;
  }
  out.bytes = -1;
  out.degraded |= degradation.bad_bytes;
}

/** Index of the object after a syslog header; or −reason: another log's message, a truncated line, or another kind of line. */
function messageStart(buf: Uint8Array, start: number, end: number): number {
  const brace = indexOfByte(buf, 0x7b, start, end);
  if (indexOfByte(buf, 0x22, start, brace) < brace) return -reason.malformed;
  if (brace < end) return buf[brace - 1] === 0x20 ? brace : -reason.malformed;
  if (buf[start] !== 0x3c) return -reason.malformed;
  for (let i = start; i < end - 1; i++) if (buf[i] === 0x3a && buf[i + 1] === 0x20) return -reason.other_log;
  return -reason.truncated;
}
