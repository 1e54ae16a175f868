// Joins configuration, registry and rules into the parts that ingest commands need.

import { revisionsOf, loadRulebook, type RevisionReason, type Rulebook } from '../../ingest/rulebook.ts';
import { Loader, type LoaderOptions } from '../../ingest/load.ts';
import { Source } from '../../ingest/source.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type Runtime } from '../runtime/command.ts';
import { Fault } from '../../transform/fault.ts';
import { configuredAsnDatabase, configuredCountryDatabase, crawlerListAge } from '../orgs/networks.ts';
import { version as codeVersion } from '../runtime/version.ts';
import { fieldsOf, type Config, type SourceConfig } from '../runtime/config.ts';
import { timeZone, timeZoneForms } from '../../transform/time-zone.ts';

export interface SourceFlags {
  readonly source: string;
  readonly format?: string;
  readonly ecosystem?: string;
  readonly pathPrefix?: string;
}

export interface IngestParts {
  readonly rulebook: Rulebook;
  readonly loader: Loader;
  readonly source: (flags: SourceFlags) => Source;
  /** A revision for new batches, above the given one. */
  readonly revision: (above?: number, reason?: RevisionReason, detail?: string) => Promise<number>;
}

export async function ingestParts(
  runtime: Runtime,
  config: Config,
  warehouse: Warehouse,
  { observer, fullDisk_ms }: Pick<LoaderOptions, 'observer' | 'fullDisk_ms'> = {},
): Promise<IngestParts> {
  const limits = {
    maxLines: config.ingest.max_batch_lines,
    maxEntries: config.ingest.max_dictionary_entries,
    maxLine_bytes: config.ingest.max_line_bytes,
  };
  // The code version is part of the rules, because grammars and path rules are code. The limits are part of them, because they
  // decide where an object is cut, and so is the tolerance: all loads under one revision must cut it alike.
  const rulebook = await loadRulebook(
    warehouse,
    `${codeVersion} ${JSON.stringify(limits)} ${config.ingest.future_tolerance_seconds}`,
    {
      asn: configuredAsnDatabase(config),
      country: configuredCountryDatabase(config),
      crawlerListAge: crawlerListAge(runtime, config),
    },
  );
  return {
    rulebook,
    loader: new Loader({
      warehouse,
      now: () => runtime.now(),
      signal: runtime.signal,
      observer,
      fullDisk_ms,
      onRetry: (error, wait_ms, where) =>
        runtime.log.warn(
          { ...where, err: error, wait_ms: wait_ms },
          'the outcome of a load step is unknown; the same rows are sent again',
        ),
    }),
    source: (flags) =>
      new Source(sourceSpec(flags, config), rulebook, limits, (format, where) =>
        runtime.log.info({ source: flags.source, format: format.name, where }, `format: ${format.name}`),
      ),
    revision: revisionsOf(warehouse, rulebook, () => runtime.now()),
  };
}

/** A configured source, with flags before configuration. A name without configuration gets a source from flags alone. */
function sourceSpec(flags: SourceFlags, config: Config) {
  const configured: Partial<SourceConfig> = config.sources.find(({ name }) => name === flags.source) ?? {};
  const format = flags.format ?? configured.format ?? 'auto';
  return {
    name: flags.source,
    format,
    ecosystem: flags.ecosystem ?? configured.ecosystem,
    hosts: configured.hosts,
    pathPrefix: flags.pathPrefix ?? configured.path_prefix,
    formatOptions: formatOptions(configured),
    tokenQueryParameter: (configured.token?.query ?? 'fairshare_token') || undefined,
    tokenUserAgentKey: configured.token?.user_agent,
    tolerance_ms: config.ingest.future_tolerance_seconds * 1000,
  };
}

/** @throws Fault(usage) for a time zone that does not exist */
function formatOptions(source: Partial<SourceConfig>) {
  const { name, timezone = 'UTC', trusted_hops } = source;
  const local = timeZone(timezone);
  if (local === undefined)
    throw new Fault('usage', `source ${name}: there is no time zone ${timezone}`, `It must be ${timeZoneForms}.`);
  return { fields: fieldsOf(source), local, trustedHops: trusted_hops };
}
