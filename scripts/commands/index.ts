// Every command, in the order of the help. The program loads a command's file, and the libraries that it needs, only if the
// arguments name it.

import type { CommandEntry } from '../runtime/command.ts';

export const commands: readonly CommandEntry[] = [
  {
    name: 'init',
    description: 'write a commented fairshare.yaml and examples of the registry, costs and policy files',
    load: async () => (await import('./init.ts')).registerInit,
  },
  { name: 'config', description: 'the configuration', load: async () => (await import('./config.ts')).registerConfig },
  {
    name: 'migrate',
    description: 'create or update the tables and views of the warehouse',
    load: async () => (await import('./migrate.ts')).registerMigrate,
  },
  {
    name: 'ingest',
    description: 'load access logs into the warehouse, exactly once',
    load: async () => (await import('./ingest.ts')).registerIngest,
  },
  {
    name: 'quarantine',
    description: 'lines that could not be read: what there is, one of them, and reading them again',
    load: async () => (await import('./quarantine.ts')).registerQuarantine,
  },
  {
    name: 'produce',
    description: 'feed a Kafka topic from log objects: files, directories, globs; plain, gzip or zstd',
    load: async () => (await import('./produce.ts')).registerProduce,
  },
  {
    name: 'classify',
    description: 'say what each line of stdin means: user agents, or lines of a log; one JSON object for each line',
    load: async () => (await import('./classify.ts')).registerClassify,
  },
  {
    name: 'orgs',
    description: 'organisations, their families, and what proves their traffic',
    load: async () => (await import('./orgs.ts')).registerOrgs,
  },
  {
    name: 'ranges',
    description: 'published ranges of clouds, CI and crawlers; network types',
    load: async () => (await import('./ranges.ts')).registerRanges,
  },
  {
    name: 'methodology',
    description: 'which day has which version of the rules that decide a number',
    load: async () => (await import('./methodology.ts')).registerMethodology,
  },
  {
    name: 'seal',
    description: 'rebuild sealed days from what was loaded, check them against the ledger, swap them in',
    load: async () => (await import('./seal.ts')).registerSeal,
  },
  {
    name: 'attribute',
    description: 'judge all evidence by the registry of organisations; past days are attributed anew',
    load: async () => (await import('./seal.ts')).registerAttribute,
  },
  {
    name: 'tiers',
    description: 'the service level of every party by its 5-minute rates and monthly volume, over sealed days',
    load: async () => (await import('./tiers.ts')).registerTiers,
  },
  {
    name: 'unknown',
    description: 'the heaviest user agents that do not tell what they are for, and what was tried on them',
    load: async () => (await import('./unknown.ts')).registerUnknown,
  },
  {
    name: 'waste',
    description: 'repeat downloads by family and requester class, and what a caching proxy would have saved',
    load: async () => (await import('./waste.ts')).registerWaste,
  },
  {
    name: 'simulate-cache',
    description:
      'replay log objects through a caching proxy of each organisation: hits, bytes, refusals and money saved',
    load: async () => (await import('./simulate-cache.ts')).registerSimulateCache,
  },
  {
    name: 'allocate',
    description: "share a period's cost among organisations in proportion to their usage, to the cent",
    load: async () => (await import('./allocate.ts')).registerAllocate,
  },
  {
    name: 'correct',
    description: 'record corrections of closed periods, as lines of an open one; show those that are recorded',
    load: async () => (await import('./correct.ts')).registerCorrect,
  },
  {
    name: 'report',
    description:
      'who used how much, what is unattributed and why, who owes what: a summary, and a statement for each family',
    load: async () => (await import('./report.ts')).registerReport,
  },
  {
    name: 'export',
    description: "write an organisation's usage and charges as Parquet and CSV, with a manifest",
    load: async () => (await import('./export.ts')).registerExport,
  },
  {
    name: 'close',
    description:
      'close a period: its days are sealed for good, its allocation stands; what comes later is booked later',
    load: async () => (await import('./seal.ts')).registerClose,
  },
  {
    name: 'nightly',
    description:
      'seal what has changed, attribute, check, close what is due, allocate the month to date, write reports',
    load: async () => (await import('./nightly.ts')).registerNightly,
  },
  {
    name: 'days',
    description: 'days that are held back because they look incomplete, and what people decide about them',
    load: async () => (await import('./days.ts')).registerDays,
  },
  {
    name: 'retain',
    description: 'drop what has been kept long enough: bytes of quarantined lines, landing and networks of closed days',
    load: async () => (await import('./retain.ts')).registerRetain,
  },
  {
    name: 'erase',
    description: "erase an organisation's or a network's personal data, and record it; ids and amounts stay",
    load: async () => (await import('./erase.ts')).registerErase,
  },
  {
    name: 'verify',
    description:
      'compute recorded allocation runs again and compare what is stored of them; check reports and exports on disk',
    load: async () => (await import('./verify.ts')).registerVerify,
  },
  {
    name: 'doctor',
    description:
      'read every part of every table; check schema, ledger, conservation of sums and freshness; say what to do',
    load: async () => (await import('./doctor.ts')).registerDoctor,
  },
  {
    name: 'simulate',
    description: "write a simulated period of registries' access logs, with the truth about them",
    load: async () => (await import('./simulate.ts')).registerSimulate,
  },
  {
    name: 'query',
    description: 'run one SQL statement; the result goes to stdout in any ClickHouse format',
    load: async () => (await import('./query.ts')).registerQuery,
  },
  {
    name: 'users',
    description: 'who may enter the door of serve: names and hashed tokens in a file',
    load: async () => (await import('./users.ts')).registerUsers,
  },
  {
    name: 'serve',
    description: 'serve the embedded warehouse over ClickHouse’s HTTP interface',
    load: async () => (await import('./serve.ts')).registerServe,
  },
  {
    name: 'mcp',
    description: 'named queries and read-only SQL for an analyst’s assistant, over stdin and stdout (MCP)',
    load: async () => (await import('./mcp.ts')).registerMcp,
  },
  {
    name: 'completion',
    description: 'print the script by which a shell completes commands, options and their values',
    describesAll: true,
    load: async () => (await import('./completion.ts')).registerCompletion,
  },
];
