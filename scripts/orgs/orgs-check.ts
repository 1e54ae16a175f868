// Checks a registry of organisations. Errors stop an import; warnings are doubts for a person to review.

import { cidrContains, compareCidr, parseCidr } from '../../transform/networks/address.ts';
import { isTooWide, specialPurposeOf } from '../../transform/networks/special-purpose.ts';
import {
  familyHeads,
  type EvidenceKind,
  type EvidenceRow,
  type EvidenceTier,
  type OrgFinding,
  type OrgsFile,
  type PlacedEvidence,
} from './orgs-file.ts';

export interface CheckOrgsOptions {
  /** Evidence must be in force on this day, YYYY-MM-DD. */
  readonly on: string;
  /** Organisations that are already in the warehouse. */
  readonly knownOrganisations?: Iterable<string>;
}

export interface OrgsReport {
  readonly errors: readonly OrgFinding[];
  readonly warnings: readonly OrgFinding[];
}

/** The kinds of evidence that each tier allows (docs: attribution, 'Evidence, strongest first'). */
const kindsOfTier: Readonly<Record<EvidenceTier, readonly EvidenceKind[]>> = {
  E1: ['token'],
  E2: ['cidr'],
  E3: ['cidr', 'asn'],
  E4: ['cidr'],
  E5: ['asn'],
  E6: ['cidr', 'asn'],
  E7: ['cidr', 'asn'],
  N: ['cidr', 'asn'],
};

/** Evidence with its file. */
type Item = PlacedEvidence & { readonly file: string };
type Find = (code: string, at: { readonly file: string; readonly line: number }, message: string) => void;

