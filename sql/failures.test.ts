// What errors of the system and of the engine become: a kind, a message, and whether waiting helps.

import { describe, expect, it } from 'vitest';
import { Fault } from '../transform/fault.ts';
import { faultOf, passes, pathProblem } from './failures.ts';

const system = (code: string, message = `${code}: as Node says it, open '/x'`) =>
  Object.assign(new Error(message), { code, syscall: 'open' });
const engine = (type: string, message = type, code = '1') => Object.assign(new Error(message), { type, code });

describe('an error of the system', () => {
  it.each([
    ['ENOSPC', 'warehouseUnreachable', /^the disk is full: ENOSPC/, true],
    ['EDQUOT', 'warehouseUnreachable', /quota/, true],
    ['EFBIG', 'warehouseUnreachable', /ulimit -f/, true],
    ['EROFS', 'usage', /read-only/, true],
    ['EIO', 'warehouseUnreachable', /input\/output error/, true],
    ['EMFILE', 'warehouseUnreachable', /too many files/, true],
    ['EACCES', 'usage', /^permission denied/, false],
    ['EPERM', 'usage', /^permission denied/, false],
    ['ENOENT', 'usage', /no such file/, false],
    ['ENOTDIR', 'usage', /no directory/, false],
    ['ELOOP', 'usage', /in a circle/, false],
    ['ENAMETOOLONG', 'usage', /too long/, false],
  ] as const)('%s', (code, kind, message, mayPass) => {
    const fault = faultOf(system(code))!;
    expect([fault.kind, passes(system(code))]).toEqual([kind, mayPass]);
    expect(fault.message).toMatch(message);
    expect(fault.hint).not.toBe('');
  });
});

describe('an error of the engine', () => {
  it.each([
    [
      engine('NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB, not enough space.'),
      'warehouseUnreachable',
      /^the disk is full/,
      true,
    ],
    [
      engine(
        'CANNOT_WRITE_TO_FILE_DESCRIPTOR',
        'Cannot write to file /w/x: , errno: 28, strerror: No space left on device',
      ),
      'warehouseUnreachable',
      /^the disk is full/,
      true,
    ],
    [
      engine('CANNOT_OPEN_FILE', 'Cannot open file /w/x: , errno: 13, strerror: Permission denied.'),
      'usage',
      /^permission denied/,
      false,
    ],
    [
      engine('CANNOT_OPEN_FILE', 'Cannot open file /w/x: , errno: 24, strerror: Too many open files'),
      'warehouseUnreachable',
      /^too many files/,
      true,
    ],
    [engine('CANNOT_OPEN_FILE'), 'warehouseUnreachable', /cannot use a file/, false],
    [engine('CHECKSUM_DOESNT_MATCH'), 'checkFailed', /damaged/, false],
    [engine('CANNOT_READ_ALL_DATA'), 'checkFailed', /damaged/, false],
    [engine('ATTEMPT_TO_READ_AFTER_EOF'), 'checkFailed', /damaged/, false],
    [
      engine('FILE_DOESNT_EXIST', 'Cannot open file /w/store/a.bin: , errno: 2, strerror: No such file or directory'),
      'checkFailed',
      /damaged/,
      false,
    ],
    [engine('MEMORY_LIMIT_EXCEEDED'), 'warehouseUnreachable', /memory/, true],
    [engine('TOO_MANY_SIMULTANEOUS_QUERIES'), 'warehouseUnreachable', /busy/, true],
    [engine('TABLE_IS_READ_ONLY'), 'warehouseUnreachable', /busy or not ready/, true],
    [
      engine('READONLY', 'default: Cannot execute query in readonly mode.', '164'),
      'warehouseUnreachable',
      /refuses/,
      false,
    ],
    [engine('ACCESS_DENIED'), 'warehouseUnreachable', /refuses/, false],
  ] as const)('%s', (error, kind, message, mayPass) => {
    // prettier-ignore
    const fault = faultOf(error)!;
    expect([fault.kind, passes(error)]).toEqual([kind, mayPass]);
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain(error.message);
  });
});

describe('everything else is a defect', () => {
  it.each([new TypeError('boom'), engine('TYPE_MISMATCH'), engine('toString'), system('Z_DATA_ERROR'), 'text'])(
    '%s',
    (error) => expect([faultOf(error), passes(error)]).toEqual([undefined, false]),
  );
});

describe('waiting', () => {
  const unreachable = (cause?: unknown) => new Fault('warehouseUnreachable', 'x', '', { cause });
  it('helps while the warehouse is away, not while it refuses its user or has a wrong certificate', () => {
    expect(passes(unreachable())).toBe(true);
    expect(passes(unreachable(system('ECONNREFUSED')))).toBe(true);
    expect(passes(unreachable(engine('AUTHENTICATION_FAILED')))).toBe(false);
    expect(passes(unreachable(system('DEPTH_ZERO_SELF_SIGNED_CERT')))).toBe(false);
    expect(passes(new Fault('usage', 'x'))).toBe(false);
  });
});

it('says what is wrong with one path, and nothing of a full disk', () => {
  expect(pathProblem(system('EACCES'))).toBe('permission denied (EACCES)');
  expect(pathProblem(system('EIO'))).toMatch(/^the disk reports/);
  for (const error of [system('ENOSPC'), system('EROFS'), system('EMFILE'), new Error('x'), engine('READONLY')])
    expect(pathProblem(error)).toBeUndefined();
});
