// Evidence of E4 and E5 from data sets about networks: candidates for what may be billed. A month bills them only if the policy names their
// kind (`bill_measured`) and tokens have shown in that month that they name the right organisation (docs/METHODOLOGY.md, Intervals).

import { nameKey } from './holders-file.ts';
import type { OrgFinding, OrgsFile, PlacedEvidence } from './orgs-file.ts';

const ids = { Prefix2Org: 'prefix2org', 'AS Organizations': 'as-org' } as const;

/** The files, with evidence in place of the holders that `known_as` of an organisation names. */
export function withHolders(files: readonly OrgsFile[]): OrgsFile[] {
  if (files.every(({ held }) => held === undefined)) return [...files];
  const owners = new Map<string, string>();
  const twice: OrgFinding[] = [];
  for (const { file, organisations } of files)
    for (const { row, knownAs, line } of organisations)
      for (const known of knownAs) {
        const other = owners.get(nameKey(known));
        if (other === undefined) owners.set(nameKey(known), row.org_id);
        else if (other !== row.org_id)
          twice.push({ code: 'known_as_twice', file, line, message: `'${known}' is a name of '${other}' already` });
      }
  return files.map((file) => {
    if (file.held === undefined)
      return { ...file, faults: [...file.faults, ...twice.filter((each) => each.file === file.file)] };
    const { dataset, day, holders } = file.held;
    if (day === null) {
      const message = `the name of ${dataset} data must have their day, for example prefix2org_2026-10-01.csv`;
      return { ...file, faults: [...file.faults, { code: 'no_day', file: file.file, line: 1, message }] };
    }
    const evidence = new Map<string, PlacedEvidence>();
    for (const { tier, value, names, line } of holders) {
      const name = names.find((each) => owners.has(nameKey(each)));
      if (name === undefined) continue;
      const org_id = owners.get(nameKey(name))!;
      const evidence_id = `${ids[dataset]}:${org_id}:${value.replace('/', '-')}`;
      const kind = tier === 'E4' ? 'cidr' : 'asn';
      const source = `${dataset} of ${day}: ${name}`;
      const row = {
        evidence_id,
        org_id,
        tier,
        kind,
        value,
        secret_sha256: '',
        ci: false,
        valid_from: day,
        valid_to: null,
        source,
      } as const;
      evidence.set(evidence_id, { row, line, proven: false, proofExpires: null, weakness: null });
    }
    return { ...file, evidence: [...evidence.values()] };
  });
}
