// The door to S3 and compatible stores: the only file that imports S3's client. It returns a file with an object's stored bytes, or
// the reason why there is none. If an object store does not answer, it waits.

import { createWriteStream, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { Fault } from '../../transform/fault.ts';
import { type RemoteObject } from './files.ts';

/** The `object_store` part of the configuration. Credentials come from the client's own chain: variables, files, roles. */
export interface ObjectStoreSettings {
  /** Default: Amazon's own. */
  readonly endpoint?: string;
  readonly region?: string;
  /** https://host/bucket/key instead of https://bucket.host/key. Default: true if an endpoint is configured */
  readonly path_style?: boolean;
  /** PEM of the authority that signed the endpoint's certificate. */
  readonly ca_file?: string;
}

/** One object, at one moment. */
export interface ObjectRef {
  readonly bucket: string;
  readonly key: string;
  /** Set if the bucket keeps versions. */
  readonly version?: string;
  readonly etag?: string;
}

export const objectName = ({ bucket, key }: ObjectRef): string => `s3://${bucket}/${key}`;

/** Tells this content of the object from another one. */
export const contentOf = ({ version, etag = '' }: ObjectRef): string => version ?? unquoted(etag);

export type FetchOutcome =
  | { readonly status: 'fetched'; readonly size_bytes: number; readonly modifiedAt_ms: number }
  /** missing: it does not exist (any more) · changed: it has other content now · denied: a person must act first */
  | { readonly status: 'missing' | 'changed' | 'denied'; readonly problem: string };

export interface ObjectStoreOptions {
  readonly base_dir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The store's answer says nothing about the object: it is asked again after this wait. */
  readonly onRetry?: (problem: string, wait_ms: number) => void;
  /** Tries before an object counts as denied; default: no limit. */
  readonly attempts?: number;
  readonly firstWait_ms?: number;
  /** A connection without data for this long is closed, and tried again. */
  readonly idle_ms?: number;
}

const FIRST_WAIT_MS = 200;
const LAST_WAIT_MS = 30_000;

export class ObjectStore {
  private client: Promise<S3Client> | undefined;

  constructor(
    private readonly settings: ObjectStoreSettings,
    private readonly options: ObjectStoreOptions = {},
  ) {}

  /** Writes the object's stored bytes to a file. @throws AbortError */
  async fetch(ref: ObjectRef, path: string, signal?: AbortSignal): Promise<FetchOutcome> {
    return this.untilKnown(ref, signal, async () => ({
      status: 'fetched',
      ...(await this.download(ref, path, signal)),
    }));
  }

  /** Objects whose keys begin with a prefix, in order of key. @throws Fault(inputRefused) */
  async list(bucket: string, prefix: string, signal?: AbortSignal): Promise<(ObjectRef & { size_bytes: number })[]> {
    const found: (ObjectRef & { size_bytes: number })[] = [];
    const { ListObjectsV2Command } = await sdk();
    const client = await this.connect();
    for (let more: string | undefined, first = true; first || more !== undefined; first = false) {
      const page = await this.untilKnown({ bucket, key: prefix }, signal, async () => ({
        status: 'listed' as const,
        page: await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: more }), {
          abortSignal: signal,
        }),
      }));
      if (page.status !== 'listed') throw new Fault('inputRefused', page.problem, HINT);
      for (const { Key: key, Size: size_bytes = 0, ETag: etag } of page.page.Contents ?? [])
        if (key !== undefined && !(key.endsWith('/') && size_bytes === 0))
          found.push({ bucket, key, etag, size_bytes });
      more = page.page.IsTruncated === true ? page.page.NextContinuationToken : undefined;
    }
    return found;
  }

  async close(): Promise<void> {
    (await this.client?.catch(() => undefined))?.destroy();
  }

  private async untilKnown<T>(
    ref: ObjectRef,
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T | Exclude<FetchOutcome, { status: 'fetched' }>> {
    const { attempts = Infinity, firstWait_ms = FIRST_WAIT_MS, onRetry } = this.options;
    for (let attempt = 1, wait_ms = firstWait_ms; ; attempt++, wait_ms = Math.min(wait_ms * 2, LAST_WAIT_MS)) {
      try {
        return await run();
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof Fault) throw error;
        const { status, problem } = judge(error as S3ServiceException, ref);
        if (status !== 'unknown') return { status, problem };
        if (attempt >= attempts) return { status: 'denied', problem };
        onRetry?.(problem, wait_ms);
        await pause(wait_ms, undefined, { signal });
      }
    }
  }

  private async download(
    ref: ObjectRef,
    path: string,
    signal?: AbortSignal,
  ): Promise<{ readonly size_bytes: number; readonly modifiedAt_ms: number }> {
    const { GetObjectCommand } = await sdk();
    const silence = new AbortController();
    const { idle_ms = 60_000 } = this.options;
    const idle = setTimeout(() => silence.abort(new Error(`nothing came for ${idle_ms} ms`)), idle_ms);
    const either = AbortSignal.any(signal === undefined ? [silence.signal] : [signal, silence.signal]);
    try {
      const client = await this.connect();
      const { Body, ContentLength, LastModified } = await client.send(
        new GetObjectCommand({
          Bucket: ref.bucket,
          Key: ref.key,
          VersionId: ref.version,
          // A version never changes. Without one, the content must still be the announced one.
          IfMatch: ref.version === undefined && ref.etag !== undefined ? `"${unquoted(ref.etag)}"` : undefined,
        }),
        { abortSignal: either },
      );
      let size_bytes = 0;
      const counted = new Transform({
        transform: (chunk: Uint8Array, _encoding, done) => {
          size_bytes += chunk.length;
          idle.refresh();
          done(null, chunk);
        },
      });
      await pipeline(Body as Readable, counted, createWriteStream(path), { signal: either });
      if (ContentLength !== undefined && size_bytes !== ContentLength)
        throw new Error(`${size_bytes} bytes came instead of ${ContentLength}`);
      return { size_bytes, modifiedAt_ms: LastModified?.getTime() ?? 0 };
    } catch (error) {
      throw silence.signal.aborted ? (silence.signal.reason as Error) : error;
    } finally {
      clearTimeout(idle);
    }
  }

  private connect(): Promise<S3Client> {
    return (this.client ??= this.create());
  }

  private async create(): Promise<S3Client> {
    const { endpoint, region, path_style = endpoint !== undefined, ca_file } = this.settings;
    const { base_dir = '.', env = process.env } = this.options;
    const { S3Client } = await sdk();
    return new S3Client({
      endpoint,
      // Stores other than Amazon's seldom use the region, but the signature requires one.
      region: region ?? env.AWS_REGION ?? (endpoint === undefined ? undefined : 'us-east-1'),
      forcePathStyle: path_style,
      // Other stores refuse checksums that only Amazon knows.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: 5_000,
        ...(ca_file === undefined ? {} : { httpsAgent: { ca: readCertificate(resolve(base_dir, ca_file)) } }),
      },
    });
  }
}