/** Checks files that are imported together. Findings are in order of file and line. */
export function checkOrgs(files: readonly OrgsFile[], { on, knownOrganisations = [] }: CheckOrgsOptions): OrgsReport {
  const errors: OrgFinding[] = files.flatMap(({ faults }) => faults);
  const warnings: OrgFinding[] = [];
  const into =
    (list: OrgFinding[]): Find =>
    (code, { file, line }, message) =>
      list.push({ code, file, line, message });
  const error = into(errors);
  const warn = into(warnings);

  checkOrganisations(files, new Set(knownOrganisations), error);
  const items: Item[] = files.flatMap(({ file, evidence }) => evidence.map((each) => ({ ...each, file })));
  repeated(
    items,
    (item) => item.row.evidence_id,
    (item, first) =>
      error('duplicate_evidence', item, `evidence '${item.row.evidence_id}' stands already in ${place(first)}`),
  );
  for (const item of items) checkItem(item, on, error, warn);
  checkSecrets(items, error);
  checkSameValue(items, warn);
  checkNesting(items, warn);

  const order = new Map(files.map(({ file }, i) => [file, i]));
  const inOrder = (list: OrgFinding[]) =>
    list.sort((a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line);
  return { errors: inOrder(errors), warnings: inOrder(warnings) };
}

const place = ({ file, line }: { readonly file: string; readonly line: number }): string => `${file}, line ${line}`;

/** Calls `found` for each item with the key of an earlier one. */
function repeated<T>(items: readonly T[], keyOf: (item: T) => string, found: (item: T, first: T) => void): void {
  const seen = new Map<string, T>();
  for (const item of items) {
    const first = seen.get(keyOf(item));
    if (first === undefined) seen.set(keyOf(item), item);
    else found(item, first);
  }
}

function checkOrganisations(files: readonly OrgsFile[], known: ReadonlySet<string>, error: Find): void {
  const organisations = files.flatMap(({ file, organisations: rows }) => rows.map((each) => ({ ...each, file })));
  repeated(
    organisations,
    ({ row }) => row.org_id,
    (item, first) =>
      error('duplicate_organisation', item, `organisation '${item.row.org_id}' stands already in ${place(first)}`),
  );
  const familyOf = new Map(organisations.map(({ row, family }) => [row.org_id, family]));
  for (const item of organisations) {
    const { family } = item;
    if (family === null || family === item.row.org_id) continue;
    if (!familyOf.has(family) && !known.has(family)) {
      error('unknown_family', item, `'${item.row.org_id}' belongs to '${family}', which is no organisation`);
      continue;
    }
    const path = [item.row.org_id];
    for (let at: string | null | undefined = family; at != null && at !== familyOf.get(at); at = familyOf.get(at)) {
      if (at === item.row.org_id) {
        error('family_circle', item, `the family of '${at}' is a circle: ${[...path, at].join(' → ')}`);
        break;
      }
      if (path.includes(at)) break;
      path.push(at);
    }
  }
  // Exemption is a family's: its head says it, and no member says otherwise.
  const heads = familyHeads(organisations);
  const isExempt = new Set(organisations.filter(({ exempt }) => exempt === true).map(({ row }) => row.org_id));
  for (const item of organisations) {
    const { org_id } = item.row;
    const head = heads.get(org_id) ?? org_id;
    if (item.exempt !== null && familyOf.has(head) && item.exempt !== isExempt.has(head))
      error(
        'exempt_in_part',
        item,
        item.exempt
          ? `'${org_id}' is exempt, and its family '${head}' is not: write exempt at '${head}', or give '${org_id}' no family`
          : `'${org_id}' is not exempt, and its family '${head}' is: a family is exempt as a whole`,
      );
  }
  for (const { file, evidence } of files)
    for (const { row, line } of evidence)
      if (!familyOf.has(row.org_id) && !known.has(row.org_id))
        error(
          'unknown_organisation',
          { file, line },
          `evidence '${row.evidence_id}' names '${row.org_id}', which is no organisation`,
        );
}

function checkItem(item: Item, on: string, error: Find, warn: Find): void {
  const { evidence_id, tier, kind, value, valid_from, valid_to } = item.row;
  const name = `evidence '${evidence_id}'`;
  if (!kindsOfTier[tier].includes(kind))
    error('tier_kind', item, `${name}: ${tier} takes ${kindsOfTier[tier].join(' or ')}, not ${kind}`);
  if (valid_to !== null && valid_to < valid_from)
    error('bad_period', item, `${name} ends (${valid_to}) before it begins (${valid_from})`);
  else if (valid_to !== null && valid_to < on) warn('expired', item, `${name} held until ${valid_to}`);
  else if (valid_from > on) warn('not_yet_valid', item, `${name} holds only from ${valid_from}`);
  if ((tier === 'E2' || tier === 'E3') && !item.proven) warn('no_proof', item, `${name} is ${tier} without a proof`);
  if (item.proofExpires !== null && item.proofExpires < on && (valid_to === null || valid_to >= on))
    warn(
      'proof_expired',
      item,
      `${name}: its proof held until ${item.proofExpires}; prove it anew: fairshare orgs prove ${evidence_id}`,
    );
  if (item.weakness === 'inline')
    warn('secret_in_file', item, `${name}: keep secrets out of files: use secret_sha256 or secret_env`);
  if (item.weakness === 'short') warn('weak_secret', item, `${name}: so short a secret can be guessed from its hash`);
  if (kind === 'cidr') checkCidr(value, item, name, error, warn);
  if (kind === 'asn') checkAsn(Number(value), item, name, error, warn);
}

function checkCidr(value: string, item: Item, name: string, error: Find, warn: Find): void {
  const cidr = parseCidr(value).cidr!;
  if (isTooWide(cidr)) return error('too_wide', item, `${name}: ${value} is wider than any organisation's network`);
  const purpose = specialPurposeOf(cidr);
  if (purpose === 'documentation' || purpose === 'benchmarking')
    warn('special_purpose', item, `${name}: ${value} is for ${purpose}`);
  else if (purpose !== null) error('special_purpose', item, `${name}: ${value} is no public network (${purpose})`);
}

/** IANA special-purpose AS numbers: RFC 5398, 6996, 7300, 7607, 6793. */
function checkAsn(asn: number, item: Item, name: string, error: Find, warn: Find): void {
  const isPrivate = (asn >= 64512 && asn <= 65534) || (asn >= 4_200_000_000 && asn <= 4_294_967_294);
  const isReserved = asn === 23456 || asn === 65535 || asn === 4_294_967_295 || (asn >= 65552 && asn <= 131_071);
  const isDocumentation = (asn >= 64496 && asn <= 64511) || (asn >= 65536 && asn <= 65551);
  if (isReserved) error('special_purpose', item, `${name}: AS${asn} is reserved`);
  else if (isPrivate || isDocumentation)
    warn('special_purpose', item, `${name}: AS${asn} is for ${isPrivate ? 'private use' : 'documentation'}`);
}

/** Both ends included. */
const overlap = (a: EvidenceRow, b: EvidenceRow): boolean =>
  a.valid_from <= (b.valid_to ?? '9999-12-31') && b.valid_from <= (a.valid_to ?? '9999-12-31');

/** Pairs each item with the first earlier one that has the same key, applies on a common day and `clashes`. */
function* pairs(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  clashes: (a: Item, b: Item) => boolean = () => true,
): Generator<readonly [item: Item, first: Item]> {
  // Most keys occur once, so a list is made only for repeated ones.
  const groups = new Map<string, Item | Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known === undefined) {
      groups.set(key, item);
      continue;
    }
    const group = Array.isArray(known) ? known : [known];
    const first = group.find((other) => overlap(other.row, item.row) && clashes(other, item));
    if (first !== undefined) yield [item, first];
    group.push(item);
    groups.set(key, group);
  }
}
const otherOrganisation = (a: Item, b: Item): boolean => a.row.org_id !== b.row.org_id;

