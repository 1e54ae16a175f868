// fairshare allocate on real files: the worked example from the command line, the table, what-if, and every kind of bad input.
import { Command } from 'commander';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { configSchema } from '../runtime/config.ts';
import { loadCosts, loadPolicy, loadUnits } from '../funding/files.ts';
import { registerAllocate } from './allocate.ts';
import type { Runtime } from '../runtime/command.ts';

const oracle = join(import.meta.dirname, '../../test/fixtures/funding/oracle');
const files = ['--units', `${oracle}/units.csv`, '--costs', `${oracle}/costs.csv`, '--policy', `${oracle}/policy.yaml`];

let scratch = '';
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'fairshare-allocate-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

/** Runs the command line; → what it writes to stdout. */
async function run(args: string[], config: Record<string, unknown> = {}): Promise<string> {
  const stdout = new PassThrough();
  const runtime = {
    config: () => ({ ...configSchema.parse(config), base_dir: oracle }),
    stdout,
  } as unknown as Runtime;
  const program = new Command();
  registerAllocate(program.command('allocate'), runtime);
  await program.parseAsync(['allocate', ...args], { from: 'user' });
  stdout.end();
  return (await stdout.toArray()).join('');
}

async function refused(args: string[]): Promise<Fault> {
  const error: unknown = await run(args).catch((thrown: unknown) => thrown);
  if (!(error instanceof Fault)) throw new Error(`expected a fault, got ${String(error)}`);
  return error;
}
const thrown = (read: () => unknown): Fault => {
  try {
    read();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('expected a fault');
};

describe('fairshare allocate', () => {
  it('prints the worked example as JSON, to the cent', async () => {
    const result = JSON.parse(await run([...files, '--json']));
    expect(result).toMatchObject({
      cost_pool_cents: '10000000',
      recoverable: { num: '4810000', den: '1' },
      tier_sum: '533',
      billed_cents: '4232682',
      commons_cents: '5767318',
    });
    expect(
      result.lines.map(({ family, billed_cents, rule }: Record<string, string>) => [family, billed_cents, rule]),
    ).toEqual([
      ['A', '2500000', 'cap'],
      ['B', '1010731', 'share'],
      ['C', '541463', 'share'],
      ['D', '180488', 'share'],
      ['E', '0', 'minimum'],
    ]);
    expect(result).not.toHaveProperty('what_if');
  });

  it('prints the same bytes whatever the order of the rows and the splitting of a family', async () => {
    const [header, ...rows] = readFileSync(`${oracle}/units.csv`, 'utf8').trim().split('\n');
    const split = rows
      .reverse()
      .flatMap((row) => (row === 'A,billable,300' ? ['A,billable,1', 'A,billable,299'] : [row]));
    const units = file('shuffled.csv', `\uFEFF${[header, ...split].join('\r\n')}\r\n`);
    expect(await run(['--units', units, ...files.slice(2), '--json'])).toBe(await run([...files, '--json']));
  });

  it('prints a table and what it means', async () => {
    const text = await run(files);
    const row = (name: string) =>
      text
        .split('\n')
        .find((line) => line.startsWith(`│ ${name} `))
        ?.split('│')
        .map((cell) => cell.trim())
        .slice(1, -1);
    expect(row('A')).toEqual(['A', '300', '290', '340', '30,682.9268', '25,000.00', 'cap']);
    expect(row('D')).toEqual(['D', '30', '20', '20', '1,804.8780', '1,804.88', 'share']);
    expect(row('unknown')).toEqual(['unknown', '400', '', '', '', '', 'unattributed']);
    expect(row('commons')).toEqual(['commons', '57,673.18']);
    expect(text).toContain('5 billable families caused 53.1 % of all usage');
    expect(text).toContain('48,100.00 of the 100,000.00 USD can be recovered');
    expect(text).toContain('42,326.82 is billed to 4;');
    expect(text).not.toContain('\u001b');
  });

  it('shows true-ups in the totals', async () => {
    const policy = file(
      'contract.yaml',
      `${readFileSync(`${oracle}/policy.yaml`, 'utf8')}contract_minimums: { E: 500.00 }\n`,
    );
    const text = await run([...files.slice(0, 4), '--policy', policy]);
    expect(text).toMatch(/true-up to contract minimum: E │ +500\.00/);
    expect(text).toMatch(/commons +│ +57,173\.18/);
  });

  it('refuses a contract of a family that the units do not have, or that is exempt', async () => {
    const contracts = (minimums: string) =>
      file('contracts.yaml', `${readFileSync(`${oracle}/policy.yaml`, 'utf8')}contract_minimums: ${minimums}\n`);
    const exempt = readFileSync(`${oracle}/units.csv`, 'utf8').split('\n').find((row) => row.includes(',exempt,'))!; // prettier-ignore
    const policy = contracts(`{ nobody: 1.00, ${exempt.split(',')[0]}: 1.00 }`);
    const fault = await refused([...files.slice(0, 4), '--policy', policy]);
    expect(fault.kind).toBe('usage');
    expect(fault.message).toContain('contract_minimums.nobody: there is no family nobody');
    expect(fault.message).toContain('is exempt, and is never billed');
    expect((await refused([...files, '--what-if', policy])).message).toContain('there is no family nobody');
  });

  it('shows who would pay what under another policy', async () => {
    const whatIf = [...files, '--what-if', `${oracle}/what-if.yaml`];
    const text = await run(whatIf);
    expect(text).toMatch(/│ A +│ +25,000\.00 │ +30,682\.93 │ +\+5,682\.93 │ cap → share/);
    expect(text).toMatch(/│ \(commons\) +│ +57,673\.18 │ +51,900\.00 │ +-5,773\.18 │/);
    const { what_if, ...current } = JSON.parse(await run([...whatIf, '--json']));
    expect(current).toEqual(JSON.parse(await run([...files, '--json'])));
    expect(what_if).toMatchObject({ policy_version: 'no-cap', billed_cents: '4810000' });
    expect(what_if.comparison.families[4]).toEqual({
      family: 'E',
      a_cents: '0',
      b_cents: '9024',
      difference_cents: '9024',
      a_rule: 'minimum',
      b_rule: 'share',
    });
  });

  it('takes costs and policy from the configuration, relative to its directory', async () => {
    const configured = await run([...files.slice(0, 2), '--json'], { costs: 'costs.csv', policy: 'policy.yaml' });
    expect(configured).toBe(await run([...files, '--json']));
  });

  it('reports the faults of all files at once', async () => {
    const units = file('bad-units.csv', 'family,kind,units\nA,billable,1.5\n');
    const costs = file('bad-costs.csv', 'pool,driver,currency,gross,donated,donor\na,bytes,USD,1.005,0,\n');
    const policy = file('bad-policy.yaml', 'version: 1\ncurrency: USD\n');
    const both = await refused(['--units', units, '--costs', costs, '--policy', `${oracle}/policy.yaml`]);
    expect(both.kind).toBe('inputRefused');
    expect(both.message).toContain('bad-units.csv: 1 fault(s)\n  line 2: units is "1.5"');
    expect(both.message).toContain('bad-costs.csv: 1 fault(s)\n  line 2: gross is "1.005"');
    const all = await refused(['--units', units, '--costs', costs, '--policy', policy]);
    expect(all.kind).toBe('usage');
    expect(all.message).toContain('bad-policy.yaml: 4 fault(s)');
    expect(all.hint).toContain('docs/FUNDING.md');
  });

  it('says which input is missing and how to name it', async () => {
    const { kind, message, hint } = await refused([]);
    expect(kind).toBe('usage');
    expect(message.split('\n')).toEqual([
      'no usage to allocate',
      'no costs to allocate by',
      'no policy to allocate by',
    ]);
    expect(hint).toContain('--units');
    const missing = await refused(['--units', join(scratch, 'none.csv'), ...files.slice(2)]);
    expect([missing.kind, missing.message]).toEqual([
      'usage',
      expect.stringMatching(/^cannot read .*none\.csv: ENOENT/),
    ]);
  });

  it('refuses costs and policy of different currencies', async () => {
    const costs = file('euro.csv', 'pool,driver,currency,gross,donated,donor\na,bytes,EUR,1,0,\n');
    const fault = await refused([...files.slice(0, 2), '--costs', costs, ...files.slice(4)]);
    expect([fault.kind, fault.message]).toEqual(['inputRefused', 'policy oracle-1 is in USD, the costs are in EUR']);
  });
});

describe('loadPolicy', () => {
  const good = readFileSync(`${oracle}/policy.yaml`, 'utf8');

  it('takes numbers as they are written, none through floating point', () => {
    const text = good
      .replace('free_allowance: 10', 'free_allowance: 9007199254740993')
      .replace('100.00', '90071992547409930.10');
    const policy = loadPolicy(file('exact.yaml', text.replace('oracle-1', '1.10')));
    expect(policy).toMatchObject({
      version: '1.10',
      free_allowance: 9007199254740993n,
      minimum_cents: 9007199254740993010n,
    });
  });

  it('takes JSON, and an empty up_to as none', () => {
    const json = {
      version: 1,
      currency: 'USD',
      free_allowance: 0,
      bands: [{ up_to: null, multiplier_bp: 10000 }],
      cap_bp: 10000,
      minimum: 0.5,
    };
    expect(loadPolicy(file('policy.json', JSON.stringify(json)))).toMatchObject({
      minimum_cents: 50n,
      bands: [{ up_to: null }],
    });
  });

  it('names line and path of every fault', () => {
    const text = good
      .replace('cap_bp: 2500', 'cap: 2500')
      .replace('{ up_to: 250,', '{ up_to: 25,')
      .replace('100.00', '1e2');
    const { kind, message } = thrown(() => loadPolicy(file('faulty.yaml', text)));
    expect(kind).toBe('usage');
    expect(message.split('\n').slice(1)).toEqual([
      '  line 1: cap_bp: is missing',
      '  line 7: bands.1.up_to: must be above 100, where the band begins',
      expect.stringMatching(/^ {2}line 9: cap: unknown key; known are /),
      '  line 10: minimum: must be an amount with at most two places, such as 100.00',
    ]);
  });

  it.each([
    ['not YAML', 'version: [1\n', /fault\(s\)\n {2}line \d: /],
    ['a key twice', `${good}\nversion: 2\n`, /line 13: Map keys must be unique/],
    ['an unknown tag', good.replace('oracle-1', '!secret x'), /line 2: Unresolved tag: !secret/],
    ['several documents', `${good}---\n${good}`, /fault\(s\)\n {2}line 12: /],
    ['nothing', '', /must be a mapping of keys to values/],
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0x41]), /not UTF-8 text/],
  ])('refuses what is %s', (_name, content, message) => {
    const fault = thrown(() => loadPolicy(file('refused.yaml', content)));
    expect([fault.kind, fault.message]).toEqual(['usage', expect.stringMatching(message)]);
  });

  it('refuses a document that unfolds without end', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
    const fault = thrown(() => loadPolicy(file('laughs.yaml', `a0: &a0 x\n${levels.join('\n')}\n`)));
    expect(fault.message).toMatch(/alias/i);
  });
});

describe('loadCosts and loadUnits', () => {
  it('read the files of the worked example', () => {
    expect(loadCosts(`${oracle}/costs.csv`).periods.get('')).toMatchObject({
      currency: 'USD',
      net_cents: 10_000_000n,
      donated_cents: 12_000_000n,
    });
    expect(loadUnits(`${oracle}/units.csv`)).toHaveLength(7);
  });

  it('refuse what is no such table, and show no more faults than help', () => {
    const fault = thrown(() => loadCosts(file('costs.csv', 'pool,amount\na,1\n')));
    expect(fault.kind).toBe('inputRefused');
    expect(fault.message.split('\n')).toHaveLength(7); // five columns missing, one unknown
    const many = thrown(() => loadUnits(file('many.csv', `family,kind,units\n${'A,billable,x\n'.repeat(80)}`)));
    expect(many.message).toContain('80 fault(s)');
    expect(many.message).toContain('line 51: units');
    expect(many.message).toMatch(/and 30 more$/);
    expect(thrown(() => loadUnits(file('bytes.csv', Buffer.from([0xc3, 0x28])))).kind).toBe('inputRefused');
  });
});
