// Checks reports and exports on disk by their manifests, without a warehouse.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sha256, sha256OfFile } from '../../sql/sha256.ts';
import { Fault } from '../../transform/fault.ts';
import { EXPORT_SCHEMA, exportFileNames, manifestCopy, type Manifest } from './files.ts';
import { REPORT_SCHEMA, reportFileNames, type ReportManifest } from './report-manifest.ts';

export interface FileFault {
  /** Relative to the manifest's directory. */
  readonly file: string;
  readonly problem: string;
}

export interface CheckedManifest {
  readonly manifest: string;
  readonly files: number;
  readonly faults: readonly FileFault[];
}

/**
 * Checks a manifest, or every manifest at and below a directory.
 * @throws Fault(usage) if there is no such path; Fault(inputRefused) if there is no manifest
 */
export async function* checkFiles(path: string, signal?: AbortSignal): AsyncGenerator<CheckedManifest> {
  const manifests = manifestsAt(path);
  if (manifests.length === 0)
    throw new Fault(
      'inputRefused',
      `${path} holds no manifest of a report or an export`,
      'Name the directory that --out named.',
    );
  const listed = new Map<string, Set<string>>();
  for (const manifest of manifests) {
    signal?.throwIfAborted();
    const checked = await checkManifest(manifest);
    yield { manifest, files: checked.files.length, faults: checked.faults };
    const names = listed.get(dirname(manifest)) ?? new Set();
    for (const file of checked.files) names.add(file);
    listed.set(dirname(manifest), names);
  }
  if (statSync(path).isDirectory())
    for (const [directory, names] of listed) {
      const strays = ourFiles(directory).filter((file) => !names.has(file));
      if (strays.length > 0)
        yield {
          manifest: directory,
          files: strays.length,
          faults: strays.map((file) => ({ file, problem: 'no manifest lists it' })),
        };
    }
}

function manifestsAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /^manifest(-[-\w]+)?\.json$/.test(basename(name)))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw new Fault(
      'usage',
      `cannot read ${path}: ${(cause as Error).message}`,
      'Name a directory with reports or exports.',
      {
        cause,
      },
    );
  }
}

/** Files of a directory that look like ours: a person may have put them there. */
const ourFiles = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
    (name) => exportFileNames.test(name) || reportFileNames.test(name),
  );

async function checkManifest(path: string): Promise<{ readonly files: string[]; readonly faults: FileFault[] }> {
  const name = basename(path);
  const text = readFileSync(path);
  const manifest = parsed(text.toString());
  if (manifest === undefined)
    return { files: [], faults: [{ file: name, problem: 'it is not a manifest of a report or an export' }] };
  const faults: FileFault[] = [];
  // Earlier manifests of closed periods are named by their hash.
  const [, digits] = manifestCopy.exec(name) ?? [];
  if (digits !== undefined && !sha256(text).startsWith(digits))
    faults.push({ file: name, problem: 'its content is not the one that its name says' });
  for (const { path: file, bytes, sha256: hash } of manifest.files) {
    const problem = await problemOf(join(dirname(path), file), bytes, hash);
    if (problem !== undefined) faults.push({ file, problem });
  }
  return { files: manifest.files.map((file) => file.path), faults };
}

function parsed(text: string): Manifest | ReportManifest | undefined {
  try {
    const manifest = JSON.parse(text) as Manifest | ReportManifest;
    const isOurs = manifest.schema === EXPORT_SCHEMA || manifest.schema === REPORT_SCHEMA;
    return isOurs && Array.isArray(manifest.files) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function problemOf(path: string, bytes: number, hash: string): Promise<string | undefined> {
  try {
    const { size } = statSync(path);
    if (size !== bytes) return `it has ${size} bytes, the manifest says ${bytes}`;
    if ((await sha256OfFile(path)) !== hash) return 'its content is not the one that the manifest says';
    return undefined;
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}
