// The data dictionary that stands beside the files of an export, as JSON: FOCUS's metadata of a schema, and what each column says.

import { decimalsOf } from '../../transform/funding/currencies.ts';
import { sha256 } from '../../sql/sha256.ts';

export interface DataColumn {
  /** The engine's type, which is the type in Parquet. A currency with other decimals than two has them instead. */
  readonly type: string;
  readonly says: string;
  /** Text that is JSON. */
  readonly json?: boolean;
  /** All values that it may have, beside null. */
  readonly values?: readonly string[];
}

/** The engine's type in this currency. */
export const columnType = ({ type }: DataColumn, currency: string): string =>
  type.replace('Decimal(18, 2)', () => `Decimal(18, ${decimalsOf(currency)})`);

const bare = (type: string): string => /^Nullable\((.*)\)$/.exec(type)?.[1] ?? type;

/** FOCUS's names of types. */
function dataType({ type, json }: DataColumn): string {
  if (json) return 'JSON';
  const plain = bare(type);
  if (plain.startsWith('Decimal')) return 'Decimal';
  if (plain.startsWith('DateTime')) return 'Date/Time';
  if (plain === 'Date') return 'Date';
  if (/^U?Int/.test(plain)) return 'Integer';
  return plain === 'Bool' ? 'Boolean' : 'String';
}

function definition(name: string, column: DataColumn, currency: string): Record<string, unknown> {
  const type = columnType(column, currency);
  const [, precision, scale] = /Decimal\((\d+), (\d+)\)/.exec(type) ?? [];
  const kind = dataType(column);
  return {
    ColumnName: name,
    DataType: kind,
    ...(precision !== undefined && { NumericPrecision: Number(precision), NumberScale: Number(scale) }),
    ...((kind === 'String' || kind === 'JSON') && { StringEncoding: 'UTF-8' }),
    ...(name === 'Tags' && { ProviderTagPrefixes: ['fairshare/'] }),
    x_AllowsNulls: type.startsWith('Nullable'),
    ...(column.values && { x_AllowedValues: column.values }),
    x_Description: column.says,
    x_ParquetType: type,
  };
}

interface Described {
  readonly columns: Readonly<Record<string, DataColumn>>;
  readonly currency: string;
  /** FOCUS's version; null: the data set is fairshare's own. */
  readonly focusVersion: string | null;
  readonly generatorVersion: string;
  /** Whether an apostrophe before = + - @ tab or CR keeps a spreadsheet from running a text of the CSV. */
  readonly apostrophe: boolean;
}

/** The dictionary as text. It says nothing of the time, so the same columns give the same text. */
export function dictionaryText({ columns, currency, focusVersion, generatorVersion, apostrophe }: Described): string {
  const definitions = Object.entries(columns).map(([name, column]) => definition(name, column, currency));
  return `${JSON.stringify(
    {
      SchemaId: sha256(JSON.stringify([focusVersion, definitions])).slice(0, 32),
      ...(focusVersion !== null && { FocusVersion: focusVersion }),
      DataGenerator: 'fairshare',
      DataGeneratorVersion: generatorVersion,
      x_Csv: {
        Encoding: 'UTF-8',
        Header: true,
        LineEnd: 'CRLF',
        Null: 'an empty field without quotes',
        QuotedText: true,
        FormulaApostrophe: apostrophe,
      },
      ColumnDefinition: definitions,
    },
    null,
    2,
  )}\n`;
}
