import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { checkOrgs } from '../orgs/orgs-check.ts';
import { readOrgsFile } from '../orgs/orgs-file.ts';
import { loadConfig, readConfig } from '../runtime/config.ts';
import { checkConfig } from './config-check.ts';

const configFaults = (...read: Parameters<typeof checkConfig>) => checkConfig(...read).faults;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairshare-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const config = (yaml: string, env: NodeJS.ProcessEnv = {}) => {
  const file = join(directory, 'fairshare.yaml');
  writeFileSync(file, yaml);
  return { file, env };
};
const paths = (faults: readonly { path: string }[]) => faults.map(({ path }) => path);

describe('reading', () => {
  it('takes the file, then the environment, then flags', () => {
    const options = config('output: a\nlog_level: warn\nlate_window_hours: 5', {
      FAIRSHARE_OUTPUT: 'b',
      FAIRSHARE_KAFKA__BROKERS: '[x:1, y:2]',
      FAIRSHARE_WAREHOUSE_PASSWORD: 'never a setting',
    });
    const read = loadConfig({ ...options, overrides: { log_level: 'debug', warehouse: undefined } });
    expect(read).toMatchObject({ output: 'b', log_level: 'debug', late_window_hours: 5, base_dir: directory });
    expect(read.kafka.brokers).toEqual(['x:1', 'y:2']);
  });

  it('reports all faults at once, each with its path, those of the environment too', () => {
    const { faults, config: none } = readConfig(
      config('outptu: a\nlog_level: loud\nsources: [{name: Bad Name}]', { FAIRSHARE_INGEST__MAX_BATCH_LINES: '[1' }),
    );
    expect(none).toBeUndefined();
    expect(paths(faults)).toEqual(
      expect.arrayContaining(['(top level)', 'log_level', 'sources.0.name', 'FAIRSHARE_INGEST__MAX_BATCH_LINES']),
    );
    expect(faults).toHaveLength(4);
  });

  it('says which file it cannot read', () => {
    expect(() => loadConfig({ file: join(directory, 'none.yaml'), env: {} })).toThrow(Fault);
    expect(() => loadConfig(config('a: [', {}))).toThrow(/cannot read the configuration/);
  });
});

describe('checking', () => {
  it('follows every name and file, and reports all that lead nowhere', () => {
    writeFileSync(join(directory, 'costs.csv'), 'pool,driver\n');
    const read = loadConfig(
      config(`
sources:
  - { name: a, format: nope, ecosystem: npm, timezone: Mars/Olympus }
  - { name: a, format: auto, hosts: { h: cobol }, timezone: Europe/Berlin }
  - { name: c, format: json, fields: { user_agent: ua }, repository_url: https://registry.example.org }
kafka:
  topics: [{ topic: t, source: b }]
  ssl: { ca_file: ca.pem }
  sasl: { mechanism: plain, username: u, password_env: NO_SUCH_VARIABLE }
costs: costs.csv
policy: policy.yaml
registry: orgs.yaml
`),
    );
    expect(paths(configFaults(read, {}))).toEqual([
      'sources.0.format',
      'sources.0.timezone',
      'sources.1.name',
      'sources.1.hosts.h',
      'sources.2.fields',
      'sources.2.repository_url',
      'kafka.topics.0.source',
      'kafka.sasl.password_env',
      'kafka.ssl.ca_file',
      'costs',
      'policy',
      'registry',
    ]);
  });

  it('follows names although the schema has faults, and keeps the places of lists', () => {
    const { faults, checkable } = readConfig(
      config(`
log_level: loud
issuer: { currency: XAU }
sources: [{ name: Bad Name, timezone: Mars/Olympus }, 7, { name: b, format: nope }]
kafka: { topics: [{ topic: t, source: b }, { topic: t, source: c }, { topic: u }] }
colour: red
`),
    );
    expect(paths(faults).sort()).toEqual(['(top level)', 'issuer.currency', 'kafka.topics.2.source', 'log_level', 'sources.0.name', 'sources.1']); // prettier-ignore
    expect(paths(configFaults(checkable!, {}))).toEqual([
      'sources.0.timezone',
      'sources.2.format',
      'kafka.topics.1.source',
      'kafka.topics.1.topic',
      'kafka.topics.2.source',
    ]);
  });

  it('compares policy, costs, registry and issuer', () => {
    const put = (name: string, text: string) => writeFileSync(join(directory, name), text);
    const rows = ['cdn,bytes,JPY,1000,0,', 'storage,bytes,JPY,1000,0,'];
    put('costs.csv', `period,pool,driver,currency,gross,donated,donor\n2026-10,${rows[0]}\n2026-11,${rows[1]}\n`);
    put('policy.yaml', 'version: p\ncurrency: KWD\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: "0.125"\npools: { storage: { bytes_bp: 10000 } }\ncontract_minimums: { nobody: "1.000", labs: "1.000", open: "1.000", acme: "1.000" }\n'); // prettier-ignore
    put('orgs.yaml', 'organisations:\n  - { id: acme, name: A }\n  - { id: labs, name: L, family: acme }\n  - { id: open, name: O, exempt: true }\n'); // prettier-ignore
    const read = loadConfig(config('costs: costs.csv\npolicy: policy.yaml\nregistry: orgs.yaml\n'));
    expect(configFaults(read, {})).toMatchObject([
      { path: 'costs', message: 'the costs are in JPY, the policy is in KWD' },
      { path: 'issuer.currency', message: 'statements are in USD, the policy and the costs are in KWD' },
      { path: 'policy', message: 'pools.storage: the costs of 2026-10 have no such pool' },
      { path: 'policy', message: 'contract_minimums.nobody: there is no family nobody' },
      { path: 'policy', message: expect.stringContaining('labs belongs to acme') as string },
      { path: 'policy', message: expect.stringContaining('open is exempt') as string },
    ]);
    put('costs.csv', `pool,driver,currency,gross,donated,donor\n${rows.join('\n')}\n`);
    expect(configFaults(read, {})).toContainEqual({
      path: 'costs',
      message: expect.stringContaining('no column period') as string,
    });
  });

  it('says where hosted takes the weight of unknown', () => {
    const policy = (weights: string) => `version: p\ncurrency: USD\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: "0.10"\npools: {}\nclass_weights_bp: ${weights}\n`; // prettier-ignore
    const notes = (weights: string) => {
      writeFileSync(join(directory, 'policy.yaml'), policy(weights));
      return checkConfig(loadConfig(config('policy: policy.yaml\n')), {}).notes;
    };
    expect(notes('{ unknown: 5000 }')).toEqual([expect.stringContaining("it takes unknown's")]);
    expect([notes('{ unknown: 5000, hosted: 1 }'), notes('{ ci: 5000 }')]).toEqual([[], []]);
  });

  it('finds nothing wrong with what init writes', () => {
    const templates = new URL('../init/', import.meta.url);
    for (const name of ['fairshare.yaml', 'orgs.yaml', 'costs.csv', 'policy.yaml'])
      writeFileSync(join(directory, name), readFileSync(new URL(name, templates)));
    const read = loadConfig({ file: join(directory, 'fairshare.yaml'), env: {} });
    expect(configFaults(read, {})).toEqual([]);
    const report = checkOrgs([readOrgsFile(join(directory, 'orgs.yaml'))], { on: '2026-11-01' });
    expect(report.errors).toEqual([]);
    // Addresses reserved for documentation match nobody, and the check says so.
    expect(new Set(report.warnings.map(({ code }) => code))).toEqual(new Set(['special_purpose']));
  });
});
