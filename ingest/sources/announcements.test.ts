// What object stores write when an object comes, and what is made of it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnnouncements } from './announcements.ts';

const read = (message: unknown) =>
  readAnnouncements(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));

/** A record as S3, MinIO and Ceph write it. */
const record = (object: object, eventName = 'ObjectCreated:Put') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName,
  s3: { s3SchemaVersion: '1.0', bucket: { name: 'logs', arn: 'arn:aws:s3:::logs' }, object },
});
const object = (ref: object, size_bytes?: number) => ({ kind: 'object', ref: { bucket: 'logs', ...ref }, size_bytes });
const bad = { kind: 'quarantined', reason: 'bad_announcement' };
const notAnUpload = { kind: 'excluded', reason: 'not_an_upload' };

describe('notifications of S3', () => {
  it('name bucket, key, size, etag and version', () => {
    const created = record({ key: 'a/b.log', size: 12, eTag: 'abc', versionId: 'v1', sequencer: '0A' });
    expect(read({ Records: [created] })).toEqual([object({ key: 'a/b.log', version: 'v1', etag: 'abc' }, 12)]);
  });

  it('carry keys encoded as in a form', () => {
    const keys = ['a+b/c%2Bd.log', '2026%2F11/caf%C3%A9+1.gz'].map((key) => record({ key }));
    expect(read({ Records: keys }).map((each) => each.kind === 'object' && each.ref.key)).toEqual([
      'a b/c+d.log',
      '2026/11/café 1.gz',
    ]);
    const anyKey = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(anyKey, (key) => {
        const encoded = new URLSearchParams({ key }).toString().slice('key='.length);
        expect(read({ Records: [record({ key: encoded })] })).toEqual([object({ key })]);
      }),
    );
  });

  it('come from MinIO, with its own prefix and without versions', () => {
    const created = record({ key: 'x.log', versionId: '', eTag: 'e' }, 's3:ObjectCreated:CompleteMultipartUpload');
    const message = { EventName: 's3:ObjectCreated:CompleteMultipartUpload', Key: 'logs/x.log', Records: [created] };
    expect(read(message)).toEqual([object({ key: 'x.log', etag: 'e' })]);
    expect(read({ Records: [record({ key: 'x.log', versionId: 'null' })] })).toEqual([object({ key: 'x.log' })]);
  });

  it('may be several in a message; each is kept as it came', () => {
    const [first, gone, third] = [record({ key: '1' }), record({ key: '2' }, 'ObjectRemoved:Delete'), { eventName: 7 }];
    expect(read({ Records: [first, gone, third] })).toEqual([
      { ...object({ key: '1' }), event: first },
      { ...notAnUpload, event: gone },
      { ...bad, event: third },
    ]);
  });

  it.each([
    'ObjectRemoved:DeleteMarkerCreated',
    's3:ObjectRemoved:Delete',
    'ObjectRestore:Completed',
    'ObjectTagging:Put',
  ])('%s brings nothing to load', (eventName) =>
    expect(read({ Records: [record({ key: 'x' }, eventName)] })).toEqual([notAnUpload]),
  );

  it('of a test bring nothing', () => {
    expect(read({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'logs', RequestId: 'r' })).toEqual([
      notAnUpload,
    ]);
    expect(read({ Records: [] })).toEqual([notAnUpload]);
  });
});

it('reads the form of EventBridge, whose keys are not encoded', () => {
  const detail = { bucket: { name: 'logs' }, object: { key: 'a+b%20c', size: 5, etag: 'e', 'version-id': 'v' } };
  expect(read({ 'detail-type': 'Object Created', source: 'aws.s3', detail })).toEqual([
    object({ key: 'a+b%20c', version: 'v', etag: 'e' }, 5),
  ]);
  expect(read({ 'detail-type': 'Object Deleted', detail })).toEqual([notAnUpload]);
  expect(read({ 'detail-type': 'Object Created' })).toEqual([bad]);
});

it.each([
  '',
  'not JSON',
  '{"Records": [',
  '[]',
  '42',
  'null',
  '{}',
  { Records: [null] },
  { Records: [record({})] },
  { Records: [record({ key: '' })] },
  { Records: [record({ key: 5 })] },
  { Records: [record({ key: '%E0%A4%A' })] },
  { Records: [{ eventName: 'ObjectCreated:Put' }] },
  { Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: {}, object: { key: 'x' } } }] },
])('quarantines %j', (message) => {
  expect(read(message)).toEqual([bad]);
});

it('never throws, and makes at least one announcement of any message', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(readAnnouncements(bytes).length).toBeGreaterThan(0)));
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(read({ Records: [value] })).toHaveLength(1);
      expect(read(value).length).toBeGreaterThan(0);
    }),
  );
});
