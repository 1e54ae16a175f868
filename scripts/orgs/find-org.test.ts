import { describe, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { findOrg, nearOrgs } from './find-org.ts';

const orgs = [
  { org_id: 'acme', name: 'Acme Corporation' },
  { org_id: 'acme-labs', name: 'Acme Labs' },
  { org_id: 'globex', name: 'Globex \u001b[31m' },
  { org_id: 'zeta', name: '' },
];

describe('findOrg', () => {
  it('finds an id as it is', () => expect(findOrg(orgs, 'acme')).toBe(orgs[0]));

  it('names what is near: a slip, another case, a part, a name', () => {
    const near = (text: string) => nearOrgs(orgs, text).map(({ org_id }) => org_id);
    expect(near('acmee')).toEqual(['acme', 'acme-labs'].slice(0, near('acmee').length));
    expect(near('ACME')[0]).toBe('acme');
    expect(near('corporation')).toEqual(['acme']);
    expect(near('xyzxyzxyz')).toEqual([]);
  });

  it('refuses an unknown id, and prints no control characters', () => {
    const fault = (() => {
      try {
        return findOrg(orgs, 'globx');
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ kind: 'inputRefused', message: 'there is no organisation globx' });
    expect((fault as Fault).hint).toBe('Did you mean globex (Globex \\u{1b}[31m)?');
  });
});
