import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { noBilling, readOrgsFile, registryOf, type ReadOrgsOptions } from './orgs-file.ts';
import { sha256 } from '../../sql/sha256.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../test/fixtures/networks/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairshare-orgs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const readText = (text: string, name = 'orgs.yaml', options: ReadOrgsOptions = { env: {} }) => {
  writeFileSync(join(folder, name), text);
  return readOrgsFile(join(folder, name), options);
};
const found = (text: string, name?: string) =>
  readText(text, name).faults.map(({ code, line, message }) => `${line} ${code} ${message}`);
/** One organisation with one piece of evidence, whose fields start at line 6. */
const withEvidence = (fields: string): string =>
  [
    'organisations:',
    '  - id: acme',
    '    name: Acme',
    '    evidence:',
    '      - id: e1',
    ...fields.split('\n').map((line) => `        ${line}`),
  ].join('\n');
const complete = 'valid_from: 2026-01-01\nsource: test';

describe('readOrgsFile', () => {
  it('reads the particulars that a statement shows', () => {
    const billing = (text: string) => readText(`organisations:\n  - id: acme\n    name: Acme\n    billing: ${text}\n`);
    const [acme] = billing(
      '{ name: Acme Ltd, address: [1 Road, 12345 Town], tax_id: DE 1, purchase_order: 4500, reference: x }',
    ).organisations;
    expect(acme.row).toEqual({
      org_id: 'acme',
      name: 'Acme',
      contact: '',
      billing_name: 'Acme Ltd',
      billing_address: '1 Road\n12345 Town',
      billing_tax_id: 'DE 1',
      billing_purchase_order: '4500',
      billing_reference: 'x',
    });
    expect(billing('{ adress: [1 Road] }').faults).toHaveLength(1);
    expect(billing('{ address: ["a\\nb"] }').faults).toHaveLength(1);
    expect(billing('{ address: [a, b, c, d, e, f, g, h, i] }').faults).toHaveLength(1);
  });

  it('marks a token as CI’s, and nothing else', () => {
    const token = `tier: E1\nkind: token\nsecret_sha256: ${'0'.repeat(64)}\n${complete}`;
    const marks = [token, `${token}\nci: true`].map((fields) => readText(withEvidence(fields)).evidence[0].row.ci);
    expect(marks).toEqual([false, true]);
    expect(found(withEvidence(`tier: E2\nkind: cidr\nvalue: 203.0.113.0/24\n${complete}\nci: true`))).toEqual([
      expect.stringContaining('only tokens are marked as CI'),
    ]);
  });

  it('gives rows for the tables, with their lines', () => {
    const file = readOrgsFile(fixture('orgs.yaml'));
    const { organisations, evidence, faults } = file;
    expect(faults).toEqual([]);
    expect(organisations).toEqual([
      {
        row: { org_id: 'acme', name: 'Acme Corporation', contact: 'billing@acme.example', ...noBilling },
        family: null,
        exempt: null,
        knownAs: [],
        line: 3,
      },
      {
        row: { org_id: 'acme-labs', name: 'Acme Labs', contact: '', ...noBilling },
        family: 'acme',
        exempt: true,
        knownAs: [],
        line: 22,
      },
    ]);
    expect(registryOf([file]).edges).toEqual([{ org_id: 'acme-labs', family_id: 'acme' }]);
    expect(
      evidence.map(({ row, line, proven }) => [
        line,
        row.evidence_id,
        row.org_id,
        row.tier,
        row.kind,
        row.value,
        row.valid_from,
        row.valid_to,
        row.source,
        proven,
      ]),
    ).toEqual([
      [7, 'acme-token', 'acme', 'E1', 'token', 'acme-2026', '2026-01-01', null, 'contract 17', false],
      [14, 'acme-office', 'acme', 'E2', 'cidr', '203.0.113.0/24', '2026-01-01', '2026-12-31', 'declared by acme', true],
      [27, 'labs-as', 'acme-labs', 'E5', 'asn', '64500', '2026-02-01', null, 'RIR', false],
      [28, 'labs-v6', 'acme-labs', 'E4', 'cidr', '2001:db8:10::/48', '2026-02-01', null, 'RIR', false],
    ]);
    expect(evidence.map(({ row }) => row.secret_sha256)).toEqual([sha256('secret'), '', '', '']);
  });

  it('reads evidence alone from CSV', () => {
    const { organisations, evidence, faults } = readOrgsFile(fixture('evidence.csv'));
    expect({ organisations, faults }).toEqual({ organisations: [], faults: [] });
    expect(
      evidence.map(({ row, line, proven }) => [line, row.org_id, row.tier, row.kind, row.value, row.valid_to, proven]),
    ).toEqual([
      [2, 'example-isp', 'N', 'cidr', '198.51.100.0/24', null, false],
      [3, 'acme', 'E3', 'asn', '64501', '2026-06-30', true],
    ]);
  });

  it('hashes secrets from the file and the environment, and returns them nowhere', () => {
    const secrets = ['correct-horse-battery-staple', 'from-the-environment-5f1d'];
    const file = readText(
      [
        'organisations:',
        '  - id: acme',
        '    name: Acme',
        '    evidence:',
        `      - { id: a, tier: E1, kind: token, secret: ${secrets[0]}, valid_from: 2026-01-01, source: x }`,
        '      - { id: b, tier: E1, kind: token, secret_env: ACME_TOKEN, valid_from: 2026-01-01, source: x }',
        '      - { id: c, tier: E1, kind: token, secret: short, valid_from: 2026-01-01, source: x }',
      ].join('\n'),
      'orgs.yaml',
      { env: { ACME_TOKEN: secrets[1] } },
    );
    expect(file.evidence.map(({ row, weakness }) => [row.value, row.secret_sha256, weakness])).toEqual([
      ['a', sha256(secrets[0]), 'inline'],
      ['b', sha256(secrets[1]), null],
      ['c', sha256('short'), 'short'],
    ]);
    for (const secret of secrets) expect(JSON.stringify(file)).not.toContain(secret);
  });

  it('never shows a secret in an error', () => {
    const secret = 'do-not-print-me-0123456789';
    const broken = [
      withEvidence(`tier: E1\nkind: token\nsecret: ${secret}\n  bad: [`),
      withEvidence(`tier: E1\nkind: token\nsecret: "${secret}`),
      withEvidence(`tier: E1\nkind: token\nsecret: [${secret}]\n${complete}`),
      withEvidence(`tier: E1\nkind: token\nsecret: ${secret}\nsecret: ${secret}\n${complete}`),
      withEvidence(`tier: E9\nkind: token\nsecret: ${secret}\nvalid_from: ${secret}\nsource: x`),
      withEvidence(`tier: E1\nkind: token\nvalue: ${secret}\nsecret: ${secret}\n${complete}`),
      withEvidence(`tier: E2\nkind: cidr\nvalue: 203.0.113.0/24\nsecret: ${secret}\n${complete}`),
    ];
    for (const text of broken) {
      const { faults, evidence } = readText(text);
      expect(faults.length).toBeGreaterThan(0);
      expect(JSON.stringify({ faults, evidence })).not.toContain(secret);
    }
  });

  it.each([
    ['tier: E2\nkind: cidr\nvalue: 203.0.113.7/24', /^8 bad_value .*the network is 203\.0\.113\.0\/24/],
    ['tier: E2\nkind: cidr', /^5 bad_value .*needs a value/],
    ['tier: E5\nkind: asn\nvalue: AS0', /^8 bad_value .*not an AS number/],
    ['tier: E8\nkind: cidr\nvalue: 203.0.113.0/24', /^6 shape .*tier/],
    ['tier: E1\nkind: token', /^5 bad_secret .*exactly one/],
    [`tier: E1\nkind: token\nsecret: x\nsecret_sha256: ${'0'.repeat(64)}`, /^5 bad_secret .*exactly one/],
    ['tier: E1\nkind: token\nsecret_env: ABSENT', /^5 bad_secret .*no ABSENT/],
    ['tier: E1\nkind: token\nsecret_sha256: 1234', /^8 shape .*64 hexadecimal/],
    [`tier: E2\nkind: cidr\nvalue: 203.0.113.0/24\nsecret_sha256: ${'0'.repeat(64)}`, /^5 bad_secret .*only tokens/],
    ['tier: E2\nkind: cidr\nvalue: 203.0.113.0/24\nvalid_to: 2026-02-30', /^9 shape .*YYYY-MM-DD/],
    ['tier: E2\nkind: cidr\nvalue: 203.0.113.0/24\nproven: yes', /^5 shape .*proven/],
  ])('names what is wrong with %j', (fields, expected) => {
    expect(found(withEvidence(`${fields}\n${complete}`))).toEqual([expect.stringMatching(expected)]);
  });

  it('takes what looks like a number as it is written', () => {
    const hash = `${'0'.repeat(60)}1e10`;
    const { evidence, faults } = readText(
      withEvidence(`tier: E1\nkind: token\nvalue: 007\nsecret_sha256: ${hash}\nvalid_from: 2026-01-01\nsource: 365`),
    );
    expect(faults).toEqual([]);
    expect(evidence[0].row).toMatchObject({ value: '007', secret_sha256: hash, source: '365' });
  });

  it('names every fault at once and keeps what can be read', () => {
    const text = [
      'organisations:',
      '  - id: "two words"',
      '    name: Acme',
      '  - id: good',
      '    name: Good',
      '    evidence:',
      '      - { id: e1, tier: E2, kind: cidr, value: 203.0.113.0/33, valid_from: 2026-01-01, source: x }',
      '      - { id: e2, tier: E2, kind: cidr, value: 203.0.113.0/24, valid_from: 2026-01-01 }',
      '      - { id: e3, tier: E2, kind: cidr, value: 203.0.113.0/24, valid_from: 2026-01-01, source: x }',
      '  - id: nameless',
    ].join('\n');
    expect(found(text).map((fault) => fault.slice(0, 4).trim())).toEqual(['2 sh', '7 ba', '8 sh', '10 s']);
    const file = readText(text);
    expect(file.organisations.map(({ row }) => row.org_id)).toEqual(['good']);
    expect(file.evidence.map(({ row }) => row.evidence_id)).toEqual(['e3']);
  });

  it.each([
    ['organisations: [', /^1 yaml/],
    ['organisations:\n  - id: a\n    id: b\n', /^3 yaml .*duplicate key/],
    ['orgs: []', /^1 shape/],
    ['- id: a', /^1 shape/],
    ['', /^1 shape/],
  ])('refuses the file %j', (text, expected) => expect(found(text)[0]).toMatch(expected));

  it('names the line of a bad CSV row', () => {
    const header = 'id,org,tier,kind,value,secret_sha256,valid_from,valid_to,source,proof';
    expect(
      found(
        `${header}\ne1,,E2,cidr,203.0.113.0/24,,2026-01-01,,x,\ne2,acme,E2,cidr,203.0.113.1/24,,2026-01-01,,x,\ne3,acme\n`,
        'e.csv',
      ),
    ).toEqual([
      expect.stringMatching(/^4 shape/),
      expect.stringMatching(/^2 shape org: is missing/),
      expect.stringMatching(/^3 bad_value value: /),
    ]);
    expect(found('id,org\n', 'e.csv')[0]).toMatch(/column tier is missing/);
  });

  it('resolves families to their heads', () => {
    const orgs = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', ''],
      ['d', 'd'],
      ['x', 'y'],
      ['y', 'x'],
      ['z', 'nobody'],
    ];
    const text = [
      'organisations:',
      ...orgs.map(([id, family]) => `  - { id: ${id}, name: ${id}${family === '' ? '' : `, family: ${family}`} }`),
    ].join('\n');
    expect(registryOf([readText(text)]).edges).toEqual([
      { org_id: 'a', family_id: 'c' },
      { org_id: 'b', family_id: 'c' },
      { org_id: 'x', family_id: 'x' },
      { org_id: 'y', family_id: 'y' },
      { org_id: 'z', family_id: 'nobody' },
    ]);
  });

  it('makes every organisation exempt whose head is, across files, and no other', () => {
    const heads = ['organisations:', '  - { id: open, name: Open, exempt: true }', '  - { id: acme, name: Acme }'];
    const members = [
      'organisations:',
      '  - { id: open-labs, name: Open Labs, family: open }',
      '  - { id: open-lab-2, name: Open Lab 2, family: open-labs, exempt: true }',
      '  - { id: acme-labs, name: Acme Labs, family: acme }',
    ];
    const { organisations, edges } = registryOf([heads, members].map((lines) => readText(lines.join('\n'))));
    expect(organisations.map(({ org_id, exempt }) => [org_id, exempt])).toEqual([
      ['open', true],
      ['acme', false],
      ['open-labs', true],
      ['open-lab-2', true],
      ['acme-labs', false],
    ]);
    expect(edges.map(({ org_id, family_id }) => [org_id, family_id])).toEqual([
      ['open-labs', 'open'],
      ['open-lab-2', 'open'],
      ['acme-labs', 'acme'],
    ]);
  });

  it('refuses what is missing, not text, or a bomb', () => {
    expect(() => readOrgsFile(join(folder, 'none.yaml'))).toThrow(
      expect.objectContaining({ name: 'Fault', kind: 'usage' }),
    );
    writeFileSync(join(folder, 'bytes.yaml'), Buffer.from([0xff, 0xfe, 0xff]));
    expect(() => readOrgsFile(join(folder, 'bytes.yaml'))).toThrow(
      expect.objectContaining({ name: 'Fault', kind: 'inputRefused' }),
    );
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefg'].map((key, i) => `${key}: &${key} [${Array(10).fill(`*${'abcdef'[i]}`).join()}]`),
    ].join('\n');
    expect(() => readText(bomb)).toThrow(expect.objectContaining({ name: 'Fault', kind: 'inputRefused' }));
  });
});
