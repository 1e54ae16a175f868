// What is peculiar to one JSON preset, beyond its fixtures (fixtures.test.ts).

import { describe, expect, it } from 'vitest';
import { readLines } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';
import { formatByName } from './index.ts';
import { fieldMapFaults } from './json-lines.ts';
import { LocalTime } from '../scan/local-time.ts';

describe('fastly-rubygems', () => {
  it('reads its timestamps in the configured zone', () => {
    const [row] = readLines('fastly-rubygems', utf8('{"timestamp":"2018-04-16 04:59:59","request":"GET","request_path":"/","response_status":"200"}'), { local: LocalTime.fixed(120) }); // prettier-ignore
    expect(row).toMatchObject({ at: Date.UTC(2018, 3, 16, 2, 59, 59) });
  });
});

describe('json', () => {
  const fields = {
    occurred_at: '@t',
    request_line: 'http.request',
    status: 'http.status',
    bytes: 'http.sent',
    userAgent: 'http.ua',
    ip: 'peer',
  };

  it('says what is wrong with a field map', () => {
    expect(fieldMapFaults(fields)).toEqual([]);
    expect(fieldMapFaults({ colour: 'a', path: '' })).toEqual([
      expect.stringContaining('colour: not a field'),
      'path: the key path is empty',
    ]);
    expect(() => formatByName('json')!.parser({ fields: { colour: 'a' } })).toThrow('colour: not a field');
    expect(() => formatByName('json')!.parser({ fields: { path: 'a', status: 'b' } })).toThrow(
      'must map occurred_at, method',
    );
    expect(() => formatByName('json')!.parser()).toThrow('must map occurred_at, method, path, status');
  });

  it("a map overrides a preset's keys one by one", () => {
    const text = '{"timestamp":"2026-11-22T07:48:02Z","request":"GET","uri_raw":"/a","response_status":200,"org":"t1"}';
    const options = { fields: { path: 'uri_raw', token: 'org' } };
    expect(readLines('nginx-edge', utf8(text), options)).toMatchObject([{ path: '/a', token: 't1' }]);
  });
});
