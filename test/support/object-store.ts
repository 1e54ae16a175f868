// An object store for a test file, and the record that it would write to a topic for a new object.

import type * as sdk from '@aws-sdk/client-s3';
import { type ProvidedStore, startObjectStore } from '../provide/object-store.ts';
import { uniqueName } from './kafka.ts';

export class TestStore {
  readonly bucket = uniqueName('logs');

  private constructor(
    readonly provided: ProvidedStore,
    private readonly client: sdk.S3Client,
    private readonly s3: typeof sdk,
  ) {}

  static async open(): Promise<TestStore> {
    const provided = await startObjectStore(() => {});
    const { endpoint, accessKeyId, secretAccessKey } = provided;
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const s3 = await import('@aws-sdk/client-s3');
    const client = new s3.S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const store = new TestStore(provided, client, s3);
    await client.send(new s3.CreateBucketCommand({ Bucket: store.bucket }));
    return store;
  }

  /** The client finds these variables as it does in production. */
  get env(): { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string } {
    return { AWS_ACCESS_KEY_ID: this.provided.accessKeyId, AWS_SECRET_ACCESS_KEY: this.provided.secretAccessKey };
  }

  /** → the record that the store would send */
  async put(key: string, body: string | Uint8Array): Promise<object> {
    const answer = await this.client.send(new this.s3.PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body }));
    return this.record(key, { size: body.length, eTag: answer.ETag!.replaceAll('"', '') });
  }

  async delete(key: string): Promise<void> {
    await this.client.send(new this.s3.DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
  }

  record(key: string, about: object = {}, eventName = 'ObjectCreated:Put'): object {
    const encoded = new URLSearchParams({ key }).toString().slice('key='.length);
    return {
      eventSource: 'aws:s3',
      eventName,
      s3: { bucket: { name: this.bucket }, object: { key: encoded, ...about } },
    };
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.provided.stop();
  }
}
