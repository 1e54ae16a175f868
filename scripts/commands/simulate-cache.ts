// fairshare simulate-cache: what a caching proxy of each organisation would have saved, by a replay of log objects.

import { type Command, InvalidArgumentError } from 'commander';
import { findObjects } from '../../ingest/sources/files.ts';
import { IGNORED_BY_DEFAULT, ignoredBy } from '../../ingest/sources/ignored.ts';
import { Fault } from '../../transform/fault.ts';
import { centsText, parseCents } from '../../transform/funding/money.ts';
import { type FamilyWaste } from '../../transform/funding/waste.ts';
import { formatBytes, formatCents, formatPercent } from '../../transform/numbers.ts';
import { allocatePeriod, checkPeriod } from '../funding/allocation.ts';
import { type CacheReplay, type FamilyCache, replayCache } from '../funding/cache-replay.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { fundingTerms } from '../funding/terms.ts';
import { savingsOf } from '../funding/waste.ts';
import { ingestParts, type SourceFlags } from '../ingest/parts.ts';
import { recording } from '../runtime/recording.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { createProgress } from '../runtime/progress.ts';
import { type Runtime } from '../runtime/command.ts';

interface Flags extends SourceFlags {
  readonly size: number;
  readonly filesTtl: number;
  readonly metadataTtl: number;
  readonly org?: string;
  readonly period?: string;
  readonly proxyCost?: string;
  readonly setupCost?: string;
  readonly json?: boolean;
}

export function registerSimulateCache(command: Command, runtime: Runtime): void {
  command
    .argument('<path...>', 'log objects that were ingested: files, directories, quoted globs')
    .requiredOption('--source <name>', 'the source they belong to')
    .option('--format <name>', 'log format, or auto')
    .option('--ecosystem <name>', 'ecosystem of every line (purl type)')
    .option('--path-prefix <prefix>', 'leading path that the registry’s own rules do not know')
    .option('--size <bytes>', 'of the proxy’s disk, e.g. 50GB', sizeOf, 100e9)
    .option('--files-ttl <time>', 'how long package files stay fresh, e.g. 30d', timeOf, 30 * 86_400_000)
    .option('--metadata-ttl <time>', 'the same for everything else, e.g. 5m', timeOf, 300_000)
    .option('--org <family>', 'one family')
    .option('--period <month>', 'only this month; adds money, by its allocation')
    .option('--proxy-cost <amount>', 'what a proxy costs a month; needs --period')
    .option('--setup-cost <amount>', 'what it costs once; needs --proxy-cost')
    .option('--json', 'one JSON object per family')
    .addHelpText(
      'after',
      `
One proxy for each family, empty at first. The least recently used files go when the size is reached. What the model leaves out:
docs/METHODOLOGY.md, "A proxy of one's own"

Example:
  $ fairshare simulate-cache logs/npm --source npm-edge --size 50GB --files-ttl 30d --metadata-ttl 5m`,
    )
    .action((paths: string[], flags: Flags) => simulateCache(runtime, paths, flags));
}

