// fairshare query: runs one statement for an analyst, read-only unless a flag allows writes.

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { analystSession } from '../../sql/analysts.ts';
import { withScratch } from '../../sql/scratch.ts';
import type { Warehouse } from '../../sql/warehouse.ts';
import { StatementError, readStatement, type OutputStatement } from '../serve/statement.ts';
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
Read-only unless --allow-writes is given. A reader begins in the analysts' database (docs/ANALYSTS.md); everything else is
reached by its database's name: default.quarantine, or fairshare.quarantine on a server. With --allow-writes the statement begins
in the warehouse's own database. On a terminal the format is PrettyCompact, elsewhere TSVWithNames.
While another process holds the warehouse and serves it (fairshare serve), a reader goes through its door.

Examples:
  $ fairshare query 'SHOW TABLES'
  $ fairshare query 'SELECT {day:Date} + 1' --param day=2026-11-01 --format JSONEachRow
  $ fairshare query - --format Parquet < usage.sql > usage.parquet`,
    )
    .action(async (argument: string, { format, param, allowWrites = false }: QueryFlags) => {
      const sql = argument === '-' ? await text(runtime.stdin as NodeJS.ReadStream) : argument;
      const statement = read(sql);
      if (format !== undefined && !/^\w+$/.test(format))
        throw new Fault('usage', `not a format: ${format}`, "See: fairshare query 'SELECT name FROM system.formats'");
      if (statement.kind !== 'output' && !allowWrites)
        throw new Fault(
          'usage',
          'this statement may change the warehouse, and query is read-only',
          'Give --allow-writes if it shall.',
        );
      const warehouse = await runtime.warehouse({ readOnly: !allowWrites });
      const session = allowWrites ? undefined : await analystSession(warehouse);
      try {
        await engineFaults(async () => {
          if (statement.kind !== 'output') return warehouse.command(sql, param);
          const isTerminal = (runtime.stdout as { isTTY?: boolean }).isTTY === true;
          const chosen = statement.format ?? format ?? (isTerminal ? 'PrettyCompact' : 'TSVWithNames');
          await print(session ?? warehouse, statement, chosen, param, runtime);
        });
      } finally {
        await session?.close();
      }
    });
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
  { body, settings }: OutputStatement,
  format: string,
  params: Readonly<Record<string, string>>,
  { stdout, signal }: Runtime,
): Promise<void> {
  const clause = [...settings].map(([name, value]) => `${name} = ${value}`).join(', ');
  const sql = clause === '' ? body : `${body}\nSETTINGS ${clause}`;
  await withScratch('fairshare-query-', async (directory) => {
    const path = join(directory, 'result');
    await warehouse.writeFile(`${sql}\n`, path, format, params);
    await pipeline(createReadStream(path), stdout, { end: false, signal });
  });
}

/** An error of the engine is the analyst's, so it ends with exit code 3 and is no defect. */
async function engineFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, type, message } = error as { code?: unknown; type?: unknown; message: string };
    if (typeof type === 'string' && typeof code === 'string')
      throw new Fault('inputRefused', `${message.trim()} (${type}, code ${code})`, '', { cause: error });
    throw error;
  }
}
