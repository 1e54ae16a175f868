// Configuration: fairshare.yaml, then FAIRSHARE_* variables, then flags. All faults are reported at once, with their paths.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { statementLanguages } from '../../transform/languages.ts';
import { Fault } from '../../transform/fault.ts';
import { isCurrency } from '../../transform/funding/currencies.ts';
import { LISTEN_ADDRESS } from './listen-address.ts';
import { logLevels } from './log-levels.ts';
import { isDay } from '../../transform/periods.ts';

const ecosystemName = z.string().min(1);

/** docs/REFERENCE.md lists every key with its description. Run `make docs` after a change. */
export const sourceSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, hyphens and underscores')
    .describe('name in the ledger: never change it once data are loaded'),
  format: z.string().default('auto').describe('log format (docs/COVERAGE.md)'),
  ecosystem: ecosystemName.optional().describe('purl type of every line; default: by host, then by path'),
  hosts: z
    .record(z.string(), ecosystemName)
    .default({})
    .describe('request host: ecosystem, for sources that mix several; no host is built in'),
  repository_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('address of the registry, named in package URLs whose type has another default; needs `ecosystem`'),
  path_prefix: z.string().default('').describe('leading path to remove, which the registry’s own rules do not know'),
  timezone: z
    .string()
    .default('UTC')
    .describe('of timestamps that name no offset: UTC, a fixed offset (`+02:00`) or an IANA zone (`Europe/Berlin`)'),
  trusted_hops: z
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe(
      'how many of your own proxies append to X-Forwarded-For; the client’s address is the entry that the outermost of them has written, counted from the right (docs/FORMATS.md)',
    ),
  fields: z
    .record(z.string(), z.string())
    .optional()
    .describe('field map of a JSON feed, our field: key path; default: the preset’s (docs/FORMATS.md)'),
  token: z
    .strictObject({
      query: z
        .string()
        .default('fairshare_token')
        .describe('query parameter that carries an organisation’s token; empty: none'),
      user_agent: z
        .string()
        .regex(/^[A-Za-z0-9._-]*$/, 'letters, digits, dots, hyphens and underscores')
        .default('fairshare-token')
        .describe('word before a token in the user agent; empty: none'),
      header_field: z.string().optional().describe('key path of a header that a JSON feed logs; as `fields.token`'),
    })
    .prefault({}),
  ignore: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'names that a search of a directory, a glob or a bucket passes over: `*` stands for any characters, and a pattern with a slash is compared with the whole name; default: what CDNs, stores and tools of transfer put beside logs (docs/OPERATIONS.md)',
    ),
  parts_vary: z
    .boolean()
    .default(false)
    .describe(
      'edge hosts or partitions share the traffic as they like, so only the whole source is looked through for holes',
    ),
  retired_after: z
    .string()
    .refine(isDay, 'a day as YYYY-MM-DD')
    .optional()
    .describe('last day that it has delivered for, YYYY-MM-DD; the night no longer waits for it'),
});
export type SourceConfig = z.infer<typeof sourceSchema>;

/** The field map of a source, with its token's header. */
export const fieldsOf = ({ fields, token }: Partial<SourceConfig>): Readonly<Record<string, string>> | undefined =>
  token?.header_field === undefined ? fields : { ...fields, token: token.header_field };

const topicSchema = z.strictObject({
  topic: z.string().min(1).describe('name of the topic'),
  source: z.string().min(1).describe('one of `sources`'),
  carries: z
    .enum(['lines', 'objects'])
    .default('lines')
    .describe('lines: a message holds log lines; objects: it announces objects of a store that hold them'),
});

