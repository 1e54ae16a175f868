// The log: pino, to stderr. JSON lines for machines; on a terminal the same records as text.

import { pino, type Logger } from 'pino';
import pc from 'picocolors';
import { type LogLevel } from './log-levels.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly stream: NodeJS.WritableStream;
  /** Text instead of JSON. */
  readonly readable: boolean;
  readonly color: boolean;
}

export function createLogger({ level, stream, readable, color }: LoggerOptions): Logger {
  const write = readable
    ? (line: string) => void stream.write(readableLine(line, color))
    : (line: string) => void stream.write(line);
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err },
    },
    { write },
  );
}

function readableLine(line: string, color: boolean): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown> & {
    level: string;
    time: string;
    msg?: string;
    err?: { message?: string; stack?: string };
  };
  const paint = pc.createColors(color);
  const tint = level === 'warn' ? paint.yellow : level === 'error' || level === 'fatal' ? paint.red : paint.dim;
  const pairs = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const parts = [paint.dim(time.slice(11, 19)), tint(level), msg ?? '', paint.dim(pairs.join(' ')), err?.message ?? ''];
  const stack = err?.stack !== undefined && level !== 'warn' ? `\n${err.stack}` : '';
  return `${parts.filter((part) => part !== '' && part !== paint.dim('')).join(' ')}${stack}\n`;
}
