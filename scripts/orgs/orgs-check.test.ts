import { describe, expect, it } from 'vitest';
import { checkOrgs } from './orgs-check.ts';
import { noBilling } from './orgs-file.ts';
import type { EvidenceRow, OrgsFile, PlacedEvidence, SecretWeakness } from './orgs-file.ts';

let line = 0;
const evidence = (
  row: Partial<EvidenceRow>,
  more: { proven?: boolean; weakness?: SecretWeakness; proofExpires?: string } = {},
): PlacedEvidence => {
  line += 1;
  return {
    row: {
      evidence_id: `e${line}`,
      org_id: 'a',
      tier: 'E4',
      kind: 'cidr',
      value: '8.8.8.0/24',
      secret_sha256: '',
      valid_from: '2026-01-01',
      valid_to: null,
      source: 'test',
      ci: false,
      ...row,
    },
    line,
    proven: more.proven ?? true,
    proofExpires: more.proofExpires ?? null,
    weakness: more.weakness ?? null,
  };
};
const organisation = (org_id: string, family: string | null = null, exempt: boolean | null = null) => ({
  row: { org_id, name: org_id, contact: '', ...noBilling },
  family,
  knownAs: [],
  exempt,
  line: 1,
});
const file = (
  items: PlacedEvidence[],
  organisations = ['a', 'b', 'c'].map((id) => organisation(id)),
  name = 'orgs.yaml',
): OrgsFile => ({
  file: name,
  organisations,
  evidence: items,
  faults: [],
});
const check = (items: PlacedEvidence[]) => {
  const { errors, warnings } = checkOrgs([file(items)], { on: '2026-11-22' });
  return { errors: errors.map(({ code }) => code), warnings: warnings.map(({ code }) => code) };
};
const clean = { errors: [], warnings: [] };
const token = (row: Partial<EvidenceRow>) =>
  evidence({ tier: 'E1', kind: 'token', secret_sha256: '0'.repeat(64), value: 't', ...row });

