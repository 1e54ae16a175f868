// Finds exports of a folder that its index.ts does not list: a file that its author forgot to register.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/**
 * @param folder such as 'transform/clients'
 * @param isMember whether an exported object is of the kind that is listed
 * @param list what index.ts lists
 * @returns a sentence for each export that is not in the list
 */
export async function unlisted<T>(
  folder: string,
  isMember: (value: object) => boolean,
  list: readonly T[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const file of readdirSync(fileURLToPath(new URL(folder, root)))) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const module = (await import(new URL(`${folder}/${file}`, root).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module))
      if (typeof value === 'object' && value !== null && isMember(value) && !list.includes(value as T))
        faults.push(`${folder}/${file} exports ${name}, and ${folder}/index.ts does not list it`);
  }
  return faults;
}
