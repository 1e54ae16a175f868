// Checks that this project may use every package of package-lock.json; `make lint` runs it. The lock file has the licence of each
// package, also of packages that are installed only on other systems.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import satisfies from 'spdx-satisfies';

/** Licences that require only that a distributor of fairshare keeps notices. */
const shipped = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
];
/** Development tools are never distributed, so the sources of an MPL file and the authors of CC data need no mention. */
const tools = [...shipped, 'CC-BY-3.0', 'MPL-2.0'];

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  /** Only development needs it. */
  readonly dev?: boolean;
}

function isAllowed(licence: string, allowed: readonly string[]): boolean {
  try {
    return satisfies(licence, [...allowed]);
  } catch {
    return false; // not an SPDX expression: 'SEE LICENSE IN x', 'UNLICENSED'
  }
}

/** One line for each package whose licence is not allowed. @param lock text of a package-lock.json */
export function licenceFaults(lock: string): string[] {
  const { packages } = JSON.parse(lock) as { readonly packages: Readonly<Record<string, LockedPackage>> };
  return Object.entries(packages)
    .filter(([path]) => path !== '') // fairshare itself
    .filter(([, { license = '', dev = false }]) => !isAllowed(license, dev ? tools : shipped))
    .map(([path, { version, license = 'none that package-lock.json names', dev = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return `${name} ${version ?? ''} (${dev ? 'development' : 'production'}): licence ${license}`;
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = licenceFaults(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8'));
  if (faults.length > 0) {
    process.stderr.write(
      `${faults.length} package(s) have a licence that is not allowed:\n${faults.map((fault) => `  ${fault}\n`).join('')}` +
        `Allowed: ${shipped.join(', ')}; in development also ${tools.slice(shipped.length).join(', ')}.\n` +
        'Take another package, or add the licence to scripts/tools/licences.ts after you have read it.\n',
    );
    process.exitCode = 4;
  }
}