function sizeOf(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?([kMGT]?B?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('A size, for example 500MB or 50GB.');
  return Number(digits) * 1000 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit.replace('B', ''));
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
function timeOf(text: string): number {
  const [, digits, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('A time, for example 90s, 5m, 12h or 30d.');
  return Number(digits) * UNITS_MS[unit];
}

async function simulateCache(runtime: Runtime, paths: readonly string[], flags: Flags): Promise<void> {
  const { size, filesTtl, metadataTtl, org, json } = flags;
  if (flags.proxyCost !== undefined && flags.period === undefined)
    throw new Fault(
      'usage',
      '--proxy-cost needs --period',
      'Name the month whose allocation has the prices: --period 2026-10',
    );
  if (flags.setupCost !== undefined && flags.proxyCost === undefined)
    throw new Fault('usage', '--setup-cost needs --proxy-cost', 'Say what the proxy costs a month, 0 if nothing.');
  const period = flags.period === undefined ? undefined : checkPeriod(flags.period);
  const config = runtime.config();
  const isIgnored = ignoredBy(config.sources.find(({ name }) => name === flags.source)?.ignore ?? IGNORED_BY_DEFAULT);
  const objects = findObjects(paths).filter(({ isListed, name }) => !isListed || !isIgnored(name));
  const warehouse = await runtime.warehouse({ besideHolder: true });
  await attributeFirst(runtime, warehouse);
  const { source } = await ingestParts(runtime, config, warehouse);
  const bytes = objects.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const progress = createProgress(runtime, { label: 'simulate-cache', total: bytes, unit: 'bytes' });
  const unjudged = 'the registry has evidence on these objects that is not judged yet';
  const replay = await recording(warehouse, unjudged, () =>
    replayCache(warehouse, source(flags), objects, {
      limits: { size_bytes: size, files_ms: filesTtl, metadata_ms: metadataTtl },
      org,
      period,
      now: runtime.now(),
      signal: runtime.signal,
      onObject: ({ size_bytes }) => progress.add(size_bytes),
    }),
  ).finally(() => progress.stop());
  if (replay.families.length === 0)
    throw new Fault(
      'inputRefused',
      org === undefined ? 'no request of these objects is attributed' : `${org} has no request in these objects`,
      'Import the registry, ingest the objects and attribute first; see who has usage: fairshare report',
    );
  const money = period === undefined ? undefined : await moneyOf(runtime, warehouse, period, replay);
  if (json) for (const family of replay.families) printJson(runtime.stdout, jsonOf(family, money, flags));
  else print(runtime, replay, money, flags);
}

interface Money {
  readonly currency: string;
  readonly saved: ReadonlyMap<string, FamilyWaste>;
}

async function moneyOf(
  runtime: Runtime,
  warehouse: Awaited<ReturnType<Runtime['warehouse']>>,
  period: string,
  { families }: CacheReplay,
): Promise<Money> {
  const terms = () => fundingTerms(() => runtime.config()).of(period);
  const changed = `the figures of ${period} have changed since they were last allocated`;
  const allocation = await recording(warehouse, changed, () => allocatePeriod(warehouse, period, terms, runtime.now()));
  const saved = families.flatMap(({ family, classes }) =>
    [...classes].map(([requester_class, { hits, saved_bytes }]) => ({
      family,
      requester_class,
      requests: hits,
      bytes: saved_bytes,
    })),
  );
  return { currency: allocation.result.currency, saved: await savingsOf(warehouse, allocation, saved) };
}

interface PayBack {
  /** Saved a month, less what the proxy costs a month. */
  readonly gain_cents: bigint;
  /** null: it never pays back. */
  readonly months: bigint | null;
}

/** @throws Fault(usage) for an amount that is none of the currency */
function payBackOf(
  saves_cents: bigint | null | undefined,
  { proxyCost, setupCost }: Flags,
  currency: string,
): PayBack | undefined {
  if (proxyCost === undefined) return undefined;
  const cents = (flag: string, text: string): bigint => {
    const amount = parseCents(text, currency);
    if (amount === undefined)
      throw new Fault('usage', `${flag} ${text} is no amount in ${currency}`, 'For example 120.00.');
    return amount;
  };
  const gain_cents = (saves_cents ?? 0n) - cents('--proxy-cost', proxyCost);
  const setup_cents = setupCost === undefined ? 0n : cents('--setup-cost', setupCost);
  const months = gain_cents > 0n ? (setup_cents + gain_cents - 1n) / gain_cents : null;
  return { gain_cents, months };
}

function jsonOf(family: FamilyCache, money: Money | undefined, flags: Flags): object {
  const saves = money?.saved.get(family.family);
  const payBack = money && payBackOf(saves?.family_saves_cents, flags, money.currency);
  const amount = (cents: bigint | null | undefined) => (cents == null ? null : centsText(cents, money!.currency));
  return {
    ...family,
    classes: [...family.classes].map(([requester_class, result]) => ({ requester_class, ...result })),
    ...(money && {
      currency: money.currency,
      registry_saves: amount(saves?.registry_saves_cents),
      family_saves: amount(saves?.family_saves_cents),
    }),
    ...(payBack && { gain_a_month: amount(payBack.gain_cents), pays_back_months: payBack.months }),
  };
}

function print(
  runtime: Runtime,
  { families, days, unattributed }: CacheReplay,
  money: Money | undefined,
  flags: Flags,
): void {
  const cents = (value: bigint | null | undefined): string =>
    value == null ? '–' : formatCents(value, money!.currency);
  printTable(
    runtime.stdout,
    [
      'family',
      'requests',
      'hits',
      'hit ratio',
      'bytes saved',
      'of bytes',
      'refused',
      'served then',
      ...(money === undefined ? [] : [`registry saves ${money.currency}`, `family saves ${money.currency}`]),
      ...(flags.proxyCost === undefined ? [] : ['pays back after']),
    ],
    families.map(({ family, requests, hits, bytes, saved_bytes, refused, refused_served }) => {
      const saves = money?.saved.get(family);
      const payBack = money && payBackOf(saves?.family_saves_cents, flags, money.currency);
      return [
        family,
        requests,
        hits,
        formatPercent(hits, requests),
        saved_bytes < 0n ? `−${formatBytes(-saved_bytes)}` : formatBytes(saved_bytes),
        formatPercent(saved_bytes < 0n ? 0n : saved_bytes, bytes),
        refused,
        refused_served,
        ...(money === undefined ? [] : [cents(saves?.registry_saves_cents), cents(saves?.family_saves_cents)]),
        ...(payBack === undefined ? [] : [payBack.months === null ? 'never' : `${payBack.months} month(s)`]),
      ];
    }),
    { right: [3, 4, 5, 8, 9, 10] },
  );
  runtime.stdout.write(`${days} day(s) were replayed; ${unattributed} request(s) are nobody's and were left out.\n`);
}
