// docs/CONTRIBUTING.md says how to add a format, an ecosystem, a client, a migration. This test adds its examples to a copy
// of the repository, and their own checks must pass there. `make test-add` runs every check, and also leaves out each step.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyDiff, examples, examplesOf, RepositoryCopy } from '../adding/copy.ts';

let copy: RepositoryCopy;
beforeAll(() => {
  copy = new RepositoryCopy();
  for (const example of examples()) copy.add(example);
});
afterAll(() => copy.remove());

it('the page has an example of each', () => {
  const paths = examples().map(({ path }) => path);
  for (const place of ['transform/formats/', 'transform/packages/', 'transform/clients/', 'sql/migrations/'])
    expect(paths).toContainEqual(expect.stringContaining(place));
  expect(examplesOf('```ts a.ts\nx\n```\n\n```diff b.ts\n+y\n```\n```\nno file\n```\n')).toEqual([
    { path: 'a.ts', text: 'x\n', isDiff: false },
    { path: 'b.ts', text: '+y\n', isDiff: true },
  ]);
});

it('lines are added where the page shows them', () => {
  expect(applyDiff("// a\nimport 'b';\n\nlist = [\n  b,\n];\n", "+import 'c';\n list = [\n+  c,\n")).toBe(
    "// a\nimport 'c';\nimport 'b';\n\nlist = [\n  c,\n  b,\n];\n",
  );
  expect(() => applyDiff("import 'b';\n", ' list = [\n')).toThrow('shows a line that is not there');
});

it('the examples pass their own checks', async () => {
  const files = ['formats/fixtures', 'formats/detect', 'packages/index', 'clients/index'];
  const { status, output } = await copy.unitTests(
    ...files.map((file) => `transform/${file}.test.ts`),
    'sql/migrations.test.ts',
    '-t',
    'acme|the list of|families|COMMENT|numbered|run again',
  );
  expect({ status, output }).toMatchObject({ status: 0 });
  for (const checked of ['acme-edge', 'acme has its fixtures', 'acme-get/2.1.0', 'acme_note.sql can be run again'])
    expect(output.replaceAll(' > ', ' ')).toContain(checked);
});
