// Reads messages of an object store: S3's event notifications, as Amazon, MinIO, Ceph and others send them to a topic, and the
// form that EventBridge gives them. No I/O.

import { type ObjectRef } from './object-store.ts';

/** Reasons why an announcement has no rows of its own. */
export const announcementExclusions = [
  'object_loaded', // its lines count in batches of their own
  'object_known', // its bytes were announced or loaded before, under this or another name
  'not_an_upload', // another event (deleted, restored, tagged), or a test of the connection
] as const;

/** Reasons for quarantine: nothing of the object counts. */
export const announcementFaults = [
  'bad_announcement', // not a notification that names bucket and key
  'object_missing', // it no longer exists
  'object_changed', // it was overwritten after the announcement; the new content has its own announcement
  'object_refused', // damaged, in no known format, or other content under a name that was loaded
] as const;

export type AnnouncementReason = (typeof announcementExclusions)[number] | (typeof announcementFaults)[number];

export type Announcement = {
  /** The event that this announcement is made from, if the message has several. */
  readonly event?: unknown;
} & (
  | { readonly kind: 'object'; readonly ref: ObjectRef; readonly size_bytes: number | undefined }
  | { readonly kind: 'excluded'; readonly reason: 'not_an_upload' }
  | { readonly kind: 'quarantined'; readonly reason: 'bad_announcement' }
);

const EXCLUDED: Announcement = { kind: 'excluded', reason: 'not_an_upload' };
const BAD: Announcement = { kind: 'quarantined', reason: 'bad_announcement' };

/** One announcement for each event of a message; one for a message without events. Never throws. */
export function readAnnouncements(message: Uint8Array): Announcement[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(message));
  } catch {
    return [BAD];
  }
  const body = asRecord(parsed);
  if (body === undefined) return [BAD];
  const events: unknown = body.Records;
  if (Array.isArray(events)) {
    if (events.length === 0) return [EXCLUDED];
    return events.map((event) => ({ ...notification(event), ...(events.length > 1 && { event: event as unknown }) }));
  }
  if (body.Event === 's3:TestEvent') return [EXCLUDED];
  if (typeof body['detail-type'] === 'string') return [eventBridge(body['detail-type'], asRecord(body.detail))];
  return [BAD];
}

/** {eventName, s3: {bucket: {name}, object: {key, size, eTag, versionId}}}; the key is encoded as in a form. */
function notification(event: unknown): Announcement {
  const { eventName, s3 } = asRecord(event) ?? {};
  if (typeof eventName !== 'string') return BAD;
  if (!/^(?:s3:)?ObjectCreated:/.test(eventName)) return EXCLUDED;
  const { bucket, object } = asRecord(s3) ?? {};
  const { key, size, eTag, versionId } = asRecord(object) ?? {};
  return announced(asRecord(bucket)?.name, decodedKey(key), versionId, eTag, size);
}

/** {detail: {bucket: {name}, object: {key, size, etag, 'version-id'}}}; the key is not encoded. */
function eventBridge(type: string, detail: Record<string, unknown> = {}): Announcement {
  if (type !== 'Object Created') return EXCLUDED;
  const { key, size, etag, 'version-id': version } = asRecord(detail.object) ?? {};
  return announced(asRecord(detail.bucket)?.name, key, version, etag, size);
}

function announced(bucket: unknown, key: unknown, version: unknown, etag: unknown, size: unknown): Announcement {
  if (typeof bucket !== 'string' || bucket === '' || typeof key !== 'string' || key === '') return BAD;
  // Ceph and others write '' or 'null' if a bucket keeps no versions.
  const given = (value: unknown) => (typeof value === 'string' && value !== '' && value !== 'null' ? value : undefined);
  return {
    kind: 'object',
    ref: { bucket, key, version: given(version), etag: given(etag) },
    size_bytes: typeof size === 'number' && size >= 0 ? size : undefined,
  };
}

function decodedKey(key: unknown): string | undefined {
  if (typeof key !== 'string') return undefined;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

const asRecord = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