export const configSchema = z.strictObject({
  warehouse: z.string().default('./data').describe('directory of the embedded engine, or URL of a ClickHouse server'),
  issuer: z
    .strictObject({
      name: z.string().default('Example Package Foundation').describe('who issues statements'),
      currency: z.string().refine(isCurrency, 'an ISO 4217 code').default('USD').describe('ISO 4217'),
      contact: z.string().default('funding@example.org').describe('printed on statements'),
      address: z.array(z.string()).optional().describe('lines of the postal address; printed on statements'),
      tax_id: z.string().optional().describe('tax or registration number; printed on statements'),
      payment: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe('lines that say how and when to pay; without them statements are show-back, and nothing is due'),
      language: z.enum(statementLanguages).default('en').describe('language of statements: en'),
    })
    .prefault({}),
  sources: z.array(sourceSchema).default([]).describe('where access logs come from (docs/FORMATS.md)'),
  kafka: z
    .strictObject({
      brokers: z.array(z.string()).default(['127.0.0.1:9092']).describe('host:port of brokers to begin with'),
      client_id: z.string().default('fairshare').describe('name in the brokers’ logs'),
      group: z.string().default('fairshare').describe('consumer group; one warehouse has one of its own'),
      topics: z.array(topicSchema).default([]).describe('what `ingest kafka` reads'),
      ssl: z
        .union([
          z.boolean(),
          z.strictObject({
            ca_file: z.string().optional().describe('PEM file of the authority'),
            cert_file: z.string().optional().describe('PEM file, for mTLS'),
            key_file: z.string().optional().describe('PEM file, for mTLS'),
          }),
        ])
        .default(false)
        .describe('true, or the files below'),
      sasl: z
        .strictObject({
          mechanism: z
            .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
            .describe('plain, scram-sha-256, scram-sha-512'),
          username: z.string().describe('user'),
          // A secret comes from the environment or its own file, never from this file.
          password_env: z.string().optional().describe('variable that holds the password; this or `password_file`'),
          password_file: z.string().optional().describe('file that holds the password'),
        })
        .optional(),
    })
    .prefault({}),
  // Credentials are read from AWS_ACCESS_KEY_ID and similar variables, ~/.aws, or the machine's role.
  object_store: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('URL of what speaks S3; default: Amazon S3'),
      region: z.string().optional().describe('default: `AWS_REGION`, else `us-east-1` where an endpoint is named'),
      path_style: z
        .boolean()
        .optional()
        .describe('the bucket stands in the path, not in the host name; default: where an endpoint is named'),
      ca_file: z.string().optional().describe('PEM file of the authority'),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      max_batch_lines: z.int().positive().default(1_000_000).describe('a batch ends at the first of these limits'),
      max_batch_seconds: z.number().positive().default(60).describe('age of a batch; Kafka: how fresh the figures are'),
      max_dictionary_entries: z
        .int()
        .positive()
        .default(2_000_000)
        .describe('distinct values of a dictionary; bounds memory'),
      max_line_bytes: z.int().positive().default(1_048_576).describe('longer lines are quarantined'),
      future_tolerance_seconds: z
        .number()
        .nonnegative()
        .default(600)
        .describe(
          'a line is quarantined if its time is later than its log was modified or first seen by more than this',
        ),
    })
    .prefault({}),
  networks: z
    .strictObject({
      asn_database: z.string().optional().describe('MaxMind-format file (`.mmdb`): AS numbers, network types, or both'),
      country_database: z
        .string()
        .optional()
        .describe('MaxMind-format file (`.mmdb`): the country of addresses where the log names none; no city is read'),
      crawler_list_days: z
        .number()
        .positive()
        .default(14)
        .describe('a crawler list that was read longer ago contradicts no claim'),
    })
    .prefault({}),
  clients: z
    .strictObject({
      list_days: z
        .number()
        .positive()
        .default(90)
        .describe('`doctor` calls a list of clients old that was compared with its source longer ago'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      listen: z
        .string()
        .regex(LISTEN_ADDRESS, 'HOST:PORT, e.g. 127.0.0.1:9464')
        .optional()
        .describe(
          'HOST:PORT of `/metrics`, `/healthz`, `/readyz` of ingest commands; loopback where no host is named; default: none',
        ),
      max_batch_age_seconds: z
        .number()
        .positive()
        .default(600)
        .describe('`/readyz` fails while a batch at hand is older'),
    })
    .prefault({}),
  serve: z
    .strictObject({
      max_seconds: z.int().positive().default(120).describe('time of a statement of a reader'),
      max_memory_mb: z.int().positive().default(2_048).describe('memory of a statement'),
      total_memory_mb: z.int().positive().default(6_144).describe('memory of all statements together'),
      max_read_rows: z.int().positive().default(5_000_000_000).describe('rows that a statement may read'),
      max_result_rows: z.int().positive().default(50_000_000).describe('rows of a result'),
      max_result_mb: z.int().positive().default(4_096).describe('size of a result'),
      max_running: z.int().positive().max(64).default(8).describe('statements that run at once'),
      max_running_per_reader: z.int().positive().max(64).default(4).describe('of one reader; the others wait'),
      max_waiting: z.int().nonnegative().default(500).describe('statements that wait; further ones are refused'),
    })
    .prefault({}),
  mcp: z
    .strictObject({
      max_rows: z
        .int()
        .positive()
        .default(500)
        .describe('rows of an answer to an assistant; `serve` bounds the statement'),
      max_kb: z.int().positive().default(256).describe('size of such an answer'),
    })
    .prefault({}),
  quarantine: z
    .strictObject({
      retention_days: z
        .int()
        .positive()
        .default(30)
        .describe('bytes of lines that could not be read go after so many days; position and reason stay'),
    })
    .prefault({}),
  retention: z
    .strictObject({
      network_days: z
        .int()
        .min(31)
        .default(90)
        .describe('landing, `network_daily` and `request_rate` of closed days; counted back from the last sealed day'),
      hourly_days: z.int().min(31).default(396).describe('`usage_hourly` of closed days'),
    })
    .prefault({}),
  completeness: z
    .strictObject({
      max_unreadable_share: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe(
          'share of a source’s lines of a day that may be unreadable; above it the day is held back (`fairshare days`)',
        ),
    })
    .prefault({}),
  late_window_hours: z.int().nonnegative().default(72).describe('a day stays open for so many hours past its end'),
  registry: z.string().optional().describe('orgs.yaml; checked by `config check`, imported by `orgs import`'),
  costs: z.string().optional().describe('costs.csv (docs/FUNDING.md)'),
  policy: z.string().optional().describe('policy.yaml (docs/FUNDING.md)'),
  output: z.string().default('./out').describe('reports and statements are written there'),
  log_level: z.enum(logLevels).default('info').describe('fatal, error, warn, info, debug, trace'),
});
export type Config = z.infer<typeof configSchema> & {
  /** Relative paths start from this directory. */
  readonly base_dir: string;
};

