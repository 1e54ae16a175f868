// What README and docs/ name is there: the files they link to, and the commands and flags they show.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type Runtime } from '../../runtime/command.ts';
import { addCommands, loadCommands } from '../../runtime/program.ts';
import { commands } from '../../commands/index.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = ['README.md', 'CHANGELOG.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

const program = new Command('fairshare');
addCommands(program, commands);
await loadCommands(program, commands, {} as Runtime);
/** Of the program itself (scripts/runtime/program.ts). */
const globalFlags = ['--config', '--warehouse', '--lock-timeout', '--log-level', '--help', '--version'];

/** 'fairshare ingest files PATH --source x' → the command and the flags, or undefined where there is no such command. */
function resolveLine(words: readonly string[]): { readonly command: Command; readonly unknown: string[] } | undefined {
  let command = program;
  let depth = 0;
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    command = next;
    depth++;
  }
  const known = new Set([...globalFlags, ...command.options.flatMap(({ long }) => long ?? [])]);
  const unknown = words.slice(depth).filter((word) => /^--[a-z]/.test(word) && !known.has(word.split('=')[0]));
  return depth === 0 ? undefined : { command, unknown };
}

const unitFiles = readdirSync(join(root, 'scripts/systemd')).map((name) => ({
  name: `scripts/systemd/${name}`,
  text: readFileSync(join(root, 'scripts/systemd', name), 'utf8'),
}));

/** Code of a page: fenced and indented blocks line by line, and words in backticks. */
const codeOf = (text: string): string[] => [
  ...[...text.matchAll(/^```.*?\n(.*?)^```/gms)].flatMap(([, block]) => block.split('\n')),
  ...[...text.matchAll(/^ {4}(.*)/gm)].map(([, line]) => line),
  ...[...text.matchAll(/`(fairshare [^`\n]+)`/g)].map(([, words]) => words),
];

/** Command lines that are shown: up to a comment, a pipe, or whatever else ends one in a shell. */
const shown = [
  ...pages.flatMap(({ name, text }) => codeOf(text).map((line) => ({ page: name, line }))),
  ...unitFiles.flatMap(({ name, text }) => text.split('\n').map((line) => ({ page: name, line }))),
].flatMap(({ page, line }) =>
  [...line.matchAll(/(?:(?:^|\$ |&& |\| )fairshare|fairshare\.js|\$FAIRSHARE) ([a-z].*)/g)].map(([, rest]) => ({
    page,
    line: rest.split(/\s(?:#|&&|\||;|>|or)\s|\s{2,}|[;"']/)[0].trim(),
  })),
);

describe('README and docs/', () => {
  it.each(pages)('$name links to what is there', ({ name, text }) => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target).filter((to) => !to.includes('://'));
    const named = [
      ...text.matchAll(/`?\b((?:docs|scripts|transform|sql|test|bench)\/[\w./-]+\.(?:md|ts|service|css|sql))\b/g),
    ];
    for (const target of links) expect(existsSync(join(root, dirname(name), target)), target).toBe(true);
    // docs/CONTRIBUTING.md names files of a company that does not exist, and places for names in capitals.
    for (const [, path] of named.filter(([path]) => !/NNNN|acme|\/[A-Z]+\.(?:ts|sql)/.test(path)))
      expect(existsSync(join(root, path)), path).toBe(true);
  });

  it('shows commands', () => {
    expect(shown.length).toBeGreaterThan(50);
  });

  it.each(shown)('$page: fairshare $line', ({ line }) => {
    const found = resolveLine(line.split(/\s+/));
    expect(found, 'no such command').toBeDefined();
    expect(found!.unknown).toEqual([]);
  });
});
