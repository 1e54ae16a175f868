import { PassThrough } from 'node:stream';
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { Interrupted, endingOf } from './exit.ts';
import { createLogger } from './logger.ts';
import { printJson, printTable } from './output.ts';
import { createProgress } from './progress.ts';

const written = (work: (stream: PassThrough) => void): string => {
  const stream = new PassThrough();
  work(stream);
  return String(stream.read() ?? '');
};

describe('endings', () => {
  const code = (error: unknown, interrupted?: Interrupted) => endingOf(error, interrupted, false).exitCode;

  it('gives every kind of fault its code', () => {
    const kinds = [
      'defect',
      'usage',
      'inputRefused',
      'checkFailed',
      'warehouseUnreachable',
      'partitionStopped',
    ] as const;
    expect(kinds.map((kind) => code(new Fault(kind, 'x')))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('prints message and next step of a fault, and the stack of a defect with a request', () => {
    expect(endingOf(new Fault('usage', 'no such thing', 'Try another.'), undefined, false).message).toBe(
      'fairshare: no such thing\nTry another.\n',
    );
    const { message, exitCode } = endingOf(new TypeError('boom'), undefined, false);
    expect(exitCode).toBe(1);
    expect(message).toMatch(/TypeError: boom\n +at .*\nPlease report this/s);
  });

  it('names a package that is not installed', () => {
    const error = Object.assign(new Error("Cannot find package 'no-such-package' imported from /somewhere.js"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    expect(endingOf(error, undefined, false)).toEqual({
      exitCode: 2,
      message:
        'fairshare: the package no-such-package is not installed\nInstall again what fairshare needs: npm install\n',
    });
  });

  it('tells usage from help', () => {
    expect(code(new CommanderError(1, 'commander.unknownOption', 'x'))).toBe(2);
    expect(code(new CommanderError(0, 'commander.helpDisplayed', ''))).toBe(0);
  });

  it('ends with the signal’s code, quietly where nobody reads', () => {
    expect(code(undefined, new Interrupted('SIGINT'))).toBe(130);
    expect(code(new Interrupted('SIGTERM'), new Interrupted('SIGTERM'))).toBe(143);
    expect(endingOf(undefined, new Interrupted('EPIPE'), false)).toEqual({ exitCode: 0, message: '' });
    expect(endingOf(Object.assign(new Error('x'), { code: 'EPIPE' }), undefined, false).exitCode).toBe(0);
    const fault = endingOf(new Fault('warehouseUnreachable', 'held'), new Interrupted('SIGINT'), false);
    expect(fault).toMatchObject({ exitCode: 130, message: 'fairshare: held\n' });
  });
});

describe('output', () => {
  it('writes bigints as strings', () => {
    expect(written((stream) => printJson(stream, { a: 2n ** 64n, b: [1n], c: 1 }))).toBe(
      '{"a":"18446744073709551616","b":["1"],"c":1}\n',
    );
  });

  it('draws a table without colours, numbers to the right', () => {
    const table = written((stream) =>
      printTable(
        stream,
        ['name', 'requests'],
        [
          ['npm', 1234567n],
          ['pypi', null],
        ],
      ),
    );
    expect(table).not.toContain('\u001b');
    expect(table).toMatch(/│ npm +│ 1,234,567 │/);
    expect(table).toMatch(/│ pypi +│ +– │/);
  });
});

describe('log', () => {
  it('is JSON for machines and text for people', () => {
    const say = (readable: boolean) =>
      written((stream) => {
        const log = createLogger({ level: 'info', stream, readable, color: false });
        log.debug('unheard');
        log.warn({ lag: 3, source: 'npm' }, 'behind');
      });
    expect(JSON.parse(say(false))).toMatchObject({ level: 'warn', lag: 3, source: 'npm', msg: 'behind' });
    expect(say(true)).toMatch(/^\d\d:\d\d:\d\d warn behind lag=3 source=npm\n$/);
  });
});

describe('progress', () => {
  const log = createLogger({ level: 'info', stream: new PassThrough(), readable: false, color: false });
  const draw = (interactive: boolean) =>
    written((stderr) => {
      const terminal = Object.assign(stderr, { isTTY: true });
      const progress = createProgress(
        { interactive, log, stderr: terminal },
        { label: 'load', total: 10_000, unit: 'bytes' },
      );
      progress.add(4_000);
      progress.setTotal(20_000);
      progress.stop();
      progress.stop();
    });

  it('draws on a terminal', () => expect(draw(true)).toMatch(/load .* 0%? .* of 10\.0 kB/));
  it('draws nothing elsewhere', () => expect(draw(false)).toBe(''));
});
