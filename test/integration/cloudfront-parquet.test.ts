// CloudFront's Parquet logs, as docs/FORMATS.md says: the engine converts them to JSON lines, and `cloudfront-json` reads
// these.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { migrate } from '../../sql/migrate.ts';
import { openWarehouse } from '../../sql/warehouse.ts';
import { fixture } from '../fixtures/formats/check.ts';
import { fairshareHere } from '../support/cli.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const files = temporaryDirectory();
afterAll(() => files.remove());

it('reads Parquet through the engine', async () => {
  const at = (name: string) => join(files.path, name);
  const env = { FAIRSHARE_WAREHOUSE: at('warehouse') };
  const run = async (...args: string[]) => {
    const { status, stdout, stderr } = await fairshareHere(args, { env });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  // One line of the fixture has the field names of Parquet.
  const lines = fixture('cloudfront-json', 'good').toString().split('\n');
  const line = lines.find((each) => each.includes('cs_uri_stem'))!;
  writeFileSync(at('given.jsonl'), `${line}\n${line.replace('"206"', '"200"')}\n`);
  const warehouse = await openWarehouse({ location: env.FAIRSHARE_WAREHOUSE });
  await migrate(warehouse);
  await warehouse.writeFile(`SELECT * FROM file('${at('given.jsonl')}', JSONEachRow)`, at('log.parquet'), 'Parquet');
  await warehouse.close();
  expect(readFileSync(at('log.parquet')).subarray(0, 4).toString()).toBe('PAR1');

  const sql = `SELECT * FROM file('${at('log.parquet')}', Parquet)`;
  writeFileSync(at('log.jsonl'), await run('query', sql, '--allow-writes', '--format', 'JSONEachRow'));
  await run(
    'ingest',
    'files',
    at('log.jsonl'),
    '--source',
    'cdn',
    '--format',
    'cloudfront-json',
    '--ecosystem',
    'cargo',
  );
  const sums = 'SELECT sum(requests), sum(bytes), any(ecosystem) FROM usage_known';
  expect((await run('query', sums, '--format', 'TSV')).trimEnd()).toBe('2\t182062\tcargo');
});
