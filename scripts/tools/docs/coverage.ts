// docs/COVERAGE.md, written from the code's own lists, so that it is always true. `tsx scripts/tools/docs/coverage.ts` writes it,
// `--check` compares; a unit test fails if it is out of date.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { clientGrammars, clientsByEcosystem, parseUserAgent } from '../../../transform/clients/index.ts';
import { type ClientGrammar, type ClientKind } from '../../../transform/clients/client.ts';
import { requesterClasses } from '../../../transform/classify/requester.ts';
import { rules } from '../../../transform/classify/rules.ts';
import { formats } from '../../../transform/formats/index.ts';
import { jsonFields } from '../../../transform/formats/json-lines.ts';
import { publishedLists } from '../../../transform/networks/published/index.ts';
import {
  degradedReasons,
  excludedReasons,
  quarantineReasons,
  type DegradedReason,
  type Reason,
} from '../../../transform/outcome.ts';
import { downloadRules, type DownloadRule, type Ecosystem } from '../../../transform/packages/ecosystem.ts';
import { ecosystems, resolverFor } from '../../../transform/packages/index.ts';
import { purl } from '../../../transform/packages/purl.ts';
import { code, table } from './markdown.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

export const coveragePath = fileURLToPath(new URL('docs/COVERAGE.md', root));

const headersIncluded = (included: boolean | null): string =>
  included === null ? 'the vendor does not say' : included ? 'yes' : 'no';

const formatTable = (): string =>
  table(
    ['format', 'what it is', 'bytes include headers'],
    formats.map(({ name, description, bytesIncludeHeaders }) => [
      code(name),
      description,
      headersIncluded(bytesIncludeHeaders),
    ]),
  );

const ruleTitle: Readonly<Record<keyof typeof downloadRules, string>> = {
  never: 'never',
  get200: 'GET 200',
  get2xx: 'GET 2xx',
  get2xxMin1024: 'GET 2xx, at least 1,024 bytes',
  post2xx: 'POST 2xx',
  get200Before20260824: 'GET 200 before 2026-08-24',
};
const ruleName = Object.fromEntries(Object.entries(downloadRules).map(([name, rule]) => [rule, name])) as Record<
  DownloadRule,
  keyof typeof downloadRules
>;

interface PathFixture {
  readonly path: string;
  readonly query?: string;
}

/** The rule for downloads, and one path with its package URL. The ecosystem computes both from its own fixtures. */
function ecosystemRow({ name, title }: Ecosystem): string[] {
  const resolve = resolverFor({ ecosystem: name });
  const resolved = (JSON.parse(read(`test/fixtures/packages/${name}.json`)) as PathFixture[]).map(
    ({ path, query = '' }) => ({ path, query, resource: resolve('', path, query).resource }),
  );
  const counting = resolved.filter(({ resource }) => resource.rule !== downloadRules.never);
  const kindsByRule = new Map<DownloadRule, Set<string>>();
  for (const { resource } of counting)
    kindsByRule.set(resource.rule, (kindsByRule.get(resource.rule) ?? new Set()).add(resource.artifact));
  const example = [...counting, ...resolved].find(({ resource }) => resource.package !== '')!;
  return [
    code(name),
    title,
    [...kindsByRule].map(([rule, kinds]) => `${ruleTitle[ruleName[rule]]}: ${[...kinds].join(', ')}`).join('; '),
    code(`${example.path}${example.query === '' ? '' : `?${example.query}`}`),
    code(purl(name, example.resource)),
  ];
}

