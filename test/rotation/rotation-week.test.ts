// Seven nights of logrotate, with each of its options, through ingest and nightly: every line counts once, on its day.

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { install, sayOnStderr } from '../provide/tools.ts';
import { fairshareHere } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const LOGROTATE = '/usr/sbin/logrotate';
const NIGHTS = 7;
const dayOf = (night: number): string => `2026-11-${String(night + 10)}`;

beforeAll(async () => {
  if (!existsSync(LOGROTATE)) await install('logrotate', ['logrotate'], sayOnStderr);
});

const DATED = 'dateext\n  dateformat -%Y%m%d';
describe.each([
  ['dateext, compressed at once', `${DATED}\n  compress`, 'access.log[-.]*', []],
  ['dateext, delaycompress', `${DATED}\n  compress\n  delaycompress`, 'access.log[-.]*', []],
  ['numbers', 'nocompress', 'access.log[-.]*', []],
  ['numbers, compressed at once', 'compress', 'access.log[-.]*', []],
  ['numbers, delaycompress', 'compress\n  delaycompress', 'access.log[-.]*', []],
  ['numbers, few kept', 'compress\n  delaycompress\n  rotate 2', 'access.log[-.]*', []],
  ['copytruncate', 'compress\n  delaycompress\n  copytruncate', 'access.log[-.]*', []],
  ['copytruncate, dateext', `${DATED}\n  compress\n  copytruncate`, 'access.log[-.]*', []],
  ['the current log too, as it grows', 'compress\n  delaycompress', 'access.log*', ['--grown']],
] as const)('%s', (_, options, glob, flags) => {
  it('counts each line once', async () => {
    const directory = temporaryDirectory();
    const at = (...names: string[]): string => join(directory.path, ...names);
    try {
      copyMigratedWarehouse(at('warehouse'));
      mkdirSync(at('logs'));
      mkdirSync(at('out'));
      writeFileSync(at('fairshare.yaml'), 'policy: policy.yaml\ncosts: costs.csv\nsources:\n  - { name: edge, ecosystem: npm, format: nginx-edge }\n'); // prettier-ignore
      writeFileSync(at('policy.yaml'), 'version: p1\ncurrency: EUR\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n'); // prettier-ignore
      writeFileSync(
        at('costs.csv'),
        'period,pool,driver,currency,gross,donated,donor\n2026-10,cdn,requests,EUR,100.00,0.00,\n2026-11,cdn,requests,EUR,100.00,0.00,\n',
      );
      writeFileSync(at('rotate.conf'), `${at('logs', 'access.log')} {\n  rotate 7\n  missingok\n  ${options}\n}\n`);
      const env = { FAIRSHARE_WAREHOUSE: at('warehouse'), FAIRSHARE_CONFIG: at('fairshare.yaml') };
      const run = async (...args: string[]) => {
        const { status, stdout, stderr } = await fairshareHere(args, { env });
        // It also says which names have the same content.
        if (status !== 0) throw new Error(`${args.join(' ')}: ${status}\n${stderr}`);
        return stdout;
      };
      const ingest = async () => {
        const printed = await run('ingest', 'files', at('logs', glob), '--source', 'edge', '--json', ...flags);
        return JSON.parse(printed.trim().split('\n').at(-1)!) as { totals: Record<string, number> };
      };
      const truth = new Map<string, number>();
      const write = (day: string, hour: string, lines: number) => {
        const written = truth.get(day) ?? 0;
        for (let i = 0; i < lines; i++)
          appendFileSync(at('logs', 'access.log'), `${edgeLine({ at: `${day}T${hour}:00Z`, path: `/p/-/p-${day.slice(8)}.0.${written + i}.tgz` })}\n`); // prettier-ignore
        truth.set(day, written + lines);
      };

      for (let night = 1; night <= NIGHTS; night++) {
        write(dayOf(night), '12:00', 40 + night);
        if (flags.length > 0) await ingest();
        // The rotation comes a few minutes after midnight.
        write(dayOf(night + 1), '00:05', 3);
        execFileSync(LOGROTATE, ['-f', '-s', at('state'), at('rotate.conf')]);
        // logrotate knows the clock's day alone.
        for (const name of readdirSync(at('logs'))) {
          const [, today, form = ''] = /^access\.log-(\d{8})(\.gz)?$/.exec(name) ?? [];
          if (today !== undefined && !today.startsWith('202611'))
            renameSync(at('logs', name), at('logs', `access.log-${dayOf(night).replaceAll('-', '')}${form}`));
        }
        const { totals } = await ingest();
        expect(totals).toMatchObject({ refused: 0, requests: flags.length > 0 ? 3 : 43 + night });
        expect((await ingest()).totals).toMatchObject({ loaded: 0, refused: 0 });
        await run('nightly', '--day', dayOf(night), '--out', at('out'));
      }
      const counted =
        (await run('query', 'SELECT toString(day) AS day, toUInt32(sum(requests)) AS requests FROM usage_known GROUP BY day ORDER BY day', '--format', 'JSONEachRow')) // prettier-ignore
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { day: string; requests: number });
      expect(counted).toEqual([...truth].map(([day, requests]) => ({ day, requests })));
    } finally {
      directory.remove();
    }
  });
});
