// Progress of long work: a bar on a terminal, an occasional log line elsewhere. Never on stdout.

import { Presets, SingleBar } from 'cli-progress';
import type { Runtime } from './command.ts';
import { formatBytes, formatCount } from '../../transform/numbers.ts';

export interface Progress {
  /** Advances by so many units. */
  add(count?: number): void;
  /** For a total that becomes known, or grows, while the work runs. */
  setTotal(total: number): void;
  /** Removes the bar. Call it after success and failure; a second call does nothing. */
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Absent: not known yet. */
  readonly total?: number;
  /** 'bytes' prints as kB, MB, …; all other units print as a count. */
  readonly unit?: string;
}

const LOG_EVERY_MS = 10_000;

export function createProgress(
  { interactive, log, stderr }: Pick<Runtime, 'interactive' | 'log' | 'stderr'>,
  { label, total = 0, unit = '' }: ProgressOptions,
): Progress {
  const format = unit === 'bytes' ? formatBytes : (count: number) => `${formatCount(count)} ${unit}`.trimEnd();
  return interactive ? drawn(stderr, label, total, format) : logged(log, label, total, unit, format);
}

function drawn(
  stream: NodeJS.WritableStream,
  label: string,
  total: number,
  format: (count: number) => string,
): Progress {
  const bar = new SingleBar(
    {
      stream,
      format: '{label} {bar} {percentage}%  {value} of {total}  {eta_formatted}',
      formatValue: (value, _options, type) =>
        type === 'value' || type === 'total'
          ? format(value)
          : type === 'percentage'
            ? String(value).padStart(3)
            : String(value),
      clearOnComplete: true,
      hideCursor: true,
      barsize: 24,
      fps: 5,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { label });
  let stopped = false;
  return {
    add: (count = 1) => bar.increment(count),
    setTotal: (value) => bar.setTotal(value),
    stop: () => {
      if (!stopped) bar.stop();
      stopped = true;
    },
  };
}

function logged(
  log: Runtime['log'],
  label: string,
  total: number,
  unit: string,
  format: (count: number) => string,
): Progress {
  let done = 0;
  let due = performance.now() + LOG_EVERY_MS;
  return {
    add: (count = 1) => {
      done += count;
      if (performance.now() < due) return;
      due = performance.now() + LOG_EVERY_MS;
      const of = total > 0 ? ` of ${format(total)}` : '';
      log.info(
        { done, total: total > 0 ? total : undefined, unit: unit || undefined },
        `${label}: ${format(done)}${of}`,
      );
    },
    setTotal: (value) => {
      total = value;
    },
    stop: () => {},
  };
}
