// Configuration: fairshare.yaml, then FAIRSHARE_* variables, then flags; every fault is reported at once, with its path.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Fault } from '../../transform/fault.ts';
import { LISTEN_ADDRESS } from './listen-address.ts';
import { isDay } from '../../transform/periods.ts';

const ecosystemName = z.string().min(1);

export const sourceSchema = z.strictObject({
  /** Name in the ledger: never change it once data are loaded. */
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'lower-case letters, digits, dots, hyphens and underscores'),
  format: z.string().default('auto'),
  ecosystem: ecosystemName.optional(),
  /** Request host → ecosystem, for sources that mix several. */
  hosts: z.record(z.string(), ecosystemName).default({}),
  /** Leading path that the registry's own rules do not know, removed before they are applied. */
  path_prefix: z.string().default(''),
  /** Of timestamps that name no offset: UTC, a fixed offset (+02:00), or an IANA zone (Europe/Berlin). */
  timezone: z.string().default('UTC'),
  /** Field map of a JSON feed: our field → key path. */
  fields: z.record(z.string(), z.string()).optional(),
  /** Where an organisation token may stand. */
  token: z
    .strictObject({
      /** Query parameter; '' none. */
      query: z.string().default('fairshare_token'),
      /** Word before it in the user agent; '' none. */
      user_agent: z
        .string()
        .regex(/^[A-Za-z0-9._-]*$/, 'letters, digits, dots, hyphens and underscores')
        .default('fairshare-token'),
      /** Key path of a header that the feed logs, as `fields.token`. */
      header_field: z.string().optional(),
    })
    .prefault({}),
  /** Last day that it has delivered for, YYYY-MM-DD: the night no longer waits for it. */
  retired_after: z.string().refine(isDay, 'a day as YYYY-MM-DD').optional(),
});
export type SourceConfig = z.infer<typeof sourceSchema>;

/** The field map of a source, with its token's header. */
export const fieldsOf = ({ fields, token }: Partial<SourceConfig>): Readonly<Record<string, string>> | undefined =>
  token?.header_field === undefined ? fields : { ...fields, token: token.header_field };

const topicSchema = z.strictObject({
  topic: z.string().min(1),
  source: z.string().min(1),
  /** lines: a message holds log lines; objects: it announces objects of the store that hold them. */
  carries: z.enum(['lines', 'objects']).default('lines'),
});

export const configSchema = z.strictObject({
  /** URL of a ClickHouse server, or the directory of the embedded engine. */
  warehouse: z.string().default('./data'),
  issuer: z
    .strictObject({
      name: z.string().default('Example Package Foundation'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'an ISO 4217 code')
        .default('USD'),
      contact: z.string().default('funding@example.org'),
    })
    .prefault({}),
  sources: z.array(sourceSchema).default([]),
  kafka: z
    .strictObject({
      brokers: z.array(z.string()).default(['127.0.0.1:9092']),
      client_id: z.string().default('fairshare'),
      group: z.string().default('fairshare'),
      topics: z.array(topicSchema).default([]),
      ssl: z
        .union([
          z.boolean(),
          z.strictObject({
            ca_file: z.string().optional(),
            cert_file: z.string().optional(),
            key_file: z.string().optional(),
          }),
        ])
        .default(false),
      sasl: z
        .strictObject({
          mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
          username: z.string(),
          /** Secrets come from the environment or a file, never from this file. */
          password_env: z.string().optional(),
          password_file: z.string().optional(),
        })
        .optional(),
    })
    .prefault({}),
  /** S3 or what speaks like it. Credentials come from AWS_ACCESS_KEY_ID and its like, ~/.aws, or the machine's role. */
  object_store: z
    .strictObject({
      endpoint: z.url({ protocol: /^https?$/ }).optional(),
      region: z.string().optional(),
      path_style: z.boolean().optional(),
      ca_file: z.string().optional(),
    })
    .prefault({}),
  ingest: z
    .strictObject({
      /** A batch ends at the first of these. */
      max_batch_lines: z.int().positive().default(1_000_000),
      max_batch_seconds: z.number().positive().default(60),
      /** Distinct values per dictionary; a full one ends the batch. */
      max_dictionary_entries: z.int().positive().default(2_000_000),
      max_line_bytes: z.int().positive().default(1_048_576),
    })
    .prefault({}),
  networks: z
    .strictObject({
      /** MaxMind-format database (.mmdb) of AS numbers, network types or both; relative to this file. */
      asn_database: z.string().optional(),
      /** A crawler list that was last read longer ago contradicts no claim. */
      crawler_list_days: z.number().positive().default(14),
    })
    .prefault({}),
  /** /metrics, /healthz and /readyz of ingest commands. */
  metrics: z
    .strictObject({
      /** HOST:PORT; loopback where no host is named. Nobody listens without it. */
      listen: z.string().regex(LISTEN_ADDRESS, 'HOST:PORT, e.g. 127.0.0.1:9464').optional(),
      /** /readyz fails while a batch at hand is older. */
      max_batch_age_seconds: z.number().positive().default(600),
    })
    .prefault({}),
  quarantine: z
    .strictObject({
      /** Bytes of lines that could not be read; they hold addresses. Position and reason stay. */
      retention_days: z.int().positive().default(30),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** Landing and what else names single networks, of closed days; counted back from the last sealed day. */
      network_days: z.int().min(31).default(90),
      /** usage_hourly, of closed days. */
      hourly_days: z.int().min(31).default(396),
    })
    .prefault({}),
  /** A day is open until this many hours past its end. */
  late_window_hours: z.int().nonnegative().default(72),
  /** Files a foundation keeps in version control; relative to this file. */
  registry: z.string().optional(),
  costs: z.string().optional(),
  policy: z.string().optional(),
  output: z.string().default('./out'),
  log_level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
});
export type Config = z.infer<typeof configSchema> & {
  /** Directory that relative paths start from. */
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
  /** --config; default: ./fairshare.yaml where it exists. */
  readonly file?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** From flags; undefined values are ignored. */
  readonly overrides?: Record<string, unknown>;
}

/** One thing wrong: where (dotted path, or the variable's name), and what. */
export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

export interface ReadConfig {
  /** The file that was read, if there is one. */
  readonly file: string | undefined;
  /** Absent where there are faults. */
  readonly config: Config | undefined;
  readonly faults: readonly ConfigFault[];
}

/** @throws Fault(usage) where the file cannot be read */
export function readConfig({ file, env = process.env, overrides = {} }: LoadOptions = {}): ReadConfig {
  const path = file ?? env.FAIRSHARE_CONFIG ?? (existsSync('fairshare.yaml') ? 'fairshare.yaml' : undefined);
  const faults: ConfigFault[] = [];
  let fromFile: unknown = {};
  if (path !== undefined) {
    try {
      fromFile = parse(readFileSync(path, 'utf8')) ?? {};
    } catch (cause) {
      throw new Fault(
        'usage',
        `cannot read the configuration ${path}: ${(cause as Error).message}`,
        'Name another with --config, or write one with: fairshare init',
        { cause },
      );
    }
  }
  const result = configSchema.safeParse(merge(merge(fromFile, environmentOverrides(env, faults)), overrides));
  for (const { path: at, message } of result.error?.issues ?? [])
    faults.push({ path: at.join('.') || '(top level)', message });
  const base_dir = path === undefined ? process.cwd() : dirname(resolve(path));
  return {
    file: path,
    config: result.success && faults.length === 0 ? { ...result.data, base_dir } : undefined,
    faults,
  };
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
