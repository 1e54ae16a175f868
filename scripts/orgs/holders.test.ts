// Holders of networks from data sets, in their published columns, by hand-made samples: the real files were not tried.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkOrgs } from './orgs-check.ts';
import { readOrgsFile } from './orgs-file.ts';
import { withHolders } from './holders.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairshare-test-'));
afterAll(() => rmSync(directory, { recursive: true }));

const registry = `organisations:
  - id: acme
    name: Acme
    known_as: ['ACME, Inc.', ORG-ACME]
  - id: globex
    name: Globex
    known_as: [Globex Ltd]
`;
const prefixes = `prefix,Direct Owner (DO),Delegated Customer (DC),RIR
20.30.0.0/16,"Acme Inc",,ARIN
20.31.0.0/16,Big Carrier,ACME INC.,ARIN
20.32.0.0/16,Acme Inc,Somebody Else,ARIN
2600:1:2::/48,GLOBEX LTD,,ARIN
20.30.0.0/16,Acme Inc,,ARIN
0.0.0.0/0,Acme Inc,,ARIN
192.0.2.0/24,Acme Inc,,ARIN
`;
const systems = `# name: AS Org
# format:org_id|changed|org_name|country|source
ORG-ACME|20260101|Acme Corporation|US|ARIN
ORG-G|20260101|Globex, Ltd.|DE|RIPE
ORG-X|20260101|Nobody here|DE|RIPE
# format:aut|changed|aut_name|org_id|opaque_id|source
64496|20260101|ACME-AS|ORG-ACME||ARIN
3333|20260101|GLOBEX|ORG-G||RIPE
3334|20260101|X|ORG-X||RIPE
`;

function read(files: Readonly<Record<string, string>>) {
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  });
  return withHolders(paths.map((path) => readOrgsFile(path)));
}
const rows = (files: ReturnType<typeof read>) =>
  files.flatMap(({ evidence }) => evidence.map(({ row: { org_id, tier, kind, value, valid_from } }) => [org_id, tier, kind, value, valid_from].join(' '))); // prettier-ignore

describe('orgs import', () => {
  it('takes the prefixes of Prefix2Org as E4: of the customer, else of the owner', () => {
    const files = read({ 'orgs.yaml': registry, 'prefix2org_2026-10-01.csv': prefixes });
    expect(rows(files)).toEqual([
      'acme E4 cidr 20.30.0.0/16 2026-10-01',
      'acme E4 cidr 20.31.0.0/16 2026-10-01',
      'globex E4 cidr 2600:1:2::/48 2026-10-01',
    ]);
    expect(checkOrgs(files, { on: '2026-11-01' }).errors).toEqual([]);
  });

  it('takes AS numbers as E5, by the id of the organisation or its name', () => {
    const files = read({ 'orgs.yaml': registry, '20261001.as-org2info.txt': systems });
    expect(rows(files)).toEqual(['acme E5 asn 64496 2026-10-01', 'globex E5 asn 3333 2026-10-01']);
  });

  it.each([
    ['data whose name has no day', { 'orgs.yaml': registry, 'prefixes.csv': prefixes }, 'no_day'],
    [
      'a prefix that is none',
      { 'orgs.yaml': registry, 'p_2026-10-01.csv': prefixes.replace('20.31.0.0/16', '20.31/16') },
      'shape',
    ],
    ['a torn line', { 'orgs.yaml': registry, '20261001.txt': systems.replace('|ORG-X||RIPE', '') }, 'shape'],
    ['a name of two organisations', { 'orgs.yaml': registry.replace('Globex Ltd', 'acme inc'), 'p_2026-10-01.csv': prefixes }, 'known_as_twice'], // prettier-ignore
  ])('refuses %s', (_what, files, code) => {
    expect(checkOrgs(read(files), { on: '2026-11-01' }).errors.map((error) => error.code)).toContain(code);
  });
});
