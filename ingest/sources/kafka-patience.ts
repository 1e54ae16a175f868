// Absent brokers, or an absent warehouse, mean lag, not failure: requests are repeated until they are back, however long that takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Claim } from './kafka-claim.ts';
import { isTransient, rootCause, StaleClaim } from './kafka-records.ts';
import { connectionHint } from './kafka-settings.ts';

export interface KafkaLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const PAUSE_FIRST_MS = 200;
const PAUSE_LAST_MS = 5_000;

/** Whether no broker answers or is ready yet; false if a person must act: a login, a certificate, a topic that does not exist. */
export function isAway(error: unknown): boolean {
  const { name, type, message } = rootCause(error);
  if (!isTransient(error) || type === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
  // A broker that shuts down closes connections, and so does one that requires a login.
  return name === CLOSED || connectionHint(message) === undefined;
}

/** The same before any broker has answered: then a closed connection is reported to the person who starts the worker. */
export const isAwayAtStart = (error: unknown): boolean => isAway(error) && rootCause(error).name !== CLOSED;

const CLOSED = 'KafkaJSConnectionClosedError';

export interface Patience {
  /** Aborted: no more tries. */
  readonly signal: AbortSignal;
  readonly log: KafkaLog;
  /** Errors after which to wait and try again. */
  readonly while?: (error: unknown) => boolean;
  /** For the log; default: the Kafka brokers. */
  readonly who?: string;
}

/** Tries until there is an answer. @throws AbortError after the signal · any error that is no absence */
export async function patiently<T>(
  ask: () => Promise<T>,
  { signal, log, while: waits = isAway, who = 'the Kafka brokers do' }: Patience,
): Promise<T> {
  for (let pause = PAUSE_FIRST_MS; ; pause = Math.min(pause * 2, PAUSE_LAST_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!waits(error)) throw error;
      log.warn({ reason: (error as Error).message }, `${who} not answer, trying again`);
      await sleep(pause, undefined, { signal });
    }
  }
}

/** Tries on behalf of a claim. @throws StaleClaim once the claim is over */
export async function whileHeld<T>(
  { topic, partition, revoked }: Pick<Claim, 'topic' | 'partition' | 'revoked'>,
  ask: () => Promise<T>,
  log: KafkaLog,
): Promise<T> {
  try {
    return await patiently(ask, { signal: revoked, log });
  } catch (error) {
    throw revoked.aborted ? new StaleClaim(`${topic}/${partition}: ${String(revoked.reason)}`) : error;
  }
}