/** Loaded on first use, so that other commands do not spend a quarter of a second on it. */
function sdk() {
  // Its warning about Node.js versions is for developers; package-lock.json names a release for the version in use.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return import('@aws-sdk/client-s3');
}

function readCertificate(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Fault('usage', `cannot read ${path}: ${(cause as Error).message}`, 'Correct object_store.ca_file', {
      cause,
    });
  }
}

const HINT =
  'Check object_store in the configuration, the credentials (AWS_ACCESS_KEY_ID and its like), and the rights.';
const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '');

/** Errors that pass with time: expired tokens, wrong clocks, overload. */
const PASSING = new Set(['ExpiredToken', 'RequestTimeTooSkewed', 'RequestTimeout', 'SlowDown', 'TooManyRequests']);
const GONE = new Set(['NoSuchKey', 'NoSuchVersion', 'NotFound', 'MethodNotAllowed']);

/** The meaning of an error for the object. Its text contains neither keys nor signatures. */
function judge(
  error: Partial<S3ServiceException> & Error,
  ref: ObjectRef,
): { status: 'missing' | 'changed' | 'denied' | 'unknown'; problem: string } {
  const status = error.$metadata?.httpStatusCode;
  const problem = `${objectName(ref)}: ${[status, error.name === 'Error' ? undefined : error.name, error.message].filter((part) => part !== undefined && part !== '').join(' ')}`;
  const verdict = (): 'missing' | 'changed' | 'denied' | 'unknown' => {
    if (error.name === 'CredentialsProviderError' || /region is missing/i.test(error.message)) return 'denied';
    if (PASSING.has(error.name) || status === undefined || status >= 500 || status === 408 || status === 429)
      return 'unknown';
    if (status === 412) return 'changed';
    if (GONE.has(error.name) || error.name === 'InvalidObjectState') return 'missing';
    return status >= 300 ? 'denied' : 'unknown';
  };
  return { status: verdict(), problem };
}

/** 's3://bucket/prefix' → its parts; undefined for anything else. */
export function s3Location(text: string): { bucket: string; prefix: string } | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix };
}

/** The objects below 's3://bucket/prefix', to be loaded like files. @throws Fault(inputRefused) if there are none */
export async function findRemoteObjects(
  store: ObjectStore,
  location: string,
  signal?: AbortSignal,
): Promise<RemoteObject[]> {
  const { bucket, prefix } = s3Location(location)!;
  const found = await store.list(bucket, prefix, signal);
  if (found.length === 0)
    throw new Fault('inputRefused', `${location}: no object's key begins like this`, 'Check bucket and prefix.');
  return found.map((ref) => remoteObject(store, ref, ref.size_bytes, ref.key !== prefix));
}

const remoteObject = (store: ObjectStore, ref: ObjectRef, size_bytes: number, isListed: boolean): RemoteObject => ({
  name: objectName(ref),
  content: contentOf(ref),
  size_bytes,
  isListed,
  fetch: async (path, signal) => {
    const outcome = await store.fetch(ref, path, signal);
    if (outcome.status !== 'fetched') throw new Fault('inputRefused', outcome.problem, HINT);
    return outcome;
  },
});
