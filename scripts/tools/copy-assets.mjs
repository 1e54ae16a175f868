// Copies what tsc does not: .sql files, web assets and plain JavaScript, to the same place under dist/.
import { chmodSync, cpSync, readdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { mkdirSync } from 'node:fs';

const assets = new Set(['.sql', '.css', '.html', '.json', '.js', '.svg', '.yaml', '.csv', '.xml']);
for (const root of ['sql', 'dashboards', 'transform', 'ingest', 'scripts']) {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !assets.has(extname(from)) || from.startsWith(join('scripts', 'tools'))) continue;
    const to = join('dist', from);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}

// npm links a package's program and marks it so when it installs; a rebuild has to do it itself.
chmodSync('dist/scripts/fairshare.js', 0o755);
