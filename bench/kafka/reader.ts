// The interface by which the benchmark measures every way to read a topic.

import type { Month, Rules } from '../month.ts';

export interface Job {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly lines: number;
  /** Number of lines that count as requests. */
  readonly requests: number;
  readonly month: Month;
  readonly rules: Rules;
  /** The reader may write its files here. */
  readonly directory: string;
}

export interface Reader {
  /**
   * True if a compiler improves the reader while it runs: it reads a small topic first. A reader with an answer adds up both
   * runs.
   */
  readonly warmsUp: boolean;
  prepare(job: Job): Promise<void>;
  /** Reads the topic from its first offset. Ends when every line is visible (or was read, if the reader stores nothing). */
  run(job: Job): Promise<void>;
  /** Requester class → requests, downloads, bytes; undefined if the reader stores nothing. */
  answer?(): Promise<Answer>;
  /** CPU time so far of the reader's helper processes, if the system tells it. */
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