describe('checkOrgs', () => {
  it('refuses a family that is exempt in part, and lets a member leave it to the head', () => {
    const errors = (...organisations: ReturnType<typeof organisation>[]) =>
      checkOrgs([file([], organisations)], { on: '2026-11-22' }).errors.map(({ code, message }) => [code, message]);
    const open = organisation('open', null, true);
    expect(errors(open, organisation('labs', 'open'), organisation('more', 'labs', true))).toEqual([]);
    expect(errors(open, organisation('labs', 'open', false))).toEqual([
      ['exempt_in_part', "'labs' is not exempt, and its family 'open' is: a family is exempt as a whole"],
    ]);
    expect(errors(organisation('acme'), organisation('labs', 'acme', true))).toEqual([
      ['exempt_in_part', expect.stringContaining("write exempt at 'acme'")],
    ]);
    expect(errors(organisation('acme'), organisation('labs', 'acme', false))).toEqual([]);
  });

  it('is content with a good registry', () => {
    expect(
      check([
        evidence({}),
        evidence({ value: '8.8.4.0/24', org_id: 'b' }),
        token({}),
        evidence({ tier: 'E5', kind: 'asn', value: '15169' }),
      ]),
    ).toEqual(clean);
  });

  it.each([
    ['private', '10.1.0.0/16', { errors: ['special_purpose'], warnings: [] }],
    ['shared', '100.64.0.0/16', { errors: ['special_purpose'], warnings: [] }],
    ['documentation', '203.0.113.0/24', { errors: [], warnings: ['special_purpose'] }],
    ['too wide', '8.0.0.0/7', { errors: ['too_wide'], warnings: [] }],
    ['local IPv6', 'fe80::/64', { errors: ['special_purpose'], warnings: [] }],
    ['ordinary IPv6', '2a00:1450::/32', clean],
  ])('judges %s networks', (_, value, expected) => expect(check([evidence({ value })])).toEqual(expected));

  it.each([
    ['64512', { errors: [], warnings: ['special_purpose'] }],
    ['4200000000', { errors: [], warnings: ['special_purpose'] }],
    ['23456', { errors: ['special_purpose'], warnings: [] }],
    ['64500', { errors: [], warnings: ['special_purpose'] }],
    ['64495', clean],
    ['131072', clean],
  ])('judges AS%s', (value, expected) =>
    expect(check([evidence({ tier: 'E5', kind: 'asn', value })])).toEqual(expected),
  );

  it('knows which kinds carry which tier', () => {
    expect(check([evidence({ tier: 'E1' })]).errors).toEqual(['tier_kind']);
    expect(check([evidence({ tier: 'E5' })]).errors).toEqual(['tier_kind']);
    expect(check([token({ tier: 'E2' })]).errors).toEqual(['tier_kind']);
    expect(check([evidence({ tier: 'N' })]).errors).toEqual([]);
  });

  it('judges periods, both ends included', () => {
    expect(check([evidence({ valid_to: '2026-11-22' })])).toEqual(clean);
    expect(check([evidence({ valid_to: '2026-11-21' })]).warnings).toEqual(['expired']);
    expect(check([evidence({ valid_from: '2026-11-22' })])).toEqual(clean);
    expect(check([evidence({ valid_from: '2026-11-23' })]).warnings).toEqual(['not_yet_valid']);
    expect(check([evidence({ valid_from: '2026-11-22', valid_to: '2026-11-21' })])).toEqual({
      errors: ['bad_period'],
      warnings: [],
    });
  });

  it('asks for proofs and better secrets', () => {
    expect(check([evidence({ tier: 'E2' }, { proven: false })]).warnings).toEqual(['no_proof']);
    expect(check([evidence({}, { proven: false })]).warnings).toEqual([]);
    // The check's day is 2026-11-22 at the latest: a proof that ended the year before is told, one that holds is not.
    expect(check([evidence({ tier: 'E2' }, { proofExpires: '2025-11-22' })]).warnings).toEqual(['proof_expired']);
    expect(check([evidence({ tier: 'E2' }, { proofExpires: '2099-01-01' })]).warnings).toEqual([]);
    expect(check([evidence({ tier: 'E1', kind: 'token' }, { weakness: 'inline' })]).warnings).toEqual([
      'secret_in_file',
    ]);
    expect(check([evidence({ tier: 'E1', kind: 'token' }, { weakness: 'short' })]).warnings).toEqual(['weak_secret']);
  });

  it('finds conflicts: same tier and network, two organisations, a common day', () => {
    expect(check([evidence({}), evidence({ org_id: 'b' })]).warnings).toEqual(['conflict']);
    expect(check([evidence({}), evidence({ org_id: 'b', tier: 'E6' })]).warnings).toEqual([]);
    expect(
      check([evidence({ valid_to: '2026-12-31' }), evidence({ org_id: 'b', valid_from: '2027-01-01' })]).warnings,
    ).toEqual(['not_yet_valid']);
    expect(
      check([evidence({ valid_to: '2026-12-31' }), evidence({ org_id: 'b', valid_from: '2026-12-31' })]).warnings,
    ).toEqual(['not_yet_valid', 'conflict']);
    expect(
      check([
        evidence({ tier: 'E5', kind: 'asn', value: '15169' }),
        evidence({ tier: 'E5', kind: 'asn', value: '15169', org_id: 'b' }),
      ]).warnings,
    ).toEqual(['conflict']);
    // The rival need not be the first of its kind.
    expect(check([evidence({}), evidence({}), evidence({ org_id: 'b' })]).warnings).toEqual(['repeated', 'conflict']);
  });

  it('finds networks inside those of others, and says whose they are', () => {
    const inside = (outer: Partial<EvidenceRow>, inner: Partial<EvidenceRow>) =>
      checkOrgs([file([evidence({ value: '8.8.0.0/16', ...outer }), evidence({ org_id: 'b', ...inner })])], {
        on: '2026-11-22',
      }).warnings.map(({ code, message }) => `${code} ${message.split(' ').at(-1)}`);
    expect(inside({}, {})).toEqual(["overlap 'b'"]);
    expect(inside({ tier: 'E2' }, {})).toEqual(["overlap 'a'"]);
    expect(inside({ tier: 'E7' }, {})).toEqual(["overlap 'b'"]);
    expect(inside({ tier: 'N' }, {})).toEqual([]);
    expect(inside({ org_id: 'b' }, {})).toEqual([]);
    expect(inside({ valid_to: '2026-11-30' }, { valid_from: '2026-12-01' })).toEqual(['not_yet_valid 2026-12-01']);
    expect(inside({ value: '8.9.0.0/16' }, {})).toEqual([]);
    // Through a closer network of its own.
    expect(
      check([
        evidence({ value: '8.0.0.0/8' }),
        evidence({ value: '8.8.0.0/16', org_id: 'b' }),
        evidence({ org_id: 'b' }),
      ]).warnings,
    ).toEqual(['overlap', 'overlap']);
  });

  it('finds repetitions', () => {
    expect(check([evidence({ evidence_id: 'x' }), evidence({ evidence_id: 'x', value: '8.8.4.0/24' })]).errors).toEqual(
      ['duplicate_evidence'],
    );
    expect(check([evidence({}), evidence({})]).warnings).toEqual(['repeated']);
    const twice = [file([], [organisation('a')], 'one.yaml'), file([], [organisation('a')], 'two.yaml')];
    expect(checkOrgs(twice, { on: '2026-11-22' }).errors).toEqual([
      {
        code: 'duplicate_organisation',
        file: 'two.yaml',
        line: 1,
        message: "organisation 'a' stands already in one.yaml, line 1",
      },
    ]);
  });

  it('finds secrets that two tokens share, and token ids that two organisations share', () => {
    expect(check([token({}), token({ value: 'u' })]).errors).toEqual(['secret_repeated']);
    expect(check([token({}), token({ secret_sha256: '1'.repeat(64) })])).toEqual(clean);
    expect(check([token({}), token({ secret_sha256: '1'.repeat(64), org_id: 'b' })]).errors).toEqual([
      'token_repeated',
    ]);
    expect(check([token({ valid_to: '2026-11-30' }), token({ valid_from: '2026-12-01', value: 'u' })]).errors).toEqual(
      [],
    );
  });

  it('finds families and organisations that are not there, and circles', () => {
    const codes = (families: Record<string, string | null>, known: string[] = []) =>
      checkOrgs(
        [
          file(
            [],
            Object.entries(families).map(([id, family]) => organisation(id, family)),
          ),
        ],
        { on: '2026-11-22', knownOrganisations: known },
      ).errors.map(({ code }) => code);
    expect(codes({ a: 'b', b: 'c', c: 'c' })).toEqual([]);
    expect(codes({ a: 'x' })).toEqual(['unknown_family']);
    expect(codes({ a: 'x' }, ['x'])).toEqual([]);
    expect(codes({ a: 'b', b: 'a' })).toEqual(['family_circle', 'family_circle']);
    // Only those on the circle are at fault, not who leads into it.
    expect(codes({ z: 'a', a: 'b', b: 'a' })).toEqual(['family_circle', 'family_circle']);
    expect(check([evidence({ org_id: 'nobody' })]).errors).toEqual(['unknown_organisation']);
    expect(
      checkOrgs([file([evidence({ org_id: 'far' })])], { on: '2026-11-22', knownOrganisations: ['far'] }).errors,
    ).toEqual([]);
  });

  it('reports what could not be read, and orders findings by file and line', () => {
    const unreadable = { code: 'shape', file: 'orgs.yaml', line: 90, message: 'x' };
    const early = { ...evidence({ tier: 'E1' }), line: 5 };
    const { errors } = checkOrgs([{ ...file([early]), faults: [unreadable] }], { on: '2026-11-22' });
    expect(errors.map(({ line: at }) => at)).toEqual([5, 90]);
  });
});
