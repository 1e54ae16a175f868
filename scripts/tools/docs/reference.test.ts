// docs/REFERENCE.md says what the code knows: no option, key, variable or metric stands nowhere.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationKeys, commandLine, leaves, metrics, reference, referencePath } from './reference.ts';
import { otherVariables } from './variables.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(referencePath, 'utf8');

/** FAIRSHARE_… of the code, with a file that names it. */
function variablesOfCode(): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of ['transform', 'ingest', 'sql', 'dashboards', 'scripts', 'test', 'bench'])
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
      if (/\.[tj]s$/.test(name) && !name.startsWith('tools/docs/'))
        for (const [, variable] of readFileSync(join(root, folder, name), 'utf8').matchAll(
          /\b(FAIRSHARE_[A-Z_]*[A-Z])\b/g,
        ))
          found.set(variable, `${folder}/${name}`);
  return found;
}

describe('docs/REFERENCE.md', () => {
  it('is what the code says: make docs writes it', async () => {
    expect(page).toBe(await reference());
  });

  it('has every option of every command', async () => {
    const all = [...leaves(await commandLine())];
    expect(all.length).toBeGreaterThan(30);
    for (const [path, command] of all) {
      const section = page
        .slice(page.indexOf(`\n### ${path.join(' ')}\n`))
        .split('\n### ', 2)
        .join('');
      for (const { flags } of command.options) expect(section, path.join(' ')).toContain(flags.replaceAll('|', '\\|'));
    }
  });

  it('says what every key is for', () => {
    expect(configurationKeys().filter(({ description }) => description === '')).toEqual([]);
  });

  it('has every variable that the code reads, and no other', () => {
    const inCode = variablesOfCode();
    for (const [name, file] of inCode) expect(page, `${name} of ${file}`).toContain(`\`${name}\``);
    for (const { name } of otherVariables.filter((each) => each.name.startsWith('FAIRSHARE_')))
      expect([...inCode.keys()]).toContain(name);
  });

  it('has every metric', async () => {
    const known = await metrics();
    expect(known.length).toBeGreaterThan(15);
    for (const { name, help } of known) {
      expect(page).toContain(`\`${name}\``);
      expect(help).not.toBe('');
    }
  });
});
