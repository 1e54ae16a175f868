// The package with all that it depends on, as its users get it: from init to a report.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fairshareHere } from '../support/cli.ts';
import { install, pack } from '../support/packed.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const capture = fileURLToPath(new URL('../fixtures/captures/npm-edge.jsonl', import.meta.url));
const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
afterAll(() => directory.remove());

describe('installed with everything', () => {
  let fairshare: Awaited<ReturnType<typeof install>>;
  const done = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await fairshare(...args);
    if (status !== 0) throw new Error(`fairshare ${args.join(' ')} ended with ${status}\n${stderr}`);
    return stdout;
  };
  beforeAll(async () => {
    fairshare = await install(at('whole'), await pack(directory.path));
  });

  it('brings no second copy of the charts’ library', () => {
    expect(readdirSync(at('whole/node_modules'))).not.toContain('echarts');
  });

  it('goes from init to a report with the right figures', async () => {
    await done('init', '.');
    await done('ingest', 'files', capture, '--source', 'npm-edge');
    await done('seal');
    await done('attribute');
    const report = await done('report', '--period', '2026-11', '--out', 'reports', '--json');
    const { totals } = JSON.parse(report) as { totals: Record<string, string> };
    const requests = readFileSync(capture, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { request_path: string; response_bytes: number });
    expect(totals).toMatchObject({
      requests: String(requests.length),
      downloads: String(requests.filter(({ request_path }) => request_path.endsWith('.tgz')).length),
      bytes: String(requests.reduce((sum, { response_bytes }) => sum + response_bytes, 0)),
    });
  });

  it('writes the same pages as the sources do', async () => {
    const args = ['--config', at('whole/fairshare.yaml'), 'report', '--period', '2026-11', '--out', at('reports')];
    expect((await fairshareHere(args)).status).toBe(0);
    const names = readdirSync(at('reports'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('.'),
    );
    expect(names).toContain('summary-2026-11.html');
    for (const name of names)
      expect(readFileSync(at('whole/reports', name), 'utf8') === readFileSync(at('reports', name), 'utf8'), name).toBe(true); // prettier-ignore
  });
});
