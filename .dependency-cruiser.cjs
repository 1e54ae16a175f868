// The arrow of imports only ever points down: scripts → dashboards, ingest → sql → transform (docs/ARCHITECTURE.md).
const layer = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '\\.test\\.ts$' },
  to: { path: to },
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
      name: 'sql-takes-only-types-from-transform',
      severity: 'error',
      from: { path: '^sql/', pathNot: '\\.test\\.ts$' },
      to: { path: '^transform/', dependencyTypesNot: ['type-only'] },
    },
    layer('ingest-looks-down', 'ingest', '^(dashboards|scripts|bench|test)/', 'ingest/ uses sql/ and transform/'),
    layer(
      'dashboards-read-sql-only',
      'dashboards',
      '^(ingest|transform|scripts|bench|test)/',
      'dashboards/ reads sql/ only',
    ),
    {
      name: 'kafkajs-behind-one-door',
      severity: 'error',
      from: { pathNot: '^(ingest/sources/kafka\\.ts|test/|bench/)' },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'engine-behind-one-door',
      comment: 'the embedded engine is opened by sql/warehouse.ts and served by scripts/serve/',
      severity: 'error',
      from: { pathNot: '^(sql/warehouse\\.ts|scripts/serve/|test/|bench/)' },
      to: { path: 'node_modules/chdb' },
    },
    {
      name: 'transform-takes-pure-libraries',
      comment: 'transform/ takes Apache Arrow and pure look-up libraries',
      severity: 'error',
      from: { path: '^transform/', pathNot: '\\.test\\.ts$' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/(apache-arrow|ci-info|crawler-user-agents|ipaddr\\.js|mmdb-lib|packageurl-js)/',
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