/** FAIRSHARE_WAREHOUSE, FAIRSHARE_KAFKA__BROKERS='["a:9092"]', …: two underscores go one level down; values are YAML. */
function environmentOverrides(env: NodeJS.ProcessEnv, faults: ConfigFault[]): Record<string, unknown> {
  const top = new Set(Object.keys(configSchema.shape));
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('FAIRSHARE_') || value === undefined) continue;
    const path = name.slice('FAIRSHARE_'.length).toLowerCase().split('__');
    if (!top.has(path[0])) continue;
    let node = out;
    for (const key of path.slice(0, -1)) {
      if (!isPlain(node[key])) node[key] = {};
      node = node[key] as Record<string, unknown>;
    }
    try {
      node[path.at(-1)!] = parse(value);
    } catch (error) {
      faults.push({ path: name, message: `not YAML: ${(error as Error).message.split('\n')[0]}` });
    }
  }
  return out;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over === undefined ? base : over;
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) out[key] = merge(base[key], value);
  return out;
}
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface LoadOptions {
  /** --config; default: ./fairshare.yaml if it exists. */
  readonly file?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** From flags; undefined values are ignored. */
  readonly overrides?: Record<string, unknown>;
}

/** A fault: its place (dotted path, or the variable's name), and the reason. */
export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

