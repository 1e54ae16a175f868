// Files of the simulation: gzip objects that are written piece by piece, and plain tables. Memory does not grow with size.

import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TextBuffer } from './text-buffer.ts';

/** Text per gzip member. A larger object has several members, as CDNs' objects do. */
export const MEMBER_BYTES = 4 * 1024 * 1024;
/** Room after a member's text for the line that is being written. */
const LINE_ROOM_BYTES = 64 * 1024;

export interface StoredObject {
  readonly stored_bytes: number;
  readonly content_bytes: number;
  /** Hash of the stored bytes, hexadecimal. */
  readonly sha256: string;
}

/** Writes one gzip object at a time and reuses the text buffer for the next. */
export class ObjectWriter {
  readonly text = new TextBuffer(MEMBER_BYTES + LINE_ROOM_BYTES);
  private file = -1;
  private directory = '';
  private hash!: Hash;
  private stored_bytes = 0;
  private content_bytes = 0;

  open(path: string): void {
    const directory = dirname(path);
    if (directory !== this.directory) mkdirSync((this.directory = directory), { recursive: true });
    this.file = openSync(path, 'wx');
    this.hash = createHash('sha256');
    this.stored_bytes = 0;
    this.content_bytes = 0;
    this.text.length = 0;
  }

  /** Call it after each line: it writes a member when one is full. */
  endLine(): void {
    if (this.text.length >= MEMBER_BYTES) this.flush();
  }

  private flush(): void {
    const content = this.text.bytes.subarray(0, this.text.length);
    const member = gzipSync(content, { level: 1, chunkSize: 256 * 1024 });
    member[9] = 255; // "unknown" operating system: its real value would differ between machines
    writeAll(this.file, member);
    this.hash.update(member);
    this.stored_bytes += member.length;
    this.content_bytes += content.length;
    this.text.length = 0;
  }

  close(): StoredObject {
    if (this.text.length > 0 || this.content_bytes === 0) this.flush();
    closeSync(this.file);
    return { stored_bytes: this.stored_bytes, content_bytes: this.content_bytes, sha256: this.hash.digest('hex') };
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** A CSV file of plain values (no commas, quotes or line ends in them). */
export class Table {
  private readonly file: number;
  private pending = '';

  constructor(path: string, columns: readonly string[]) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, 'wx');
    this.row(columns);
  }

  row(values: readonly (string | number)[]): void {
    this.pending += `${values.join(',')}\n`;
    if (this.pending.length > 65_536) this.flush();
  }

  private flush(): void {
    writeAll(this.file, Buffer.from(this.pending));
    this.pending = '';
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}