/** The shortest example of each client, as parsed by the complete classifier. */
function clientRows({ family, clients, examples }: ClientGrammar): string[][] {
  const shortest = new Map<string, { readonly userAgent: string; readonly kind: ClientKind }>();
  for (const { userAgent } of examples) {
    const { client, kind } = parseUserAgent(userAgent);
    const known = shortest.get(client);
    if (clients.includes(client) && (known === undefined || userAgent.length < known.userAgent.length))
      shortest.set(client, { userAgent, kind });
  }
  const kinds = [...new Set([...shortest.values()].map(({ kind }) => kind))];
  return clients.map((client) => [
    family,
    code(client),
    shortest.get(client)?.kind ?? (kinds.length === 1 ? kinds[0] : ''),
    code(shortest.get(client)?.userAgent ?? ''),
  ]);
}

/** Clients that only the ecosystem of a request tells from the library that they are named after. */
function ecosystemClientRows(): string[][] {
  const rows: string[][] = [];
  for (const [library, [ecosystem, { client, kind }]] of clientsByEcosystem) {
    const { userAgent } = clientGrammars
      .flatMap(({ examples }) => examples)
      .find(({ expect }) => expect.client === library)!;
    rows.push([`at ${ecosystem}`, code(client ?? library), kind ?? '', code(userAgent)]);
  }
  return rows;
}

/** Explains each reason by its comment in transform/outcome.ts. */
function reasonTable(reasons: readonly (Reason | DegradedReason)[]): string {
  const source = read('transform/outcome.ts');
  return table(
    ['reason', 'when'],
    reasons.map((name) => [
      code(name),
      new RegExp(`^ {2}'${name}',(?: // (.*))?$`, 'm').exec(source)?.[1] ?? name.replaceAll('_', ' '),
    ]),
  );
}

export function coverage(): string {
  const clients = [...clientGrammars.flatMap(clientRows), ...ecosystemClientRows()];
  return `<!-- Written by scripts/tools/docs/coverage.ts (make docs). Do not edit. -->
# Coverage

What this version knows, from the code's own lists. docs/METHODOLOGY.md says what is made of it, docs/FORMATS.md how to
add a JSON feed by configuration.

## Log formats (${formats.length})

Every one is found by \`format: auto\`, but \`json\`, which needs a map of fields.

${formatTable()}

Fields of a JSON feed: ${jsonFields.map(code).join(', ')}.

### Lines that are excluded by rule

${reasonTable(excludedReasons)}

### Lines that are quarantined

${reasonTable(quarantineReasons)}

### Requests with a field that could not be read

They count. The ledger counts each of these degradations too.

${reasonTable(degradedReasons)}

## Ecosystems (${ecosystems.length})

Where a source names no ecosystem, the request's host decides by the source's map (\`hosts\`; no host is built in), then the
path, where only one ecosystem can own it. 206 counts as 200 where its range starts at byte 0 or is not known.

${table(['name', 'registry', 'counts as a download', 'example', 'package URL'], ecosystems.map(ecosystemRow))}

## Clients (${new Set(clients.map(([, client]) => client)).size})

\`unknown\` is a user agent that no grammar fits, \`none\` an empty one. The kind is what a user agent alone says; the rules
below make a requester class of it.

${table(['family', 'client', 'kind', 'example'], clients)}

## Requester classes and the rules that decide them

Classes: ${requesterClasses.map(code).join(', ')}. First match wins; \`rule_id\` stands on every row.

${table(
  ['rule', 'class', 'identity', 'when'],
  rules.map(({ id, requesterClass, identity, description }) => [code(id), requesterClass, identity, description]),
)}

## Published lists (${publishedLists.length})

\`fairshare ranges import\` recognises these by their shape and name; \`--as PROVIDER:TYPE\` takes any list of CIDRs, and a
table \`cidr,type,name,asn\` gives types of networks.

${table(
  ['list', 'what it holds', 'where it is published'],
  publishedLists.map(({ name, description, url }) => [code(name), description, url ?? '']),
)}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fresh = coverage();
  if (!process.argv.includes('--check')) writeFileSync(coveragePath, fresh);
  else if (readFileSync(coveragePath, 'utf8') !== fresh) {
    process.stderr.write('docs/COVERAGE.md is stale: run make docs\n');
    process.exitCode = 4;
  }
}
