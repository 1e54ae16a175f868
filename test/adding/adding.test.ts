// Adds one format, one ecosystem, one client and one migration to a copy of the repository, exactly as docs/CONTRIBUTING.md
// shows. Types, lint, formatting, layers and the unit tests must pass. Then the test leaves out each step in turn, and a
// check must name it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examples, RepositoryCopy } from './copy.ts';

const all = examples();
const added = all.map(({ path }) => path);
const migration = added.find((path) => path.startsWith('sql/migrations/'))!;
let copy: RepositoryCopy;

beforeAll(async () => {
  copy = new RepositoryCopy();
  for (const example of all) copy.add(example);
});
afterAll(() => copy.remove());

describe('before make docs', () => {
  it('a stale page is named', async () => {
    const { status, output } = await copy.unitTests('scripts/tools/docs/coverage.test.ts');
    expect(status).toBe(1);
    expect(output).toContain('docs/COVERAGE.md > is what the code says: make docs writes it');
  });
});

describe('with every step of the page', () => {
  const ran = async (work: Promise<{ status: number; output: string }>): Promise<void> => {
    const { status, output } = await work;
    expect(status, output.slice(-20_000)).toBe(0);
  };
  const typescript = added.filter((path) => path.endsWith('.ts'));

  it('make docs writes the pages', () => ran(copy.docs()));
  it('types are right', () => ran(copy.tool('tsc', '--noEmit', '-p', 'tsconfig.json')));
  it('eslint accepts the files', () => ran(copy.tool('eslint', '--max-warnings', '0', ...typescript)));
  it('prettier accepts the files', () => ran(copy.tool('prettier', '--check', ...added)));
  it('layers are kept', () => ran(copy.tool('depcruise', 'transform', 'sql')));
  it('the unit tests pass', () => ran(copy.unitTests('transform/', 'sql/', 'scripts/tools/docs/')));
});

describe('a step that is left out is named', () => {
  /** Runs the tests without the example of that file. → their output */
  async function without(path: string, ...filters: string[]): Promise<string> {
    copy.leaveOut(path);
    try {
      const { status, output } = await copy.unitTests(...filters);
      expect(status, output).toBe(1);
      return output;
    } finally {
      copy.add(all.find((example) => example.path === path)!);
    }
  }

  it.each(['good.log', 'errors.log', 'unrelated.log', 'expected.json'])('the format’s %s', async (file) => {
    const path = `test/fixtures/formats/acme-edge/${file}`;
    expect(await without(path, 'transform/formats/fixtures.test.ts')).toContain(`${path} is missing`);
  });

  it.each([
    ['transform/formats', 'acme-edge.ts', 'fixtures', 'acmeEdge'],
    ['transform/packages', 'acme.ts', 'index', 'acme'],
    ['transform/clients', 'acme.ts', 'index', 'acme'],
  ])('the line in %s/index.ts', async (folder, file, test, name) => {
    expect(await without(`${folder}/index.ts`, `${folder}/${test}.test.ts`, '-t', 'the list of|families')).toContain(
      `${folder}/${file} exports ${name}, and ${folder}/index.ts does not list it`,
    );
  });

  it('the ecosystem’s fixtures', async () => {
    const path = 'test/fixtures/packages/acme.json';
    expect(await without(path, 'transform/packages/index.test.ts', '-t', 'acme')).toContain(`${path} has 0 paths`);
  });

  /** Runs the tests with that file changed. → their output */
  async function changed(path: string, from: string, to: string, ...filters: string[]): Promise<string> {
    const example = all.find((one) => one.path === path)!;
    expect(example.text).toContain(from);
    copy.add({ ...example, text: example.text.replace(from, to) });
    const { status, output } = await copy.unitTests(...filters);
    copy.add(example);
    expect(status, output).toBe(1);
    return output;
  }

  it('the outcome of a line', async () => {
    const path = 'test/fixtures/formats/acme-edge/expected.json';
    const output = await changed(path, '    "bad_timestamp",\n', '', 'transform/formats/fixtures.test.ts');
    expect(output).toContain(`${path}: 2 outcomes for 3 lines of errors.log`);
  });

  it('the example of a client', async () => {
    const client = "[['acme-get/2.1.0 (linux; x64)', { version: '2.1.0' }]]";
    const output = await changed('transform/clients/acme.ts', client, '[]', 'transform/clients', '-t', 'grammar acme');
    expect(output).toContain('grammar acme > gives an example of every client');
    expect(output).toContain('acme-get');
  });

  it.each([
    ['the COMMENT of a column', " COMMENT 'What a person wrote'", '', 'acme_note.note: the column has no COMMENT'],
    [
      'the COMMENT of a table',
      "\nCOMMENT 'Notes that people attach to a day'",
      '',
      'acme_note: the table has no COMMENT',
    ],
    ['IF NOT EXISTS', ' IF NOT EXISTS', '', `${migration} fails the second time: write IF NOT EXISTS`],
  ])('%s', async (_what, from, to, named) => {
    expect(await changed(migration, from, to, 'sql/migrations.test.ts')).toContain(named);
  });
});
