// One answer for all contenders: the grouped rows as text, hashed so that their order does not matter.

import { crc32 } from '../../transform/aggregate/arrow-table.ts';

export const groupColumns = [
  'hour', 'package', 'version', 'artifact', 'file', 'requester_class', 'identity', 'client', 'ci_provider', 'token_id', 'prefix', 'range_id', 'network_type', 'network', 'country',
] as const; // prettier-ignore
export const measureColumns = ['requests', 'downloads', 'bytes', 'download_bytes', 'max_download_bytes'] as const;

export interface Answer {
  readonly rows: number;
  /** Σ CRC-32 of each row's text, its fields joined by '|', `hour` as seconds since the epoch. */
  readonly hash: string;
  readonly requests: string;
  readonly bytes: string;
}

const encoder = new TextEncoder();

export class AnswerSum {
  private rows = 0;
  private hash = 0n;
  private requests = 0n;
  private bytes = 0n;

  add(fields: readonly (string | number | bigint)[]): void {
    this.rows++;
    this.hash += BigInt(crc32(encoder.encode(fields.join('|'))) >>> 0);
    this.requests += BigInt(fields[groupColumns.length]!);
    this.bytes += BigInt(fields[groupColumns.length + 2]!);
  }

  answer(): Answer {
    return { rows: this.rows, hash: `${this.hash}`, requests: `${this.requests}`, bytes: `${this.bytes}` };
  }
}
