// fairshare orgs enrol: what an organisation sets in its clients, CI and proxies, so that its requests carry its token.

import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { dayOf } from '../../transform/periods.ts';
import { sha256 } from '../../sql/sha256.ts';
import {
  ciPlaces,
  clientNames,
  enrolments,
  loggedAs,
  proxyPlaces,
  registryAt,
  type Setting,
} from '../orgs/enrolment.ts';
import { requireOrg } from '../orgs/find-org.ts';
import { printJson } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';

interface Flags {
  readonly client: readonly string[];
  readonly url: string;
  readonly newToken?: string;
  readonly json?: boolean;
}

/** Something to set, for people and for scripts. */
interface Section {
  readonly name: string;
  readonly way: string | null;
  readonly proven: boolean;
  readonly settings: readonly Setting[];
  readonly note: string | null;
  readonly logged: string | null;
}

export function registerEnrol(orgs: Command, runtime: Runtime): void {
  orgs
    .command('enrol')
    .description(
      'what to set in clients, CI and proxies, so that requests carry the token; and the log line that shows it',
    )
    .argument('<org>', 'an organisation of the registry')
    .option('--client <names>', `with commas between: ${clientNames.join(', ')}`, clientsOf, clientNames)
    .option('--url <address>', 'of the registry, as clients use it', addressOf, 'https://registry.example.org')
    .option('--new-token <name>', 'make a token, print it once, and the entry of the registry that has its hash')
    .option('--json', 'one JSON object per setting')
    .addHelpText(
      'after',
      `
The settings name the variable FAIRSHARE_TOKEN, never the token, so they can be sent and kept in version control. A setting without a
recorded run of the client is marked "not proven" (docs/ENROLMENT.md). What to tell the organisation: docs/FOR-COMPANIES.md

Examples:
  $ fairshare orgs enrol example-corp --client pip,uv,npm --url https://registry.example.org
  $ fairshare orgs enrol example-corp --client maven --new-token build`,
    )
    .action(async (org: string, flags: Flags) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      await requireOrg(warehouse, org, dayOf(runtime.now()));
      if (flags.newToken !== undefined) printNewToken(runtime, org, flags.newToken);
      const sections = sectionsOf(flags);
      if (flags.json) for (const section of sections) printJson(runtime.stdout, section);
      else runtime.stdout.write(sections.map(textOf).join('\n'));
    });
}

function clientsOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !clientNames.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no client ${unknown}. Clients: ${clientNames.join(', ')}.`);
  return names;
}

function addressOf(text: string): string {
  if (!/^https?:\/\/[^\s/@?#"'$\\]+(?:\/[^\s@?#"'$\\]*)?$/.test(text))
    throw new InvalidArgumentError('An http or https address, without user, query or quotes.');
  return text;
}

/** The token itself is printed here alone, and stored nowhere. */
function printNewToken(runtime: Runtime, org: string, name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new Fault('usage', `--new-token ${name} is no name`, 'Use letters, digits, dots, hyphens and underscores.');
  const token = `fst_${randomBytes(24).toString('base64url')}`;
  runtime.stdout.write(`# The token. It is shown once: give it to ${org}, and store it nowhere else.
${token}

# For the registry, below \`evidence:\` of ${org}. Import it before the logs that carry the token.
      - id: ${org}-${name}
        tier: E1
        kind: token
        value: ${JSON.stringify(name)}
        secret_sha256: ${sha256(token)}
        valid_from: '${dayOf(runtime.now())}'
        source: fairshare orgs enrol

`);
}

function sectionsOf({ client, url }: Flags): Section[] {
  const registry = registryAt(url);
  const chosen = enrolments.filter((each) => client.includes(each.client));
  const ecosystems = new Set(chosen.map(({ ecosystem }) => ecosystem));
  const first = chosen.filter((each) => chosen.find((other) => other.client === each.client) === each);
  const places = [...ciPlaces(first, registry), ...proxyPlaces(registry)].filter(
    ({ ecosystem }) => ecosystem === '' || ecosystems.has(ecosystem),
  );
  return [
    ...chosen.map(({ client: name, way, proven, settings, note = null }) => ({
      name,
      way,
      proven,
      settings: settings(registry),
      note,
      logged: loggedAs[way],
    })),
    ...places.map(({ name, proven, settings, note = null, way }) => ({
      name,
      way: way ?? null,
      proven,
      settings,
      note,
      logged: way === undefined ? null : loggedAs[way],
    })),
  ];
}

function textOf({ name, way, proven, settings, note, logged }: Section): string {
  const head = [way === null ? name : `${name}, by ${way}`, proven ? '' : ' (not proven)'].join('');
  const blocks = settings.map(({ file, text }) =>
    [...(file === undefined ? [] : [`  ${file}:`]), ...text.split('\n').map((line) => `    ${line}`)].join('\n'),
  );
  const tail = [...(logged === null ? [] : [`  the edge logs: ${logged}`]), ...(note === null ? [] : [`  ${note}`])];
  return `${[`# ${head}`, ...blocks, ...tail].join('\n')}\n`;
}
