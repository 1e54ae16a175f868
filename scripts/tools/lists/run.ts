// `make lists`: compares the lists of clients with their sources and shows the difference; writes them only if --write is given.
// Usage: tsx scripts/tools/lists/run.ts [--write]. Exit code 3 if a source could not be reached.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ClientList } from '../../../transform/clients/lists.ts';
import { differenceText } from './compare.ts';
import { refreshLists, type Refreshed } from './refresh.ts';
import { realSources } from './sources.ts';

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const folder = new URL('../../../transform/clients/lists/', import.meta.url);
const files: Readonly<Record<string, string>> = {
  'ai-crawler-index': 'ai-crawler-index.json',
  'ai.robots.txt': 'ai-robots-txt.json',
  "AI operators' own pages": 'ai-operators.json',
};

function write({ name, after }: Refreshed): void {
  if (after === undefined) return;
  const file = new URL(files[name] ?? 'packages.json', folder);
  const content =
    name in files
      ? after
      : (JSON.parse(readFileSync(file, 'utf8')) as ClientList[]).map((list) => (list.name === name ? after : list));
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}

const sources = realSources();
const lists = await refreshLists(sources, new Date().toISOString().slice(0, 10)).finally(() => sources.close());
for (const list of lists) {
  const { name, before, after, difference, notes, unreached } = list;
  const count = difference.added.length + difference.removed.length + difference.changed.length;
  const differs =
    count > 0 ? `${count} differences` : unreached.length > 0 ? 'not compared, or in part' : 'no difference';
  const version =
    after === undefined || after.version === before.version ? before.version : `${before.version} → ${after.version}`;
  process.stdout.write(`${name}${version === '' ? '' : ` ${version}`}, read ${before.read}: ${differs}\n`);
  process.stdout.write(differenceText(difference));
  for (const note of notes) process.stdout.write(`  ${note}\n`);
  for (const source of unreached) process.stdout.write(`  NOT REACHED ${source}\n`);
  if (values.write) write(list);
}
const unreached = lists.flatMap((list) => list.unreached);
process.stdout.write(
  values.write
    ? 'Lists of reached sources are written: look at git diff, then make fmt, make docs, make conformance\n'
    : 'Nothing is written: make lists WRITE=1 writes what was reached\n',
);
if (unreached.length > 0) {
  process.stderr.write(`lists: ${unreached.length} sources could not be reached; their lists stay as they are\n`);
  process.exitCode = 3;
}
