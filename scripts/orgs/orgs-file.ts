// The organisations file: organisations and the evidence for their traffic, as typed rows with their lines. YAML for organisations
// with their evidence, CSV for evidence alone. Secrets are hashed here and never passed on.

import { isNode, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { z } from 'zod';
import { Fault } from '../../transform/fault.ts';
import { cidrText, parseCidr } from '../../transform/networks/address.ts';
import { parseAsn } from '../../transform/networks/published/network-types.ts';
import { readCsv } from '../../transform/csv.ts';
import { decodeText, readBytes } from '../runtime/text-file.ts';
import { sha256 } from '../../sql/sha256.ts';
import { isDay } from '../../transform/periods.ts';
import { type HoldersFile, readHolders } from './holders-file.ts';

export const evidenceTiers = ['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'N'] as const;
export type EvidenceTier = (typeof evidenceTiers)[number];
export const evidenceKinds = ['token', 'cidr', 'asn'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** Columns of org that its statements show; '' each, if the registry does not say it. */
export interface BillingRow {
  readonly billing_name: string;
  /** In lines. */
  readonly billing_address: string;
  readonly billing_tax_id: string;
  readonly billing_purchase_order: string;
  readonly billing_reference: string;
}
/** What the registry records of an organisation without particulars, or of one that was erased. */
export const noBilling: BillingRow = {
  billing_name: '',
  billing_address: '',
  billing_tax_id: '',
  billing_purchase_order: '',
  billing_reference: '',
};

/** Columns of org. */
export interface OrgRow extends BillingRow {
  readonly org_id: string;
  readonly name: string;
  readonly exempt: boolean;
  readonly contact: string;
}

/** Columns of org_edge. `family_id` is the head of the family, however many organisations are between. */
export interface OrgEdgeRow {
  readonly org_id: string;
  readonly family_id: string;
}

/** Columns of org_evidence. */
export interface EvidenceRow {
  readonly evidence_id: string;
  readonly org_id: string;
  readonly tier: EvidenceTier;
  readonly kind: EvidenceKind;
  /** Canonical CIDR, AS number in digits, or the token's public id. */
  readonly value: string;
  /** SHA-256 of the secret, lower-case hexadecimal; '' for other kinds. */
  readonly secret_sha256: string;
  /** First and last day on which it applies, YYYY-MM-DD; null: no last day. */
  readonly valid_from: string;
  readonly valid_to: string | null;
  readonly source: string;
  /** For tokens: only CI jobs send it. Other evidence: false. */
  readonly ci: boolean;
}

/** A row with its line in the file. */
export interface Placed<Row> {
  readonly row: Row;
  readonly line: number;
}
/**
 * `family` is the unchecked name from the file; `exempt` is null if the file does not say it (registryOf decides); `knownAs` are
 * names in data sets about networks.
 */
export type PlacedOrg = Placed<Omit<OrgRow, 'exempt'>> & {
  readonly family: string | null;
  readonly exempt: boolean | null;
  readonly knownAs: readonly string[];
};
/** Adds the facts that the check needs and the tables do not have. */
export type PlacedEvidence = Placed<EvidenceRow> & {
  readonly proven: boolean;
  /** Last day on which the proof counts, if the file says so; null: no last day. */
  readonly proofExpires: string | null;
  readonly weakness: SecretWeakness | null;
};
export type SecretWeakness = 'inline' | 'short';

export interface OrgFinding {
  /** Stable, for scripts: 'shape', 'bad_value', 'conflict', … */
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface OrgsFile {
  readonly file: string;
  readonly organisations: readonly PlacedOrg[];
  readonly evidence: readonly PlacedEvidence[];
  /** Networks and their holders, if the file is such a data set (holders.ts makes evidence of them). */
  readonly held?: HoldersFile;
  /** Entries that could not be read. checkOrgs reports them with its own findings. */
  readonly faults: readonly OrgFinding[];
}

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'letters, digits, dots, colons, hyphens and underscores');
const name = z
  .string()
  .regex(/^[^\s\p{Cc}]([^\p{Cc}]*[^\s\p{Cc}])?$/u, 'text without control characters or blanks at its ends');
const day = z.string().refine(isDay, 'a day as YYYY-MM-DD');

/** More lines would push the amount off the first page of a statement. */
const MAX_ADDRESS_LINES = 8;

/** Whom a statement is for, as its accountants write it. */
const billingSchema = z.strictObject({
  name: name.optional(),
  address: z.array(name).max(MAX_ADDRESS_LINES).default([]),
  tax_id: name.optional(),
  purchase_order: name.optional(),
  reference: name.optional(),
});
const billingRow = (billing: z.infer<typeof billingSchema> | undefined): BillingRow =>
  billing === undefined
    ? noBilling
    : {
        billing_name: billing.name ?? '',
        billing_address: billing.address.join('\n'),
        billing_tax_id: billing.tax_id ?? '',
        billing_purchase_order: billing.purchase_order ?? '',
        billing_reference: billing.reference ?? '',
      };

const organisationSchema = z.strictObject({
  id,
  name,
  family: id.optional(),
  exempt: z.boolean().optional(),
  contact: z.string().default(''),
  known_as: z.array(name).default([]),
  billing: billingSchema.optional(),
  evidence: z.array(z.unknown()).default([]),
});

const evidenceSchema = z.strictObject({
  id,
  tier: z.enum(evidenceTiers),
  kind: z.enum(evidenceKinds),
  value: z.string().optional(),
  secret: z.string().min(1).optional(),
  secret_env: z.string().min(1).optional(),
  secret_sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits')
    .transform((hex) => hex.toLowerCase())
    .optional(),
  valid_from: day,
  valid_to: day.optional(),
  source: name,
  proof: z.string().optional(),
  ci: z.boolean().default(false),
});
type Evidence = z.infer<typeof evidenceSchema>;

/** Secrets shorter than this can be guessed from their hash. */
const MIN_SECRET_LENGTH = 20;

type Report = (code: string, path: readonly PropertyKey[], message: string) => void;

/** The typed row; null after reporting the faults. */
function evidenceRow(
  item: unknown,
  orgId: string,
  env: NodeJS.ProcessEnv,
  report: Report,
): Omit<PlacedEvidence, 'line'> | null {
  const result = evidenceSchema.safeParse(item);
  if (!result.success) {
    for (const issue of result.error.issues) report('shape', issue.path, issue.message);
    return null;
  }
  const evidence = result.data;
  const value = canonicalValue(evidence, report);
  const secret = secretHash(evidence, env, report);
  if (value === null || secret === null) return null;
  if (secret.sha256 !== '' && [value, evidence.id].some((text) => sha256(text) === secret.sha256)) {
    report('bad_secret', [], "a token's id is public and must not be its secret");
    return null;
  }
  const { id: evidence_id, tier, kind, valid_from, valid_to = null, source, ci } = evidence;
  if (ci && kind !== 'token') {
    report('bad_value', ['ci'], `only tokens are marked as CI's, not ${kind} evidence`);
    return null;
  }
  const secret_sha256 = secret.sha256;
  return {
    row: { evidence_id, org_id: orgId, tier, kind, value, secret_sha256, valid_from, valid_to, source, ci },
    proven: (evidence.proof ?? '').trim() !== '',
    proofExpires: /\bexpires (\d{4}-\d\d-\d\d)$/.exec((evidence.proof ?? '').trim())?.[1] ?? null,
    weakness: secret.weakness,
  };
}

function canonicalValue({ kind, value, id: evidenceId }: Evidence, report: Report): string | null {
  if (kind === 'token') return value ?? evidenceId;
  const bad = (message: string): null => (report('bad_value', ['value'], message), null);
  if (value === undefined) return bad(`${kind} evidence needs a value`);
  if (kind === 'cidr') {
    const { cidr, fault } = parseCidr(value);
    return cidr === null ? bad(fault) : cidrText(cidr);
  }
  const asn = parseAsn(value);
  return asn === null ? bad(`'${value}' is not an AS number`) : String(asn);
}

/** @returns the hash ('' if the kind has no secret); null after reporting the faults, which never name the secret */
function secretHash(
  { kind, secret, secret_env, secret_sha256 }: Evidence,
  env: NodeJS.ProcessEnv,
  report: Report,
): { sha256: string; weakness: SecretWeakness | null } | null {
  const given = [secret, secret_env, secret_sha256].filter((field) => field !== undefined).length;
  const bad = (message: string): null => (report('bad_secret', [], message), null);
  if (kind !== 'token')
    return given === 0 ? { sha256: '', weakness: null } : bad(`only tokens have a secret, not ${kind} evidence`);
  if (given !== 1) return bad('a token needs exactly one of secret_sha256, secret_env, secret');
  if (secret_sha256 !== undefined) return { sha256: secret_sha256, weakness: null };
  const plain = secret ?? env[secret_env!];
  if (plain === undefined || plain === '') return bad(`the environment has no ${secret_env}`);
  return {
    sha256: sha256(plain),
    weakness: plain.length < MIN_SECRET_LENGTH ? 'short' : secret === undefined ? null : 'inline',
  };
}

export interface ReadOrgsOptions {
  /** Environment that `secret_env` reads from; default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Reads data sets about networks by their columns, another `.csv` as evidence (its organisations are in another file or in the warehouse),
 * every other file as YAML.
 * @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is not text; all other faults are in
 *   `faults`
 */
export function readOrgsFile(path: string, { env = process.env }: ReadOrgsOptions = {}): OrgsFile {
  const text = decodeText(readBytes(path), path);
  const held = readHolders(text, path);
  if (held !== undefined) {
    const faults = held.faults.map((fault) => ({ code: 'shape', file: path, ...fault }));
    return { file: path, organisations: [], evidence: [], held, faults };
  }
  return /\.csv$/i.test(path) ? readEvidenceCsv(text, path, env) : readYaml(text, path, env);
}

const evidenceColumns = [
  'id', 'org', 'tier', 'kind', 'value', 'secret_sha256', 'valid_from', 'valid_to', 'source', 'proof',
] as const; // prettier-ignore

function readEvidenceCsv(text: string, file: string, env: NodeJS.ProcessEnv): OrgsFile {
  const { records, faults } = readCsv(text, evidenceColumns);
  const found: OrgFinding[] = faults.map(({ line = 1, message }) => ({ code: 'shape', file, line, message }));
  const evidence: PlacedEvidence[] = [];
  // Takes the records off the list one by one, so that a million records and a million rows are never in memory together.
  records.reverse();
  for (let record = records.pop(); record !== undefined; record = records.pop()) {
    const { line, values } = record;
    const { org = '', ...fields } = Object.fromEntries(Object.entries(values).filter(([, field]) => field !== ''));
    const report: Report = (code, path, message) =>
      found.push({ code, file, line, message: [...path, message].join(': ') });
    if (org === '') report('shape', ['org'], 'is missing');
    const row = evidenceRow(fields, org, env, report);
    if (row !== null && org !== '') evidence.push({ ...row, line });
  }
  return { file, organisations: [], evidence, faults: found };
}

function readYaml(text: string, file: string, env: NodeJS.ProcessEnv): OrgsFile {
  const lines = new LineCounter();
  // No pretty errors, because they quote the line, and the line may contain a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults: OrgFinding[] = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    code: 'yaml',
    file,
    line: lines.linePos(pos[0]).line,
    message: `not valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  const organisations: PlacedOrg[] = [];
  const evidence: PlacedEvidence[] = [];
  if (faults.length === 0) {
    const reportAt =
      (base: readonly PropertyKey[]): Report =>
      (code, path, message) => {
        const at = [...base, ...path];
        faults.push({
          code,
          file,
          line: lineOf(document, at, lines),
          message: [at.join('.'), message].filter(Boolean).join(': '),
        });
      };
    const top = z.strictObject({ organisations: z.array(z.unknown()) }).safeParse(plainOf(document, file));
    if (!top.success) for (const issue of top.error.issues) reportAt([])('shape', issue.path, issue.message);
    top.data?.organisations.forEach((item, i) => {
      const path = ['organisations', i];
      const result = organisationSchema.safeParse(item);
      if (!result.success) {
        for (const issue of result.error.issues) reportAt(path)('shape', issue.path, issue.message);
        return;
      }
      const { id: org_id, family = null, evidence: items, ...fields } = result.data;
      const place = { line: lineOf(document, path, lines) };
      organisations.push({
        row: { org_id, name: fields.name, contact: fields.contact, ...billingRow(fields.billing) },
        family,
        knownAs: fields.known_as,
        exempt: fields.exempt ?? null,
        ...place,
      });
      items.forEach((each, k) => {
        const at = [...path, 'evidence', k];
        const row = evidenceRow(each, org_id, env, reportAt(at));
        if (row !== null) evidence.push({ ...row, line: lineOf(document, at, lines) });
      });
    });
  }
  return { file, organisations, evidence, faults };
}

function plainOf(document: Document, file: string): unknown {
  // Numbers stay as written, because an id, an AS number or a hash of digits is text.
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new Fault('inputRefused', `${file}: too many aliases`, 'Write repeated values out.', { cause });
  }
}

/** The line of a node, or of its nearest parent in the document. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** The head of each organisation's family: itself, if it names none. The search stops at a missing family or a circle. */
export function familyHeads(organisations: readonly PlacedOrg[]): Map<string, string> {
  const parentOf = new Map(organisations.map(({ row, family }) => [row.org_id, family]));
  return new Map(
    organisations.map(({ row: { org_id }, family }) => {
      if (family === null || family === org_id) return [org_id, org_id];
      const seen = new Set([org_id]);
      let head = family;
      for (let next; !seen.has(head) && (next = parentOf.get(head)) != null && next !== head; head = next)
        seen.add(head);
      return [org_id, head];
    }),
  );
}

/** The rows of files that are imported together. An organisation is exempt if the head of its family is. */
export function registryOf(files: readonly OrgsFile[]): {
  readonly organisations: OrgRow[];
  readonly edges: OrgEdgeRow[];
} {
  const organisations = files.flatMap((file) => file.organisations);
  const heads = familyHeads(organisations);
  const headOf = (org_id: string) => heads.get(org_id) ?? org_id;
  const exempt = new Set(organisations.filter((org) => org.exempt === true).map(({ row }) => row.org_id));
  return {
    organisations: organisations.map(({ row }) => ({ ...row, exempt: exempt.has(headOf(row.org_id)) })),
    edges: organisations
      .filter(({ row, family }) => family !== null && family !== row.org_id)
      .map(({ row: { org_id } }) => ({ org_id, family_id: headOf(org_id) })),
  };
}