export interface ReadConfig {
  /** The file that was read, if there is one. */
  readonly file: string | undefined;
  /** Absent if there are faults. */
  readonly config: Config | undefined;
  readonly faults: readonly ConfigFault[];
  /** What can be checked although there are faults: wrong keys have their defaults, a wrong list entry is left out of the checks. */
  readonly checkable: Config | undefined;
}

/** @throws Fault(usage) if the file cannot be read */
export function readConfig({ file, env = process.env, overrides = {} }: LoadOptions = {}): ReadConfig {
  const path = file ?? env.FAIRSHARE_CONFIG ?? (existsSync('fairshare.yaml') ? 'fairshare.yaml' : undefined);
  const faults: ConfigFault[] = [];
  let fromFile: unknown = {};
  if (path !== undefined) {
    try {
      const document = parseDocument(readFileSync(path, 'utf8'));
      if (document.errors.length > 0)
        throw new Error(document.errors.map(({ message }) => message.split('\n')[0]).join('\n  '));
      fromFile = document.toJS() ?? {};
    } catch (cause) {
      throw new Fault(
        'usage',
        `cannot read the configuration ${path}: ${(cause as Error).message}`,
        'Name another with --config, or write one with: fairshare init',
        { cause },
      );
    }
  }
  const document = merge(merge(fromFile, environmentOverrides(env, faults)), overrides);
  const result = configSchema.safeParse(document);
  const issues = result.error?.issues ?? [];
  for (const { path: at, message } of issues) faults.push({ path: at.join('.') || '(top level)', message });
  const base_dir = path === undefined ? process.cwd() : dirname(resolve(path));
  return {
    file: path,
    config: result.success && faults.length === 0 ? { ...result.data, base_dir } : undefined,
    faults,
    checkable: checkableOf(document, issues, base_dir),
  };
}

/** Stands for a value that an entry of a list needs and does not have, so that the entry keeps its place. */
const PLACEHOLDER = 'entry';

/** The configuration without what the schema refuses: a wrong value goes, and what an entry of a list needs is filled in. */
function checkableOf(document: unknown, issues: readonly z.core.$ZodIssue[], base_dir: string): Config | undefined {
  const rest: unknown = structuredClone(document);
  let found = issues;
  for (let depth = 0; depth < 4 && isPlain(rest); depth++) {
    for (const issue of found) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) mend(rest, key === undefined ? issue.path : [...issue.path, key]);
    }
    const again = configSchema.safeParse(rest);
    if (again.success) return { ...again.data, base_dir };
    found = again.error.issues;
  }
  return undefined;
}

function mend(root: unknown, path: readonly PropertyKey[]): void {
  const holder = path.slice(0, -1).reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown>)?.[key], root);
  const key = path.at(-1);
  if (holder === null || typeof holder !== 'object' || key === undefined) return;
  if (Array.isArray(holder)) holder[Number(key)] = {};
  else if (path.some((part) => typeof part === 'number') && ['name', 'topic', 'source'].includes(String(key)))
    (holder as Record<PropertyKey, unknown>)[key] =
      `${PLACEHOLDER}-${String(path.find((part) => typeof part === 'number'))}`;
  else delete (holder as Record<PropertyKey, unknown>)[key];
}

export const configFault = (file: string | undefined, faults: readonly ConfigFault[]): Fault =>
  new Fault(
    'usage',
    `${file ?? 'configuration'}: ${faults.length} fault(s)\n${faults.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`,
    'Correct them and run: fairshare config check',
  );

/** @throws Fault(usage) naming every fault with its path, or the file that cannot be read. */
export function loadConfig(options: LoadOptions = {}): Config {
  const { file, config, faults } = readConfig(options);
  if (config === undefined) throw configFault(file, faults);
  return config;
}
