// fairshare query: runs one statement for an analyst, read-only unless a flag allows writes.

import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { analystSession } from '../../sql/analysts.ts';
import { quoteString } from '../../sql/quote.ts';
import { READER_DATABASES } from '../../sql/reading.ts';
import { withScratch } from '../../sql/scratch.ts';
import { changedBeneath, isServerUrl, type Warehouse } from '../../sql/warehouse.ts';
import { Engine } from '../serve/engine.ts';
import { UNKNOWN_EXCEPTION, readEngineError } from '../serve/errors.ts';
import { settingStatements } from '../serve/request.ts';
import { StatementError, readStatement, type OutputStatement } from '../serve/statement.ts';
import { vet } from '../serve/vet.ts';
import type { Runtime } from '../runtime/command.ts';

interface QueryFlags {
  readonly format?: string;
  readonly param: Readonly<Record<string, string>>;
  readonly allowWrites?: boolean;
}

export function registerQuery(command: Command, runtime: Runtime): void {
  command
    .argument('<sql>', "the statement, or '-' to read it from stdin")
    .option('--format <name>', 'PrettyCompact, CSVWithNames, JSONEachRow, Parquet, … (a FORMAT clause wins)')
    .option('--param <name=value>', 'value of {name:Type}; can be repeated', parameter, {})
    .option('--allow-writes', 'let the statement change the warehouse')
    .addHelpText(
      'after',
      `
Read-only unless --allow-writes is given: the statement can write nothing, and read nothing but the warehouse. It begins in the
analysts' database (docs/ANALYSTS.md); everything else is reached by its database's name: default.quarantine, or
fairshare.quarantine on a server. It works beside any process that writes. With --allow-writes the statement has all rights and
begins in the warehouse's own database. On a terminal the format is PrettyCompact, elsewhere TSVWithNames.

Examples:
  $ fairshare query 'SHOW TABLES'
  $ fairshare query 'SELECT {day:Date} + 1' --param day=2026-11-01 --format JSONEachRow
  $ fairshare query - --format Parquet < usage.sql > usage.parquet`,
    )
    .action(async (argument: string, { format, param, allowWrites = false }: QueryFlags) => {
      const sql = argument === '-' ? await text(runtime.stdin as NodeJS.ReadStream) : argument;
      if (format !== undefined && !/^\w+$/.test(format))
        throw new Fault('usage', `not a format: ${format}`, "See: fairshare query 'SELECT name FROM system.formats'");
      await engineFaults(() => (allowWrites ? write(runtime, sql, format, param) : ask(runtime, sql, format, param)));
    });
}

type Params = Readonly<Record<string, string>>;

async function write(runtime: Runtime, sql: string, format: string | undefined, params: Params): Promise<void> {
  const statement = read(sql);
  const warehouse = await runtime.warehouse();
  if (statement.kind === 'output') await print(warehouse, statement, format, params, runtime);
  else await warehouse.command(sql, params);
}

async function ask(runtime: Runtime, sql: string, format: string | undefined, params: Params): Promise<void> {
  if (isServerUrl(runtime.config().warehouse)) {
    // The server's own rights of this user decide.
    const statement = readOnly(read(sql));
    const session = await analystSession(await runtime.warehouse({ readOnly: true }));
    try {
      return await print(session, statement, format, params, runtime);
    } finally {
      await session.close();
    }
  }
  readOnly(read(sql));
  const location = await runtime.readable();
  const engine = await Engine.forReaders(location, READER_DATABASES, undefined, ONE_STATEMENT);
  try {
    const session = await engine.session('');
    const stop = () => void session.cancel();
    runtime.signal.addEventListener('abort', stop, { once: true });
    try {
      const given = Object.entries(params).map(([name, value]) => [`param_${name}`, quoteString(value)] as const);
      await session.prepare([...session.ownStatements, 'USE analyst', ...QUOTED, ...settingStatements(new Map(given))]);
      const statement = await vet(sql, session.functions, session.ask);
      await session.prepare(settingStatements(statement.settings));
      const path = join(engine.scratch, 'result');
      const chosen = formatOf(statement, format, runtime);
      await session.intoFile(statement.body, path, chosen);
      if (!session.isCurrent()) throw changedBeneath(location);
      if (existsSync(path))
        await pipeline(createReadStream(path), runtime.stdout, { end: false, signal: runtime.signal });
    } finally {
      await session.release();
    }
  } finally {
    await engine.close();
  }
}

/** 64-bit integers of JSON, because bytes exceed 2^53 in practice. */
const QUOTED = ['SET output_format_json_quote_64bit_integers = 1'];
const ONE_STATEMENT = { running: 1, perReader: 1, waiting: 0 };

function formatOf({ format: named }: OutputStatement, given: string | undefined, { stdout }: Runtime): string {
  return named ?? given ?? ((stdout as { isTTY?: boolean }).isTTY === true ? 'PrettyCompact' : 'TSVWithNames');
}

function readOnly(statement: ReturnType<typeof readStatement>): OutputStatement {
  if (statement.kind === 'output') return statement;
  throw new Fault(
    'usage',
    'this statement may change the warehouse, and query is read-only',
    'Give --allow-writes if it shall.',
  );
}

function parameter(text: string, sofar: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new Fault('usage', `not a parameter: ${text}`, 'Write it as --param name=value');
  return { ...sofar, [name]: value };
}

function read(sql: string): ReturnType<typeof readStatement> {
  try {
    // Rows after an INSERT stay in the text, because the engine reads them.
    const statement = readStatement(sql, () => true);
    if (statement.kind === 'other' && statement.verb === '' && statement.body === '')
      throw new Fault('usage', 'there is no statement', 'See: fairshare query --help');
    return statement;
  } catch (error) {
    if (error instanceof StatementError)
      throw new Fault('usage', error.message, 'The result goes to stdout: redirect it to a file.', { cause: error });
    throw error;
  }
}

/** Prints by way of a file, so that every format keeps its bytes and no result has to fit in memory. */
async function print(
  warehouse: Warehouse,
  statement: OutputStatement,
  given: string | undefined,
  params: Params,
  runtime: Runtime,
): Promise<void> {
  const { body, settings } = statement;
  const clause = [...settings].map(([name, value]) => `${name} = ${value}`).join(', ');
  const sql = clause === '' ? body : `${body}\nSETTINGS ${clause}`;
  await withScratch('fairshare-query-', async (directory) => {
    const path = join(directory, 'result');
    await warehouse.writeFile(`${sql}\n`, path, formatOf(statement, given, runtime), params);
    await pipeline(createReadStream(path), runtime.stdout, { end: false, signal: runtime.signal });
  });
}

/** An error of the engine is the analyst's, so it ends with exit code 3 and is no defect. */
async function engineFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const { code, type, message } = error as { code?: unknown; type?: unknown; message: string };
    if (typeof type === 'string' && typeof code === 'string')
      throw new Fault('inputRefused', `${message.trim()} (${type}, code ${code})`, '', { cause: error });
    const engine = readEngineError(error);
    if (engine.code === UNKNOWN_EXCEPTION) throw error;
    const [, what = engine.body, name = ''] =
      /^Code: \d+\. DB::Exception: (.*?)\.? \((\w+)\)\s*$/s.exec(engine.body) ?? [];
    throw new Fault('inputRefused', `${what} (${name}, code ${engine.code})`, '', { cause: error });
  }
}
