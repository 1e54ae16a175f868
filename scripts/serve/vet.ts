// Decides whether a reader's statement may run, from what the engine itself reads in it. The engine's grants and constraints already
// hold for the whole process (sql/reader-configuration.ts). This adds what no grant covers: functions that reach outside, and
// INTO OUTFILE. The text is never judged as the client wrote it: the engine's parser writes it again (formatQuery), that text is
// what runs, and its tree (EXPLAIN AST) is what is judged.

import { quoteString } from '../../sql/quote.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { refused } from './errors.ts';
import { parserFunctions, readerFunctions, readerTableFunctions } from './reader-functions.ts';
import { readStatement, type OutputStatement } from './statement.ts';

/** Runs a statement in the session that will run the reader's, so that its parameters and database are the same. → its result as TabSeparatedRaw */
export type Ask = (sql: string) => Promise<string>;

/** Nodes of the engine's tree whose parts are nodes below them, so that nothing in them is hidden. */
const OPEN_NODES = new Set(
  `ArrayJoin Asterisk ColumnsExceptTransformer ColumnsListMatcher ColumnsRegexpMatcher ColumnsReplaceTransformer
   ColumnsReplaceTransformer::Replacement ColumnsTransformerList DescribeQuery ExistsDatabaseQuery ExistsTableQuery
   ExistsViewQuery Explain ExpressionList Function Identifier InterpolateElement Literal OrderByElement
   QualifiedAsterisk QualifiedColumnsListMatcher QualifiedColumnsRegexpMatcher SampleRatio SelectIntersectExceptQuery
   SelectQuery SelectWithUnionQuery Set ShowCreateDatabaseQuery ShowCreateTableQuery ShowCreateViewQuery Subquery
   TableExpression TableIdentifier TableJoin TablesInSelectQuery TablesInSelectQueryElement WindowDefinition
   WindowListElement WithElement`.split(/\s+/),
);
/** Their parts are hidden, so the whole text has to have this form, in the engine's spelling. */
const SHOW =
  /^SHOW (?:[A-Z]+ )*[A-Z]+(?: (?:FROM|IN) (?:\w+|`\w+`)(?:\.(?:\w+|`\w+`))?)*(?: (?:NOT )?I?LIKE '[^'\\]*')?(?: LIMIT \d+)?$/;

/** The functions that this engine has, and which of them a reader may use. */
export class FunctionRights {
  private readonly allowed = new Set<string>();
  private readonly forbidden = new Set<string>();
  private readonly anyCase = new Map<string, string>();
  private readonly combinators: readonly string[];

  private constructor(functions: readonly EngineFunction[], combinators: readonly string[], views: readonly string[]) {
    for (const { name, alias_to, case_insensitive } of functions) {
      const meant = alias_to === '' ? name : alias_to;
      (readerFunctions.has(meant) ? this.allowed : this.forbidden).add(name);
      if (case_insensitive !== 0) this.anyCase.set(name.toLowerCase(), name);
    }
    for (const name of parserFunctions) this.allowed.add(name);
    this.combinators = combinators;
    // A view with parameters is called as a function is.
    for (const name of views) if (this.known(name) === undefined) this.allowed.add(name);
  }

  /** @param ask a session with the reader's rights and database */
  static async of(ask: Ask): Promise<FunctionRights> {
    const rows = async (file: string) => (await ask(sqlFile(file))).split('\n').filter(Boolean);
    return new FunctionRights(
      (await rows('queries/door/function_names.sql')).map((row) => {
        const [name = '', alias_to = '', case_insensitive] = row.split('\t');
        return { name, alias_to, case_insensitive: Number(case_insensitive) };
      }),
      await rows('queries/door/combinators.sql'),
      await rows('queries/door/view_names.sql'),
    );
  }

  mayCall(name: string): boolean {
    if (readerTableFunctions.has(name)) return true;
    for (let base = name; ;) {
      const known = this.known(base);
      if (known !== undefined) return this.allowed.has(known);
      const combinator = this.combinators.find((ending) => base.length > ending.length && base.endsWith(ending));
      if (combinator === undefined) return false;
      base = base.slice(0, -combinator.length);
    }
  }

