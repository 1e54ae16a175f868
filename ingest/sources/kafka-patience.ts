// Brokers that are away mean lag, not failure: what asks them asks again until they are back, however long that takes.

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

/** Whether nobody answers, or nobody is ready yet; false for what a person must mend: a login, a certificate, a topic that is not there. */
export function isAway(error: unknown): boolean {
  const { name, type, message } = rootCause(error);
  if (!isTransient(error) || type === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
  // A broker that goes away closes connections, as one does that wants a login.
  return name === CLOSED || connectionHint(message) === undefined;
}

/** The same where nobody has ever answered: then a closed connection is told to the person who starts. */
export const isAwayAtStart = (error: unknown): boolean => isAway(error) && rootCause(error).name !== CLOSED;

const CLOSED = 'KafkaJSConnectionClosedError';

export interface Patience {
  /** Aborted: no more tries. */
  readonly signal: AbortSignal;
  readonly log: KafkaLog;
  /** Which errors are waited out. */
  readonly while?: (error: unknown) => boolean;
}

/** Asks until there is an answer. @throws AbortError once the signal says so · what is no absence, as it came */
export async function patiently<T>(
  ask: () => Promise<T>,
  { signal, log, while: waits = isAway }: Patience,
): Promise<T> {
  for (let pause = PAUSE_FIRST_MS; ; pause = Math.min(pause * 2, PAUSE_LAST_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!waits(error)) throw error;
      log.warn({ reason: (error as Error).message }, 'the Kafka brokers do not answer, trying again');
      await sleep(pause, undefined, { signal });
    }
  }
}

/** Asks on behalf of a claim. @throws StaleClaim once that is over */
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
