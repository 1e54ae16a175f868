// Statements with which a reader of a door could reach what is not his, made by a generator: every function and table function of the
// engine in every place of a statement, spelt in every way, sent in every form of a request. Pure.

/** How a statement travels in a request. */
export const forms = ['url', 'body', 'url+body', 'multipart', 'gzip', 'parameter'] as const;
export type Form = (typeof forms)[number];

export interface Attempt {
  readonly sql: string;
  readonly form: Form;
  /** URL parameters beside the statement. */
  readonly params: Readonly<Record<string, string>>;
}

/** Where a call can stand in a statement. {f}: the function's name, {c}: the call, {a}: its first argument. */
const places = [
  'SELECT {c}',
  'SELECT ((({c})))',
  'SELECT arrayMap(x -> {f}(x), [{a}])',
  'SELECT arrayMap({f}, [{a}])',
  'SELECT arrayMap(({f}) AS g, [{a}])',
  'WITH {f} AS g SELECT arrayMap(g, [{a}])',
  'WITH (x -> {f}(x)) AS g SELECT g({a})',
  'SELECT arrayMap({p:Identifier}, [{a}])',
  'SELECT * APPLY({f}) FROM (SELECT {a} AS x)',
  'SELECT * APPLY(x -> {f}(x)) FROM (SELECT {a} AS x)',
  "SELECT COLUMNS('x') APPLY {f} FROM (SELECT {a} AS x)",
  'SELECT * REPLACE({c} AS x) FROM (SELECT 1 AS x)',
  'WITH q AS (SELECT {c} AS x) SELECT * FROM q',
  'WITH RECURSIVE q AS (SELECT {c} AS x UNION ALL SELECT x FROM q WHERE 0) SELECT * FROM q',
  'SELECT (SELECT {c})',
  'SELECT (SELECT {c} SETTINGS readonly = 0)',
  'SELECT * FROM (SELECT {c} AS x SETTINGS readonly = 0, allow_ddl = 1) AS s',
  'SELECT 1 WHERE {c} = {a}',
  'SELECT 1 FROM numbers(1) PREWHERE {c} = {a}',
  'SELECT count() FROM numbers(2) GROUP BY {c}',
  'SELECT count() FROM numbers(2) GROUP BY GROUPING SETS (({c}), ())',
  'SELECT count() FROM numbers(2) HAVING {c} = {a}',
  'SELECT number FROM numbers(2) QUALIFY {c} = {a}',
  'SELECT number FROM numbers(2) ORDER BY {c}',
  'SELECT number FROM numbers(2) ORDER BY number WITH FILL FROM length({c}) INTERPOLATE (number AS {c})',
  'SELECT number FROM numbers(2) LIMIT 1 BY {c}',
  'SELECT number FROM numbers(2) LIMIT length({c})',
  'SELECT sum(number) OVER (PARTITION BY {c}) FROM numbers(2)',
  'SELECT sum(number) OVER w FROM numbers(2) WINDOW w AS (ORDER BY {c})',
  'SELECT y FROM numbers(1) ARRAY JOIN [{c}] AS y',
  'SELECT 1 FROM numbers(1) AS l JOIN numbers(1) AS r ON l.number = r.number AND {c} = {a}',
  'SELECT 1 UNION ALL (SELECT {c})',
  'SELECT {c} INTERSECT SELECT {c}',
  'SELECT 1 IN (SELECT {c})',
  'SELECT EXISTS(SELECT {c})',
  'SELECT CASE WHEN {c} = {a} THEN 1 END',
  'SELECT * FROM view(SELECT {c} AS x)',
  "SELECT * FROM values('x String', {c})",
  'SELECT * FROM (VALUES ({c}))',
  'SELECT * FROM numbers(length({c}))',
  'DESCRIBE (SELECT {c})',
  'DESCRIBE TABLE view(SELECT {c} AS x)',
  'EXPLAIN SELECT {c}',
  'EXPLAIN SYNTAX SELECT {c}',
  'EXPLAIN QUERY TREE SELECT {c}',
  'SHOW TABLES WHERE {c} = {a}',
  'SHOW COLUMNS FROM usage_known WHERE {c} = {a}',
  'SELECT 1 PARALLEL WITH SELECT {c}',
  'FROM numbers(1) SELECT {c}',
  'SELECT initializeAggregation({s}, {a}), {c}',
  'SELECT {c} FORMAT JSON SETTINGS readonly = 0',
  'SELECT {c} INTO OUTFILE {o}',
] as const;

