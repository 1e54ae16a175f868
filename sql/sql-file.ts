// SQL lives in .sql files beside this one; it is read through here.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

/** The text of sql/<path>. */
export const sqlFile = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** Names of the .sql files in a folder of sql/, sorted. */
export const sqlFiles = (folder: string): string[] =>
  readdirSync(`${root}${folder}`)
    .filter((name) => name.endsWith('.sql'))
    .sort();

/** Statements of a file: ended by ';' at a line's end. Comment lines before a statement stay with it. */
export const statements = (text: string): string[] =>
  text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^--.*$/gm, '').trim() !== '');
