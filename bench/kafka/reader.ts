// What every way to read a topic is measured by.

import type { Month, Rules } from '../month.ts';

export interface Job {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly lines: number;
  /** Of the lines, those that count. */
  readonly requests: number;
  readonly month: Month;
  readonly rules: Rules;
  /** For what it writes. */
  readonly directory: string;
}

export interface Reader {
  /** A compiler improves it as it runs: it reads a small topic first. Where it keeps an answer, that adds up. */
  readonly warmsUp: boolean;
  prepare(job: Job): Promise<void>;
  /** Reads the topic from its first offset. Ends when every line of it is visible (or was read, where nothing is stored). */
  run(job: Job): Promise<void>;
  /** Requester class → requests, downloads, bytes; undefined where nothing is stored. */
  answer?(): Promise<Answer>;
  /** CPU time so far of processes that work for it, where the system tells. */
  helpersCpu_ms?(): number;
  close(): Promise<void>;
}

export type Answer = Readonly<Record<string, readonly [requests: number, downloads: number, bytes: number]>>;

export interface AnswerRow {
  readonly requester_class: string;
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
}

export const answerOf = (rows: readonly AnswerRow[]): Answer =>
  Object.fromEntries(
    rows.map((row) => [row.requester_class, [Number(row.requests), Number(row.downloads), Number(row.bytes)]]),
  );