/** Where a table function can stand. */
const tablePlaces = [
  'SELECT * FROM {c}',
  'FROM {c} SELECT *',
  'SELECT * FROM (SELECT * FROM {c} SETTINGS readonly = 0)',
  'SELECT * FROM numbers(1) AS n CROSS JOIN {c}',
  'SELECT 1 IN (SELECT * FROM {c})',
  'WITH q AS (SELECT * FROM {c}) SELECT * FROM q',
  'SELECT * FROM view(SELECT * FROM {c})',
  "SELECT * FROM viewIfPermitted(SELECT * FROM {c} ELSE null('x UInt8'))",
  'SELECT * FROM {c} FINAL',
  'SELECT count() FROM {c} SAMPLE 1',
  'SELECT (SELECT count() FROM {c})',
  'DESCRIBE TABLE {c}',
  'DESC {c}',
  'EXPLAIN SELECT * FROM {c}',
  'EXISTS TABLE {c}',
  'SHOW CREATE TABLE {c}',
  'INSERT INTO FUNCTION {c} SELECT 1',
  'INSERT INTO TABLE FUNCTION {c} VALUES (1)',
  'CREATE TABLE t AS {c}',
  'SELECT * FROM {c} INTO OUTFILE {o} TRUNCATE',
  'SELECT 1 UNION ALL SELECT * FROM {c}',
] as const;

/** Ways to write a name that a reading of the text could take for something else. */
const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => `\`${name}\``,
  (name) => `"${name}"`,
  (name) => `“${name}”`,
  (name) => `\`\\x${name.charCodeAt(0).toString(16)}${name.slice(1)}\``,
  (name) => `"\\x${name.charCodeAt(0).toString(16)}${name.slice(1)}"`,
  (name) => name.toUpperCase(),
  (name) => name.toLowerCase(),
  (name) => `/* /* nested */ x */ ${name}`,
  (name) => `/**/${name}/* ' */`,
  (name) => `-- '\n${name} --"\n`,
  (name) => `${name}\u00a0`,
];

/** Ways to write a text. */
const texts: readonly ((text: string) => string)[] = [
  (text) => `'${text}'`,
  (text) => `$h$${text}$h$`,
  (text) => `$$${text}$$`,
  (text) => `‘${text}’`,
  (text) => `'${[...text].map((letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}'`,
  (text) => `concat('${text.slice(0, 3)}', '${text.slice(3)}')`,
];

export interface Targets {
  /** A file with a secret. */
  readonly file: string;
  /** A file that must not come to be. */
  readonly output: string;
  /** host:port of a listener that counts who comes. */
  readonly listener: string;
}

/** Argument lists that reach something, for functions of every kind. */
const argumentsOf = ({ file, listener }: Targets): readonly string[] => [
  `'${file}', 'LineAsString', 'line String'`,
  `'${file}'`,
  `'http://${listener}/x', 'LineAsString', 'line String'`,
  `'${listener}', system.one`,
  `'${listener}', 'db', 't', 'user', 'password'`,
  `'${file}', 't'`,
  "'cat /etc/hostname', 'LineAsString', 'line String'",
  "'analyst', '.*'",
  "'default', 'quarantine'",
  '',
  '1',
];

