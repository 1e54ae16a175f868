// Reads usual JSON lines in one step, by SIMD. A feed writes the same bytes between its values on every line, and the
// values are plain text and whole numbers. plain-lines.as (WebAssembly) reads such lines, 16 bytes at a time, into columns. The
// scanner in TypeScript, which supports all of JSON and all forms of a field, reads any other line. For plain lines it would give
// the same result (plain-lines.test.ts).
//
// Measured on a month of an npm registry (408 bytes a line, Node 20, one core of an AMD EPYC): 0.33 µs a line. The scanner
// and the fields' functions take 1.3.

import { SKELETONS, MAX_SKELETON_BYTES, MAX_SKELETON_VALUES, type JsonScanner, type Skeleton } from './json.ts';
import { type LocalTime } from './local-time.ts';
import { wasm } from './plain-lines.wasm.ts';

const LF = 10;

// Memory layout, the same as in plain-lines.as.
const LITERALS = 1024;
const LITERAL_ENDS = 17_408;
const FIELDS = 19_520;
const VALUES = 20_032;
const COLUMNS = 20_480;
/** Lines that are read in one step. */
const LINES = 256;
const INPUT = 65_536;
const INPUT_BYTES = 65_536;
/** Zeros after the input, because the kernel reads 16 bytes at a time, and a zero ends everything. */
const ZEROS = new Uint8Array(64);
const NO_FIELD = 255;

/** How a feed writes its paths. */
export const pathForms = { encoded: 0, decoded: 1, relative: 2 } as const;