function checkSecrets(items: readonly Item[], error: Find): void {
  const tokens = items.filter(({ row }) => row.kind === 'token');
  for (const [item, first] of pairs(tokens, ({ row }) => row.secret_sha256))
    error(
      'secret_repeated',
      item,
      `evidence '${item.row.evidence_id}' has the secret of '${first.row.evidence_id}' (${place(first)})`,
    );
  // Several secrets under one token id are a rotation, but only if the token is of one organisation.
  for (const [item, first] of pairs(tokens, ({ row }) => row.value, otherOrganisation))
    error(
      'token_repeated',
      item,
      `token id '${item.row.value}' names '${item.row.org_id}' and '${first.row.org_id}' (${place(first)})`,
    );
}

/** The same tier with the same network or AS twice: a conflict between organisations, or a repetition. */
function checkSameValue(items: readonly Item[], warn: Find): void {
  const networks = items.filter(({ row }) => row.kind !== 'token');
  const sameValue = ({ row }: Item): string => `${row.tier} ${row.kind} ${row.value}`;
  for (const [{ row, ...at }, first] of pairs(networks, sameValue, otherOrganisation))
    warn(
      'conflict',
      at,
      `${row.tier} ${row.value} names '${row.org_id}' and '${first.row.org_id}' (${place(first)}): it counts for neither`,
    );
  for (const [{ row, ...at }, first] of pairs(networks, (item) => `${item.row.org_id} ${sameValue(item)}`))
    warn('repeated', at, `evidence '${row.evidence_id}' says what '${first.row.evidence_id}' says (${place(first)})`);
}

/** Networks of one organisation inside another's. N is left out, because such networks normally contain others. */
function checkNesting(items: readonly Item[], warn: Find): void {
  const networks = items
    .filter(({ row }) => row.kind === 'cidr' && row.tier !== 'N')
    .map((item) => ({ item, cidr: parseCidr(item.row.value).cidr! }))
    .sort((a, b) => compareCidr(a.cidr, b.cidr));
  const open: typeof networks = [];
  for (const inner of networks) {
    while (open.length > 0 && !cidrContains(open.at(-1)!.cidr, inner.cidr)) open.pop();
    const { row } = inner.item;
    const outer = open.findLast(
      ({ item, cidr }) =>
        item.row.org_id !== row.org_id && overlap(item.row, row) && compareCidr(cidr, inner.cidr) !== 0,
    );
    if (outer !== undefined) {
      const wins = outer.item.row.tier < row.tier ? outer.item.row.org_id : row.org_id;
      warn(
        'overlap',
        inner.item,
        `${row.value} of '${row.org_id}' lies in ${outer.item.row.value} of '${outer.item.row.org_id}' (${place(outer.item)}): it counts for '${wins}'`,
      );
    }
    open.push(inner);
  }
}
