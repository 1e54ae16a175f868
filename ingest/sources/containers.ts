// Tells by its first bytes what is no log, so that it is refused by its name. No I/O.

import { isUtf8 } from 'node:buffer';

interface Container {
  readonly name: string;
  /** In hex, at `at`. */
  readonly magic: string;
  readonly at?: number;
  readonly hint?: string;
}

const UNPACK = 'Unpack it, and ingest the logs that are in it';
const containers: readonly Container[] = [
  { name: 'bzip2', magic: '425a68', hint: 'Unpack it first: bzip2 -dk FILE' },
  { name: 'xz', magic: 'fd377a585a00', hint: 'Unpack it first: xz -dk FILE' },
  { name: 'LZMA', magic: '5d00008000', hint: 'Unpack it first: xz -dk FILE' },
  { name: 'LZ4', magic: '04224d18', hint: 'Unpack it first: lz4 -d FILE' },
  { name: 'lzip', magic: '4c5a4950', hint: 'Unpack it first: lzip -dk FILE' },
  { name: 'Snappy', magic: 'ff060000734e61507059', hint: UNPACK },
  { name: 'compress (.Z)', magic: '1f9d', hint: 'Unpack it first: gzip -dk FILE' },
  { name: 'gzip', magic: '1f8b08' },
  { name: 'zstd', magic: '28b52ffd' },
  { name: 'a zip archive', magic: '504b0304', hint: UNPACK },
  { name: 'a zip archive', magic: '504b0506', hint: UNPACK },
  { name: 'a 7z archive', magic: '377abcaf271c', hint: UNPACK },
  { name: 'a rar archive', magic: '526172211a07', hint: UNPACK },
  { name: 'a tar archive', magic: '7573746172', at: 257, hint: UNPACK },
  { name: 'Parquet', magic: '50415231', hint: 'docs/FORMATS.md shows how to make lines of it' },
  { name: 'ORC', magic: '4f5243', hint: 'Export it as JSON lines' },
  { name: 'Avro', magic: '4f626a01', hint: 'Export it as JSON lines' },
  { name: 'an SQLite database', magic: '53514c69746520666f726d6174203300', hint: 'Export it as JSON lines' },
  { name: 'a systemd journal', magic: '4c504b5348485248', hint: 'Export it: journalctl --file FILE -o cat' },
  { name: 'UTF-32', magic: 'fffe0000', hint: 'Convert it: iconv -f UTF-32 -t UTF-8' },
  { name: 'UTF-32', magic: '0000feff', hint: 'Convert it: iconv -f UTF-32 -t UTF-8' },
  { name: 'UTF-16', magic: 'fffe', hint: 'Convert it: iconv -f UTF-16 -t UTF-8' },
  { name: 'UTF-16', magic: 'feff', hint: 'Convert it: iconv -f UTF-16 -t UTF-8' },
];

const WINDOW_BYTES = 4096;
const LF = 10;
const CR = 13;

export interface NoLog {
  /** The kind of container, as a message names it. */
  readonly name: string;
  readonly hint: string;
}

/**
 * The kind of a content that holds no lines of text; undefined if it may be a log.
 * @param bytes the first decompressed bytes
 */
export function containerOf(bytes: Uint8Array): NoLog | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, WINDOW_BYTES));
  for (const { name, magic, at = 0, hint = 'It was compressed twice: unpack it once' } of containers)
    if (head.toString('hex', at, at + magic.length / 2) === magic && isMeant(name, head)) return { name, hint };
  if (isOldTar(head)) return { name: 'a tar archive', hint: UNPACK };
  const wide = utf16(head);
  if (wide !== undefined) return { name: 'UTF-16', hint: `Convert it: iconv -f ${wide} -t UTF-8` };
  const hasOnlyCr = !bytes.includes(LF) && bytes.subarray(0, -1).includes(CR);
  return hasOnlyCr && isUtf8(head)
    ? { name: 'text whose lines end in CR alone', hint: 'Convert it: tr "\\r" "\\n"' }
    : undefined;
}

/** Magic numbers that are text can begin a line of a log: these need more. */
function isMeant(name: string, head: Buffer): boolean {
  if (name === 'bzip2') return /^[1-9]$/.test(String.fromCharCode(head[3])) && ['314159265359', '177245385090'].includes(head.toString('hex', 4, 10)); // prettier-ignore
  return !['Parquet', 'ORC', 'lzip'].includes(name) || head.subarray(0, 256).some((byte) => byte < 9);
}

/** A tar archive from before POSIX has no magic number, but the sum of its first header. */
function isOldTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  const written = /^[ 0]*([0-7]+)[ \0]*$/.exec(head.toString('latin1', 148, 156))?.[1];
  if (written === undefined) return false;
  const sum = head.subarray(0, 512).reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return Number.parseInt(written, 8) === sum;
}

/** Without a mark of byte order, every other byte of Latin text is NUL. */
function utf16(head: Buffer): 'UTF-16LE' | 'UTF-16BE' | undefined {
  if (head.length < 16) return undefined;
  const nuls = (parity: number) => head.reduce((sum, byte, i) => sum + (byte === 0 && i % 2 === parity ? 1 : 0), 0);
  const [even, odd] = [nuls(0), nuls(1)];
  const most = head.length * 0.4;
  if (odd > most && even < odd / 8) return 'UTF-16LE';
  return even > most && odd < even / 8 ? 'UTF-16BE' : undefined;
}
