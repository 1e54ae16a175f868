// Variables that belong to no key and no option. A test searches the code for missing ones.

export interface Variable {
  readonly name: string;
  readonly by: 'the program' | 'clients' | 'tests' | 'tools';
  readonly description: string;
}

export const otherVariables: readonly Variable[] = [
  {
    name: 'FAIRSHARE_WAREHOUSE_PASSWORD',
    by: 'the program',
    description: 'password of the warehouse’s user; never in the URL',
  },
  { name: 'NO_COLOR', by: 'the program', description: 'no colours' },
  { name: 'CI', by: 'the program', description: 'no progress bars' },
  { name: 'FAIRSHARE_CHROMIUM', by: 'the program', description: 'the browser that `report --pdf` prints with' },
  { name: 'TMPDIR', by: 'the program', description: 'objects of a store pass through a file there' },
  { name: 'AWS_ACCESS_KEY_ID', by: 'the program', description: 'credentials of the object store' },
  { name: 'AWS_SECRET_ACCESS_KEY', by: 'the program', description: 'credentials of the object store' },
  { name: 'AWS_REGION', by: 'the program', description: 'region where `object_store.region` names none' },
  {
    name: 'NODE_OPTIONS',
    by: 'the program',
    description: '`--max-old-space-size=4096` gives 4 GiB for a large registry',
  },
  {
    name: 'FAIRSHARE_TOKEN',
    by: 'clients',
    description: 'an organisation’s token, in the settings that `orgs enrol` prints',
  },
  {
    name: 'FAIRSHARE_TEST_KAFKA',
    by: 'tests',
    description: 'brokers to test with, instead of one that the tests start',
  },
  {
    name: 'FAIRSHARE_TEST_CLICKHOUSE_URL',
    by: 'tests',
    description: 'server to test with; its password in `FAIRSHARE_WAREHOUSE_PASSWORD`',
  },
  {
    name: 'FAIRSHARE_TEST_CLICKHOUSE_LIMITED_URL',
    by: 'tests',
    description: '`make test-server`: the same server as a user who may only read',
  },
  {
    name: 'FAIRSHARE_TEST_CLICKHOUSE_CA',
    by: 'tests',
    description: '`make test-server`: PEM of the authority that signed the server’s certificate',
  },
  {
    name: 'FAIRSHARE_TEST_CHROMIUM',
    by: 'tests',
    description: 'browser for tests of pages, instead of Debian’s, which the tests install',
  },
  { name: 'FAIRSHARE_SEED', by: 'tests', description: 'repeats property tests and faults of one seed' },
  {
    name: 'FAIRSHARE_SEEDS',
    by: 'tests',
    description: 'how many seeds the crash tests and the simulated protocol take',
  },
  {
    name: 'FAIRSHARE_ATTACK',
    by: 'tests',
    description: '`every`: the attack on the door tries every function in every place and form (`make test-security`)',
  },
  {
    name: 'FAIRSHARE_ATTACK_SEED',
    by: 'tests',
    description: 'seed of the attacks that `make test` chooses; default: 1',
  },
  { name: 'FAIRSHARE_CHURN_SECONDS', by: 'tests', description: 'how long each writer of `test/faults/reading.test.ts` works; default: 8' }, // prettier-ignore
  { name: 'FAIRSHARE_KILLS', by: 'tests', description: 'how many kills `test/faults/kills.test.ts` makes' },
  { name: 'FAIRSHARE_KILL_MINUTES', by: 'tests', description: 'how long it may take' },
  {
    name: 'FAIRSHARE_KILL_AT_RENAME',
    by: 'tests',
    description: 'N:before or N:after ends a process at its N-th rename',
  },
  { name: 'FAIRSHARE_FUZZ_RUNS', by: 'tools', description: '`make fuzz`: lines of a suite' },
  { name: 'FAIRSHARE_FUZZ_SEED', by: 'tools', description: '`make fuzz`: repeats a seed' },
  { name: 'FAIRSHARE_FUZZ_REPORT', by: 'tools', description: '`make fuzz`: file for its counts' },
  { name: 'FAIRSHARE_SOAK_MINUTES', by: 'tools', description: '`make soak`: how long' },
  { name: 'FAIRSHARE_DEMO_LINES', by: 'tools', description: '`make demo`: lines of the simulated month' },
  { name: 'FAIRSHARE_BENCH_LINES', by: 'tools', description: '`make bench`: lines of the input' },
  { name: 'FAIRSHARE_BENCH_ROUNDS', by: 'tools', description: '`make bench`: rounds' },
];
