// Rival (b): the embedded engine with bench/transform.sql, one thread.

import { createReadStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import type { Month, Rules } from '../month.ts';
import { answerColumns, type Contender } from './contender.ts';
import { joinPrefixes } from './joined-prefixes.ts';
import { products } from './products.ts';
import { quoteString } from '../../sql/quote.ts';

const TRANSFORM = readFileSync(new URL('../transform.sql', import.meta.url), 'utf8');

const array = (texts: readonly string[]): string => `[${texts.map(quoteString).join(', ')}]`;

/** Inserts the lists of products, and the other values, where the text names them. */
export function filledIn(sql: string, others: Readonly<Record<string, string>> = {}): string {
  const names = Object.keys(products);
  const list = (pick: (product: (typeof products)[string]) => string) =>
    array(names.map((name) => pick(products[name])));
  const fill: Record<string, string> = {
    ...others,
    products: array(names),
    clients: list(([client]) => client),
    kinds: list(([, kind]) => kind),
    crawler_lists: list(([, , crawlerList = '']) => crawlerList),
  };
  return sql.replace(/\{(\w+)\}/g, (all, name: string) => fill[name] ?? all);
}

export class Engine implements Contender {
  version = '';
  private directory = '';
  warehouse!: Warehouse;

  async prepare(month: Month, rules: Rules): Promise<void> {
    this.directory = join(month.directory, `engine-${process.pid}`);
    mkdirSync(this.directory, { recursive: true });
    this.warehouse = await openWarehouse({ location: join(this.directory, 'data') });
    this.version = (await this.warehouse.text('SELECT version()', 'TSV')).trim();
    const joined = joinPrefixes(rules);
    const sets = new Map([[['', '', ''].join(), 0]]);
    const setOf = (...pieces: string[]): number => {
      const key = pieces.join();
      if (!sets.has(key)) sets.set(key, sets.size);
      return sets.get(key)!;
    };
    await this.dictionary(
      'place',
      'cidr String, evidence UInt16, used_as String, crawler_lists String',
      'IP_TRIE()',
      joined.map(({ text, prefix, rangeId, rangeType, crawlerLists, networkType }) => ({
        cidr: text,
        evidence: setOf(prefix, rangeId, networkType),
        used_as: rangeType || networkType,
        crawler_lists: crawlerLists,
      })),
    );
    await this.dictionary(
      'evidence',
      'id UInt64, prefix String, range_id String, network_type String',
      'FLAT()',
      [...sets].map(([key, id]) => {
        const [prefix, range_id, network_type] = key.split(',');
        return { id, prefix, range_id, network_type };
      }),
    );
    await this.dictionary(
      'token',
      'secret String, id String',
      'COMPLEX_KEY_HASHED()',
      Object.entries(rules.tokens).map(([secret, id]) => ({ secret, id })),
    );
  }

  private async dictionary(name: string, columns: string, layout: string, rows: readonly Record<string, unknown>[]) {
    const { warehouse } = this;
    await warehouse.command(`CREATE TABLE ${name}_source (${columns}) ENGINE = Memory`);
    await warehouse.insert(`${name}_source`, rows);
    const [key] = columns.split(' ');
    await warehouse.command(
      `CREATE DICTIONARY ${name} (${columns}) PRIMARY KEY ${key} SOURCE(CLICKHOUSE(TABLE '${name}_source')) LAYOUT(${layout}) LIFETIME(0)`,
    );
    await warehouse.command(`SYSTEM RELOAD DICTIONARY ${name}`);
  }

  async run(log: string): Promise<void> {
    await this.warehouse.command('DROP TABLE IF EXISTS answer');
    await this.warehouse.command(filledIn(TRANSFORM, { log: quoteString(log) }));
  }

  async *answer(): AsyncIterable<string> {
    const path = join(this.directory, 'answer.tsv');
    rmSync(path, { force: true });
    await this.warehouse.writeFile(`SELECT ${answerColumns.join(', ')} FROM answer`, path, 'TSV');
    yield* createInterface({ input: createReadStream(path) });
  }

  async close(): Promise<void> {
    await this.warehouse.close();
    rmSync(this.directory, { recursive: true });
  }
}
