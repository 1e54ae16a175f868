// docs/ENROLMENT.md: which client's token was found, by recorded runs of the real clients (`make test-enrolment` writes it).

import { ciPlaces, type Enrolment, enrolments, proxyPlaces, registryAt } from '../../orgs/enrolment.ts';

/** A run of a client with the printed settings. */
export interface Recorded extends Pick<Enrolment, 'client' | 'ecosystem' | 'way'> {
  readonly id: string;
  /** As the client prints it. */
  readonly version: string;
  readonly requests: number;
  /** Requests of these whose token fairshare has found. */
  readonly found: number;
  /** The client's names in fairshare. */
  readonly named: string;
}

export interface EnrolmentRow {
  readonly name: string;
  readonly way: string;
  readonly proven: boolean;
}

/** Every row that the page must have: all that `orgs enrol` prints. */
export function enrolmentRows(): EnrolmentRow[] {
  const registry = registryAt('https://registry.example.org');
  return [
    ...enrolments.map(({ client, way, proven }) => ({ name: client, way, proven })),
    ...[...ciPlaces([], registry), ...proxyPlaces(registry)].map(({ name, proven, way = 'as its clients' }) => ({ name, way, proven })), // prettier-ignore
  ];
}

export function enrolmentPage(recorded: readonly Recorded[]): string {
  const rows = enrolmentRows().map(({ name, way }) => {
    const run = recorded.find((each) => each.client === name && each.way === way);
    return run === undefined
      ? `| ${name} | ${way} | – | *not proven* | |`
      : `| ${name} | ${way} | ${run.version} | ${run.found} of ${run.requests} requests | ${run.named} |`;
  });
  return `# Enrolment: what was found

\`make test-enrolment\` writes this page. It runs each client with the settings that \`fairshare orgs enrol\` prints. The client fetches a package
from a small store behind nginx, nginx logs in the documented format ([FORMATS.md](FORMATS.md#presets)), and fairshare reads that log. *Found*
means that the request counts for the organisation by its token ([E1](GLOSSARY.md#evidence-strongest-first)). *Named* is the client that
fairshare names. A row without a run says *not proven*: the setting follows the program's manual, and nobody has run it here.

| client | way | version | found | named |
|---|---|---|---|---|
${rows.join('\n')}

Ways that do not work, tried before: a query in the address of an index of pip, uv or npm (the client appends its path to the query, or sends the
query only to some pages); \`user-agent\` in Yarn 1's \`.npmrc\` and in Bun's \`npm_config_user_agent\` (neither is sent).
`;
}