/** A text field of the lines: bytes [starts[i], ends[i]) of `buf`; empty if absent. */
export interface SliceColumn {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}
export interface HashedColumn extends SliceColumn {
  /** As ByteDictionary hashes them. */
  readonly hashes: Int32Array;
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly stopped: { readonly value: number };
  configure(pathForm: number): void;
  /** Lines without an offset are plain if their time is in [from, to) of local time. */
  setLocalTime(from_ms: number, to_ms: number, offset_ms: number): void;
  /** Lines with a later time are not plain. */
  setLatest(latest_ms: number): void;
  read(at: number, end: number, maxLines: number, maxLine_bytes: number): number;
}
/** Only the parts in use, because the types of Node's version of ECMAScript do not include it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};
let compiled: object | undefined;

export class PlainLines {
  /** The bytes of the slices; valid until the next `read`. */
  readonly buf: Uint8Array;
  /** ms since the epoch, UTC */
  readonly occurredAt: Float64Array;
  /** −1 not known */
  readonly bytes: Float64Array;
  readonly path: HashedColumn;
  readonly userAgent: HashedColumn;
  /** Starts are −1 if absent. */
  readonly address: HashedColumn;
  readonly query: SliceColumn;
  readonly host: SliceColumn;
  readonly requestId: SliceColumn;
  readonly range: SliceColumn;
  readonly token: SliceColumn;
  /** As in RequestBatch. */
  readonly country: Int32Array;
  readonly asn: Int32Array;
  readonly status: Uint16Array;
  readonly method: Uint8Array;
  /** After `read`: the first byte of the caller's buffer that was not read. */
  next = 0;
  /** After `read`: true if the scanner must read the line at `next`, or the input has ended. */
  stuck = false;

  private readonly scanner: JsonScanner;
  private readonly fieldOfSlot: Uint8Array;
  private readonly pathForm: keyof typeof pathForms;
  private readonly encodedPathSlot: number;
  private readonly kernel: Kernel;
  private readonly ints: Int32Array;
  /** The part of the caller's buffer that was copied to INPUT: [from, to). */
  private from = 0;
  private to = 0;
  private learned = 0;
  private readonly local: LocalTime;
  /** The latest time that the kernel accepts. */
  private latest_ms = NaN;
  /** Start of the kernel's stretch of local time. */
  private localFrom_ms = NaN;

  /**
   * @param scanner learns what lines look like, and reads those that are not plain
   * @param fieldOfSlot slot of the scanner → code of the field, as in formats/json-lines.ts
   */
  constructor(
    scanner: JsonScanner,
    fieldOfSlot: Uint8Array,
    {
      pathForm,
      encodedPathSlot,
      local,
    }: {
      pathForm: keyof typeof pathForms;
      /** Slot of a path that is encoded, whatever `pathForm` says; −1: none. */
      encodedPathSlot: number;
      local: LocalTime;
    },
  ) {
    this.scanner = scanner;
    this.fieldOfSlot = fieldOfSlot;
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0)));
    this.kernel = new WebAssembly.Instance(compiled).exports as Kernel;
    this.pathForm = pathForm;
    this.encodedPathSlot = encodedPathSlot;
    this.kernel.configure(pathForms[pathForm]);
    this.local = local;
    const { buffer } = this.kernel.memory;
    this.buf = new Uint8Array(buffer);
    this.ints = new Int32Array(buffer);
    this.ints.fill(-1, VALUES >> 2, (VALUES >> 2) + SKELETONS);

    let at = COLUMNS;
    const column = <T>(of: new (memory: ArrayBuffer, start: number, length: number) => T, width: number): T => {
      const values = new of(buffer, at, LINES);
      at += width * LINES;
      return values;
    };
    const ints = () => column(Int32Array, 4);
    const slices = (): SliceColumn => ({ starts: ints(), ends: ints() });
    this.occurredAt = column(Float64Array, 8);
    this.bytes = column(Float64Array, 8);
    const [path, userAgent, address] = [slices(), slices(), slices()];
    this.query = slices();
    this.host = slices();
    this.requestId = slices();
    this.range = slices();
    this.token = slices();
    this.country = ints();
    this.asn = ints();
    this.path = { ...path, hashes: ints() };
    this.userAgent = { ...userAgent, hashes: ints() };
    this.address = { ...address, hashes: ints() };
    this.status = column(Uint16Array, 2);
    this.method = column(Uint8Array, 1);
  }

  /**
   * Call it when the content of the caller's buffer has changed.
   * @param latest_ms lines with a later time are not plain
   */
  begin(latest_ms: number): void {
    this.to = 0;
    if (this.latest_ms === latest_ms) return;
    this.latest_ms = latest_ms;
    this.kernel.setLatest(latest_ms);
  }

  /**
   * Reads lines of buf[at, end) into the columns, as long as they are plain, fit in one step, and have a line end.
   * @returns the number of lines
   */
  read(buf: Uint8Array, at: number, end: number, maxLines: number, maxLine_bytes: number): number {
    this.next = at;
    this.stuck = true;
    if (this.learned !== this.scanner.learned) this.copySkeletons();
    if (this.localFrom_ms !== this.local.from_ms) this.copyLocalTime();
    if ((at < this.from || at >= this.to) && !this.load(buf, at, end)) return 0;
    const shift = INPUT - this.from;
    const count = this.kernel.read(at + shift, this.to + shift, Math.min(maxLines, LINES), maxLine_bytes);
    this.next = this.kernel.stopped.value - shift;
    this.stuck = count < Math.min(maxLines, LINES) && this.next < this.to;
    return count;
  }

  /** Copies whole lines from `at` on. @returns false if the first is too long, or has no end */
  private load(buf: Uint8Array, at: number, end: number): boolean {
    const last = Math.min(end, at + INPUT_BYTES);
    const to = buf.lastIndexOf(LF, last - 1) + 1;
    if (to <= at) return false;
    this.buf.set(buf.subarray(at, to), INPUT);
    this.buf.set(ZEROS, INPUT + to - at);
    this.from = at;
    this.to = to;
    return true;
  }

  /** The scanner has read a line of another stretch. The next lines are likely to be in the same stretch. */
  private copyLocalTime(): void {
    const { from_ms, to_ms, offset_ms } = this.local;
    this.localFrom_ms = from_ms;
    this.kernel.setLocalTime(from_ms, to_ms, offset_ms);
  }

  private hasEncodedPath({ slot, values }: Skeleton): boolean {
    return slot.subarray(0, values).includes(this.encodedPathSlot);
  }

  private copySkeletons(): void {
    const { skeletons, learned } = this.scanner;
    this.learned = learned;
    // The kernel reads paths of one form. A feed has one; if it changes within a batch, the scanner reads the lines of the other.
    const isEncoded = skeletons[0].values >= 0 && this.hasEncodedPath(skeletons[0]);
    this.kernel.configure(pathForms[isEncoded ? 'encoded' : this.pathForm]);
    skeletons.forEach((skeleton, s) => {
      const { literal, literalEnd, slot, values } = skeleton;
      this.ints[(VALUES >> 2) + s] = -1;
      if (values < 0 || this.hasEncodedPath(skeleton) !== isEncoded) return;
      const fields = Array.from(slot.subarray(0, values), (number) => this.fieldOfSlot[number] ?? NO_FIELD);
      // If two keys are mapped to one field, only the scanner decides which of them counts.
      const mapped = fields.filter((field) => field !== NO_FIELD);
      if (new Set(mapped).size < mapped.length) return;
      this.buf.set(literal.subarray(0, literalEnd[values]), LITERALS + s * MAX_SKELETON_BYTES);
      this.ints.set(literalEnd.subarray(0, values + 1), (LITERAL_ENDS >> 2) + s * (MAX_SKELETON_VALUES + 1));
      this.buf.set(fields, FIELDS + s * MAX_SKELETON_VALUES);
      this.ints[(VALUES >> 2) + s] = values;
    });
  }
}
