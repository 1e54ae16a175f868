// The manifest of a report: which files it wrote, with their hashes, so that `fairshare verify` finds a changed file.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../sql/sha256.ts';

export const REPORT_SCHEMA = 'fairshare.report/1';

/** Text, or the bytes of a PDF. */
export type FileContent = string | Uint8Array;
/** Path below the report's directory → content. null: the file must be deleted, because its figures are older than those beside it. */
export type ReportFiles = ReadonlyMap<string, FileContent | null>;

export interface ReportFile {
  /** Relative to the manifest's directory. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** docs/FUNDING.md, "Reports and exports on disk". */
export interface ReportManifest {
  readonly schema: typeof REPORT_SCHEMA;
  readonly period: string;
  readonly status: 'open' | 'closed';
  readonly run_id: string;
  readonly files: readonly ReportFile[];
}

export const reportManifestName = (period: string): string => `manifest-${period}.json`;

/** File names of our reports, relative to their directory. */
export const reportFileNames = /^(summary-\d{4}-\d{2}|statements\/.+-\d{4}-\d{2})\.(html|csv|json|sql|pdf)$/;

const fileOf = (path: string, content: FileContent): ReportFile => ({
  path,
  bytes: Buffer.byteLength(content),
  sha256: sha256(content),
});

/**
 * The manifest of files that a report writes (null: deletes).
 * @param earlier the manifest of the same period, if the report writes one statement alone: its other files stay
 */
export function reportManifest(
  head: Omit<ReportManifest, 'schema' | 'files'>,
  files: ReportFiles,
  earlier?: ReportManifest,
): ReportManifest {
  const kept = (earlier?.files ?? []).filter(({ path }) => !files.has(path));
  const written = [...files].flatMap(([path, text]) => (text === null ? [] : [fileOf(path, text)]));
  const { period, status, run_id } = head;
  return {
    schema: REPORT_SCHEMA,
    period,
    status,
    run_id,
    files: [...kept, ...written].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** The manifest of a period in a directory; undefined if there is none. */
export function storedManifest(directory: string, period: string): ReportManifest | undefined {
  const path = join(directory, reportManifestName(period));
  if (!existsSync(path)) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as ReportManifest;
    return manifest.schema === REPORT_SCHEMA && Array.isArray(manifest.files) ? manifest : undefined;
  } catch {
    return undefined; // it is written anew
  }
}
