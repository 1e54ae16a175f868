// Many texts in one piece of memory, as UTF-8, so that columns of a million values need no strings.

const encoder = new TextEncoder();

/** Text i: bytes [ends[i], ends[i + 1]). */
export interface Texts {
  readonly bytes: Uint8Array;
  /** One more than there are texts; the first is 0. */
  readonly ends: Int32Array;
}

/** Collects texts. Memory: the bytes and 4 a text, twice that after growth. */
export class TextsWriter {
  private bytes = new Uint8Array(1024);
  private ends = new Int32Array(64);
  private count = 0;

  add(text: string): void {
    const at = this.ends[this.count];
    // UTF-8 takes at most three bytes a UTF-16 unit.
    this.reserve(at + 3 * text.length);
    this.close(at + encoder.encodeInto(text, this.bytes.subarray(at)).written);
  }

  addBytes(source: Uint8Array, start: number, end: number): void {
    const at = this.ends[this.count];
    this.reserve(at + end - start);
    const { bytes } = this;
    // A loop, not set(subarray): texts are short, and a view per text costs more than the copy.
    for (let from = start, to = at; from < end;) bytes[to++] = source[from++]!;
    this.close(at + end - start);
  }

  done(): Texts {
    return { bytes: this.bytes.subarray(0, this.ends[this.count]), ends: this.ends.subarray(0, this.count + 1) };
  }

  private close(end: number): void {
    if (++this.count === this.ends.length) {
      const ends = new Int32Array(this.count * 2);
      ends.set(this.ends);
      this.ends = ends;
    }
    this.ends[this.count] = end;
  }

  private reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(size, this.bytes.length * 2));
    bytes.set(this.bytes);
    this.bytes = bytes;
  }
}

export function textsOf(values: Iterable<string>): Texts {
  const writer = new TextsWriter();
  for (const value of values) writer.add(value);
  return writer.done();
}
