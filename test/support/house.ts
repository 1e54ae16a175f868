// A warehouse for one test, on the embedded engine, with the parts that commands combine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Loader, type LoaderOptions } from '../../ingest/load.ts';
import { retract, type RetractTarget } from '../../ingest/retract.ts';
import { loadRulebook, publishRevision, revisionsOf, type Rulebook } from '../../ingest/rulebook.ts';
import { Source, type SourceSpec } from '../../ingest/source.ts';
import { type FileIngestOptions, findObjects, ingestFiles, type ObjectOutcome } from '../../ingest/sources/files.ts';
import { migrate } from '../../sql/migrate.ts';
import { sealDay, type SealOutcome } from '../../sql/seal.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits, type BatchLimits } from '../../transform/batch-builder.ts';
import { copyMigratedWarehouse } from './warehouse.ts';

/** A century: lines of a test may be later than the clock. */
export const ANY_TIME_MS = 100 * 366 * 86_400_000;

export interface TestRequest {
  /** RFC 3339 */
  readonly at: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly address?: string;
  readonly userAgent?: string;
  readonly status?: number;
}

/** Returns a line as this project's nginx edge writes it. */
export const edgeLine = ({
  at,
  path = '/left-pad/-/left-pad-1.3.0.tgz',
  bytes = 1000,
  address = '192.0.2.1',
  userAgent = 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false',
  status = 200,
}: TestRequest): string =>
  JSON.stringify({
    timestamp: at,
    client_ip: address,
    request: 'GET',
    request_path: path,
    request_query: '',
    user_agent: userAgent,
    response_status: status,
    response_bytes: bytes,
    response_cache: 'HIT',
    request_range: '',
    tls_version: 'TLSv1.3',
    time_elapsed: 0.001,
  });

export class House {
  readonly directory: string;
  readonly warehouse: Warehouse;
  readonly rulebook: Rulebook;

  private constructor(directory: string, warehouse: Warehouse, rulebook: Rulebook) {
    this.directory = directory;
    this.warehouse = warehouse;
    this.rulebook = rulebook;
  }

  /** @param inTestRun true if test/global-setup.ts has made a warehouse to copy */
  static async open(inTestRun = true): Promise<House> {
    const directory = mkdtempSync(join(tmpdir(), 'fairshare-test-'));
    const location = join(directory, 'warehouse');
    if (inTestRun) copyMigratedWarehouse(location);
    const warehouse = await openWarehouse({ location });
    if (!inTestRun) await migrate(warehouse);
    return new House(directory, warehouse, await loadRulebook(warehouse, 'test'));
  }

  /** Writes an object and returns its path. */
  object(name: string, lines: readonly (string | TestRequest)[]): string {
    const path = join(this.directory, name);
    const text = lines.map((line) => (typeof line === 'string' ? line : edgeLine(line))).join('\n') + '\n';
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
    return path;
  }

  loader(options: Partial<LoaderOptions> = {}): Loader {
    return new Loader({ warehouse: this.warehouse, now: () => new Date(), ...options });
  }

  async ingest(
    paths: readonly string[],
    {
      spec = {},
      limits = defaultLimits,
      loader = this.loader(),
      ...wishes
    }: {
      spec?: Partial<SourceSpec>;
      limits?: BatchLimits;
      loader?: Loader;
    } & Pick<FileIngestOptions, 'grown' | 'distinct'> = {},
  ): Promise<ObjectOutcome[]> {
    return ingestFiles(findObjects(paths), {
      warehouse: this.warehouse,
      source: new Source(
        { name: 'npm', format: 'nginx-edge', ecosystem: 'npm', tolerance_ms: ANY_TIME_MS, ...spec },
        this.rulebook,
        limits,
      ),
      loader,
      methodologyVersion: this.rulebook.methodologyVersion,
      revisionAbove: revisionsOf(this.warehouse, this.rulebook, () => new Date()),
      ...wishes,
    });
  }

  revision(above = -1): Promise<number> {
    return publishRevision(this.warehouse, this.rulebook, new Date(), { above });
  }

  retract(target: RetractTarget) {
    return retract(this.warehouse, target, { now: new Date(), revisionAbove: (above) => this.revision(above) });
  }

  seal(day: string, lateBookedDay = '2026-12-01'): Promise<SealOutcome> {
    return sealDay(this.warehouse, day, { lateBookedDay, now: new Date() });
  }

  /** Requests, downloads and bytes of a view or table under a condition. */
  async totals(table: string, where = 'true'): Promise<{ requests: number; downloads: number; bytes: number }> {
    const [row] = await this.warehouse.query<Record<'requests' | 'downloads' | 'bytes', string>>(
      `SELECT sum(requests) AS requests, sum(downloads) AS downloads, sum(bytes) AS bytes FROM (SELECT * FROM ${table} WHERE ${where})`,
    );
    return { requests: Number(row.requests), downloads: Number(row.downloads), bytes: Number(row.bytes) };
  }

  async close(): Promise<void> {
    await this.warehouse.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
