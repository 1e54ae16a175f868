// The version of this program, from package.json.

import { readFileSync } from 'node:fs';

const built = import.meta.url.includes('/dist/');
const packageFile = new URL(built ? '../../../package.json' : '../../package.json', import.meta.url);

export const version: string = (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
