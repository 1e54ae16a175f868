// The arrow of imports only ever points down: scripts → dashboards, ingest → sql → transform (docs/ARCHITECTURE.md).
const layer = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '\\.test\\.ts$' },
  to: { path: to },
});
/** A room of scripts/: only these other rooms may use it. */
const room = (name, users, comment = `scripts/${name}/ is used by: ${users.replaceAll('|', ', ')}`) => ({
  name: `room-${name}`,
  comment,
  severity: 'error',
  from: {
    path: '^scripts/',
    pathNot: `\\.test\\.ts$|^scripts/(fairshare\\.ts|tools/|${name}/${users === '' ? '' : `|(${users})/`})`,
  },
  to: { path: `^scripts/${name}/` },
});
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    layer(
      'transform-is-the-bottom',
      'transform',
      '^(sql|ingest|dashboards|scripts|bench|test)/',
      'transform/ imports no neighbour',
    ),
    {
      name: 'transform-does-no-io',
      comment: 'transform/ uses no Node core module: no I/O, no clock, no environment',
      severity: 'error',
      from: { path: '^transform/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    layer('sql-looks-down', 'sql', '^(ingest|dashboards|scripts|bench|test)/', 'sql/ knows transform/ only'),
    {
      name: 'sql-takes-types-from-transform',
      comment: 'and the words that all layers share: faults, methodology, periods',
      severity: 'error',
      from: { path: '^sql/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^transform/',
        pathNot: '^transform/(fault|methodology|periods)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    layer('ingest-looks-down', 'ingest', '^(dashboards|scripts|bench|test)/', 'ingest/ uses sql/ and transform/'),
    layer(
      'dashboards-look-down',
      'dashboards',
      '^(ingest|scripts|bench|test)/',
      'dashboards/ uses sql/ and the types and money of transform/',
    ),
    {
      name: 'product-needs-no-tools',
      comment: 'what is shipped imports no benchmark, no test and no tool',
      severity: 'error',
      from: { path: '^(transform|ingest|sql|dashboards|scripts)/', pathNot: '\\.test\\.ts$|^scripts/tools/' },
      to: { path: '^(bench|test|scripts/tools)/' },
    },
    room('commands', '', 'nothing uses a command but the program that registers it'),
    room('funding', 'commands|exports'),
    room('exports', 'commands'),
    room('orgs', 'commands|ingest|exports'),
    room('ingest', 'commands'),
    room('serve', 'commands'),
    room('monitor', 'commands'),
    room('simulate', 'commands'),
    {
      name: 'exit-codes-belong-to-the-process',
      comment: 'a fault has a kind; only the end of the program turns it into a number',
      severity: 'error',
      from: {
        path: '^(transform|ingest|sql|dashboards|scripts)/',
        pathNot: '^scripts/(fairshare\\.ts|runtime/|tools/)',
      },
      to: { path: '^scripts/runtime/exit\\.ts$' },
    },
    {
      name: 'runtime-knows-no-domain',
      comment:
        'scripts/runtime/ is configuration, log, output and exit; a month, an organisation, a source live elsewhere. How a table is drawn is no domain',
      severity: 'error',
      from: { path: '^scripts/runtime/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(scripts/(?!runtime/)|dashboards/(?!text-table\\.ts$)|ingest/(?!sources/object-store))' },
    },
    {
      name: 'kafkajs-behind-one-door',
      severity: 'error',
      from: { pathNot: '^(ingest/sources/kafka\\.ts|test/|bench/)' },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'engine-behind-one-door',
      comment: 'the embedded engine is opened by sql/embedded-engine.ts, used by sql/ and served by scripts/serve/',
      severity: 'error',
      from: { pathNot: '^(sql/(warehouse|embedded-engine|reading)\\.ts|scripts/serve/|test/|bench/)' },
      to: { path: 'node_modules/chdb' },
    },
    {
      name: 'transform-takes-pure-libraries',
      comment: 'transform/ takes Apache Arrow, Luxon for the calendar, and pure look-up libraries',
      severity: 'error',
      from: { path: '^transform/', pathNot: '\\.test\\.ts$' },
      to: {
        path: 'node_modules/',
        pathNot:
          'node_modules/(apache-arrow|ci-info|crawler-user-agents|es6-crawler-detect|isbot|ipaddr\\.js|luxon|mmdb-lib|packageurl-js)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '(\\.test\\.ts|\\.d\\.ts|\\.c?js)$|^(bench|test)/|\\.config\\.ts$|^scripts/fairshare\\.ts$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|demo-output|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