  /** Whether a name without parentheses could mean a function that the reader may not call: arrayMap(file, …). */
  couldMeanForbidden(name: string): boolean {
    const known = this.known(name);
    return known !== undefined && this.forbidden.has(known);
  }

  private known(name: string): string | undefined {
    if (this.allowed.has(name) || this.forbidden.has(name)) return name;
    return this.anyCase.get(name.toLowerCase());
  }
}

interface EngineFunction {
  readonly name: string;
  readonly alias_to: string;
  readonly case_insensitive: number;
}

/**
 * @param rights of the session
 * @returns the statement in the engine's own spelling
 * @throws DoorError if a reader may not run it; the engine's error if it cannot read it
 */
export async function vet(sql: string, rights: FunctionRights | undefined, ask: Ask): Promise<OutputStatement> {
  if (rights === undefined) throw new Error('this session has all rights, not those of a reader');
  const canonical = (await ask(`SELECT formatQuery(${quoteString(sql)})`)).replace(/\n$/, '');
  const statement = readStatement(canonical, () => false);
  if (statement.kind !== 'output') throw refused.readOnly('Cannot execute query in readonly mode');
  const tree = (await ask(`EXPLAIN AST ${statement.body}`)).split('\n').filter(Boolean);
  refuseForbidden(tree, statement.body, rights);
  return statement;
}

/** Reading it starts a bridge program that is not there, and waits for it longer than any limit allows (115 s, chdb 3.4.0). */
const WAITING_TABLE = 'system.models';

/** Clients list the databases by it. Two of its columns say where the reader's own directory is, which a row filter cannot hide. */
const TABLE_WITH_PATHS = 'system.databases';
const PATH_COLUMNS = new Set(['data_path', 'metadata_path']);
const ALL_COLUMNS = /^(?:Qualified)?(?:Asterisk|Columns\w+Matcher)$/;

interface Node {
  readonly indent: string;
  readonly node: string;
  readonly name: string;
}

function nodeOf(line: string): Node {
  const [, indent = '', node = '', rest = ''] = /^( *)([\w:]+) ?(.*)$/.exec(line) ?? [];
  return { indent, node, name: rest.replace(/ \(children \d+\)$/, '').replace(/ \(alias .*\)$/, '') };
}

function refusePaths(tree: readonly Node[]): void {
  if (!tree.some(({ node, name }) => /^(?:Table)?Identifier$/.test(node) && name === TABLE_WITH_PATHS)) return;
  for (const { node, name } of tree)
    if (ALL_COLUMNS.test(node) || PATH_COLUMNS.has(name.split('.').at(-1) ?? ''))
      throw refused.notAllowed(
        `a statement with ${TABLE_WITH_PATHS} names its columns, and no path: SELECT name FROM …`,
      );
}

function refuseForbidden(tree: readonly string[], body: string, rights: FunctionRights): void {
  const nodes = tree.map(nodeOf);
  refusePaths(nodes);
  for (const { indent, node, name } of nodes) {
    if (/^Show(?:Tables|Columns|Functions|Indexes|Setting)$/.test(node)) {
      if (!SHOW.test(body)) throw refused.notAllowed('a SHOW with WHERE is not offered to readers: use LIKE');
    } else if (node === 'ColumnsApplyTransformer') throw refused.notAllowed('APPLY is not offered to readers');
    else if (!OPEN_NODES.has(node)) throw refused.readOnly(`${node || 'this statement'} is not offered to readers`);
    // Those at the end of the statement have been taken from it, and the engine checks them as it checks those of the URL.
    else if (node === 'Set')
      throw refused.notAllowed('SETTINGS within a statement are not offered to readers: put them at its end');
    else if (node === 'Literal' && indent.length === 1)
      throw refused.notAllowed('INTO OUTFILE is not offered: the result goes to you');
    else if ((node === 'TableIdentifier' || node === 'Identifier') && name === WAITING_TABLE)
      throw refused.notAllowed(`${WAITING_TABLE} is not offered to readers`);
    else if (node === 'Function' && !rights.mayCall(name))
      throw refused.notAllowed(`the function ${name} is not offered to readers`);
    else if (node === 'Identifier' && rights.couldMeanForbidden(name))
      throw refused.notAllowed(`the function ${name} is not offered to readers (write a column as table.${name})`);
  }
}