/** A sequence without chance, so that a failure can be repeated: 0, 1, 2 … from a seed. */
export function counter(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Attempts with one function.
 * @param every false: each place once, spelt and sent in changing ways; true: every place in every form
 * @param share of the places, without `every`
 */
export function* attemptsWith(
  name: string,
  kind: 'function' | 'table function',
  targets: Targets,
  next: (below: number) => number,
  every: boolean,
  share = 1,
): Generator<Attempt, void, void> {
  const lists = argumentsOf(targets);
  for (const place of kind === 'function' ? places : tablePlaces) {
    if (!every && next(1_000) >= share * 1_000) continue;
    for (const form of every ? forms : [forms[next(forms.length)]]) {
      const spell = kind === 'function' || next(3) === 0 ? spellings[next(spellings.length)] : spellings[0];
      const text = texts[next(texts.length)];
      const list = kind === 'function' && next(2) === 0 ? text(targets.file) : lists[next(lists.length)];
      const sql = place
        .replaceAll('{c}', () => `${spell(name)}(${list})`)
        .replaceAll('{f}', () => spell(name))
        .replaceAll('{a}', () => text(targets.file))
        .replaceAll('{s}', () => `'${name}'`)
        .replaceAll('{o}', () => text(targets.output));
      yield { sql, form, params: place.includes('{p:Identifier}') ? { param_p: name } : {} };
    }
  }
}

/** Statements that are refused whatever they name. */
export function* otherAttempts({ file, output }: Targets): Generator<Attempt, void, void> {
  const statements = [
    `SELECT 1 INTO OUTFILE '${output}'`,
    `SELECT 1 INTO OUTFILE '${output}' APPEND`,
    `SELECT 1 INTO OUTFILE '${output}' TRUNCATE`,
    `SELECT 1 INTO/**/OUTFILE '${output}' AND STDOUT`,
    `SELECT 1 into outfile $$${output}$$ compression 'none' format CSV`,
    `(SELECT 1) INTO OUTFILE ‘${output}’`,
    `EXPLAIN SELECT 1 INTO OUTFILE '${output}'`,
    `SHOW TABLES INTO OUTFILE '${output}'`,
    `DESCRIBE usage_known INTO OUTFILE '${output}'`,
    `SELECT 1 FORMAT CSV SETTINGS format_schema = '${file}'`,
    `SELECT 1 FORMAT Template SETTINGS format_template_row = '${file}'`,
    `SELECT 1 FORMAT Protobuf SETTINGS output_format_schema = '${output}'`,
    `INSERT INTO t FROM INFILE '${file}' FORMAT CSV`,
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP VIEW usage_known',
    "SELECT ';' /* ; */; DROP VIEW usage_known",
    'DROP VIEW usage_known',
    'DROP TABLE default.org',
    'TRUNCATE TABLE default.org',
    'ALTER TABLE default.org DELETE WHERE 1',
    'RENAME TABLE default.org TO default.x',
    'DETACH TABLE default.org',
    "ATTACH TABLE t (a Int8) ENGINE = File('CSV')",
    `CREATE TABLE t (a String) ENGINE = File(CSV, '${output}')`,
    'CREATE TABLE t (a Int8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE t (a Int8)',
    'CREATE VIEW v AS SELECT 1',
    'CREATE DATABASE d',
    "CREATE FUNCTION f AS x -> file('/etc/hostname')",
    'CREATE DICTIONARY d (a Int8) PRIMARY KEY a SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(0)',
    'CREATE USER u',
    'GRANT ALL ON *.* TO default',
    'EXECUTE AS owner SELECT 1',
    'SET ROLE ALL',
    'SET readonly = 0',
    'SET max_execution_time = 0',
    'SET allow_experimental_object_type = 1',
    'USE default',
    'SYSTEM FLUSH LOGS',
    'SYSTEM SHUTDOWN',
    'SYSTEM STOP MERGES',
    'KILL QUERY WHERE 1',
    'OPTIMIZE TABLE default.org',
    'CHECK TABLE default.org',
    "BACKUP DATABASE default TO File('x')",
    "RESTORE DATABASE default FROM File('x')",
    'BEGIN TRANSACTION',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS max_execution_time = 0',
    'SELECT 1 SETTINGS max_memory_usage = 0',
    'SELECT * FROM (SELECT 1 SETTINGS readonly = 0, max_result_rows = 0)',
    'WITH q AS (SELECT 1 SETTINGS max_execution_time = 0) SELECT * FROM q',
    'SELECT 1 SETTINGS allow_experimental_funnel_functions = 1',
    'SELECT 1 PARALLEL WITH KILL QUERY WHERE 1',
    'SHOW PROCESSLIST',
    'SHOW GRANTS',
    'SHOW ACCESS',
    'SHOW USERS',
    'SHOW SETTING readonly',
    'SHOW ENGINES',
    'SHOW CREATE TABLE default.org',
    'DESCRIBE TABLE default.org',
    'SELECT * FROM default.org',
    'SELECT * FROM `default`.`org`',
    'SELECT * FROM {t:Identifier}.{u:Identifier}',
    'SELECT (SELECT count() FROM default.org)',
  ];
  for (const sql of statements)
    for (const form of forms) yield { sql, form, params: { param_t: 'default', param_u: 'org' } };
}
