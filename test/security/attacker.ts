// Sends attempts to a door, as many at once as a few clients would, and keeps what it answers.

import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Attempt } from './attacks.ts';

export interface Outcome {
  readonly attempt: Attempt;
  readonly status: number;
  readonly text: string;
}

const AT_ONCE = 6;

/** The outcomes, in no order. */
export async function* outcomesOf(
  url: string,
  attempts: Iterable<Attempt>,
  headers: Readonly<Record<string, string>> = {},
): AsyncGenerator<Outcome, void, void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const running = new Map<Attempt, Promise<Outcome>>();
  try {
    for (const attempt of attempts) {
      running.set(attempt, send(agent, url, attempt, headers));
      if (running.size < AT_ONCE) continue;
      const outcome = await Promise.race(running.values());
      running.delete(outcome.attempt);
      yield outcome;
    }
    for (const outcome of await Promise.all(running.values())) yield outcome;
  } finally {
    agent.destroy();
  }
}

async function send(
  agent: Agent,
  url: string,
  attempt: Attempt,
  given: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { sql, form } = attempt;
  const params = new URLSearchParams(attempt.params);
  const headers: Record<string, string> = { ...given };
  let body: Buffer = Buffer.alloc(0);
  const half = Math.max(sql.indexOf(' '), 0);
  if (form === 'url') params.set('query', sql);
  else if (form === 'url+body') {
    params.set('query', sql.slice(0, half));
    body = Buffer.from(sql.slice(half));
  } else if (form === 'parameter') {
    // A statement in a parameter, beside one that uses it as a text.
    params.set('param_sql', sql);
    params.set('query', 'SELECT {sql:String} WHERE 0');
    body = Buffer.from(`\n;${sql}`);
  } else if (form === 'multipart') {
    const boundary = 'fairshare-boundary';
    headers['content-type'] = `multipart/form-data; boundary=${boundary}`;
    body = Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="query"\r\n\r\n${sql}\r\n--${boundary}--\r\n`,
    );
  } else body = Buffer.from(sql);
  if (form === 'gzip') {
    body = gzipSync(body);
    headers['content-encoding'] = 'gzip';
  }
  const outgoing = request(`${url}/?${params}`, { agent, method: 'POST', headers: { ...headers, 'content-length': String(body.length) } }); // prettier-ignore
  outgoing.end(body);
  try {
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    let text = '';
    incoming.setEncoding('latin1');
    for await (const chunk of incoming) if (text.length < 100_000) text += String(chunk);
    return { attempt, status: incoming.statusCode ?? 0, text };
  } catch (error) {
    return { attempt, status: 0, text: (error as Error).message };
  }
}
