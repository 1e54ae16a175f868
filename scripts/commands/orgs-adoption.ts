// fairshare orgs adoption: how much of an organisation's traffic carries its tokens, and what does not yet.

import { type Command } from 'commander';
import { formatBytes, formatPercent } from '../../transform/numbers.ts';
import { dayOf, lastDay, periodStart } from '../../transform/periods.ts';
import { answeringParameters } from '../../sql/attribution.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { checkPeriod } from '../funding/allocation.ts';
import { sayUnattributed } from '../funding/first-attribution.ts';
import { adoptionOf, type Adopted, type Adoption, type AdoptionRow } from '../orgs/adoption.ts';
import { enrolments } from '../orgs/enrolment.ts';
import { requireOrg } from '../orgs/find-org.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';
import { lastPeriod, wholeNumber } from './orgs-candidates.ts';

interface Flags {
  readonly period?: string;
  readonly top: number;
  readonly json?: boolean;
}

export function registerAdoption(orgs: Command, runtime: Runtime): void {
  orgs
    .command('adoption')
    .description(
      "how much of an organisation's traffic carries its tokens, by client and network, and what does not yet",
    )
    .argument('<org>', 'an organisation; of a family, its head')
    .option('--period <month>', 'the month, e.g. 2026-10 (default: the last with usage)')
    .option('--top <count>', 'networks that are shown', wholeNumber, 20)
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
For the foundation and this organisation alone: it shows networks. Traffic beside the tokens comes from the same /24 or /48 and names
nobody: it may be the organisation's too, or a neighbour's.

Example:
  $ fairshare orgs adoption example-corp --period 2026-10`,
    )
    .action(async (org: string, { period: month, top, json }: Flags) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      await requireOrg(warehouse, org, dayOf(runtime.now()));
      const period = month === undefined ? await lastPeriod(warehouse) : checkPeriod(month);
      await sayUnattributed(runtime, warehouse);
      const rows = await warehouse.query<AdoptionRow>(sqlFile('queries/orgs/adoption.sql'), {
        org,
        ...(await answeringParameters(warehouse)),
        from: periodStart(period),
        to: lastDay(period),
      });
      const adoption = adoptionOf(rows);
      if (json) printJson(runtime.stdout, { org, period, ...adoption });
      else print(runtime, org, period, adoption, top);
    });
}

const cells = ({ name, requests, with_token, bytes }: Adopted) => [
  name === '' ? 'not known' : name,
  requests,
  with_token,
  formatPercent(with_token, requests),
  formatBytes(bytes),
];

function print(runtime: Runtime, org: string, period: string, adoption: Adoption, top: number): void {
  const { total, clients, networks, beside } = adoption;
  if (total.requests === 0n) {
    runtime.stdout.write(`${org} has no usage of ${period} whose networks are stored.\n`);
    return;
  }
  const head = ['requests', 'with a token', 'share', 'bytes'];
  const right = { right: [3, 4] };
  runtime.stdout.write(
    `${org}, ${period}: ${formatPercent(total.with_token, total.requests)} of ${total.requests} requests carry a token, ${formatPercent(total.bytes_with_token, total.bytes)} of ${formatBytes(total.bytes)}.\n`,
  );
  printTable(runtime.stdout, ['client', ...head], clients.map(cells), right);
  printTable(runtime.stdout, ['network', ...head], networks.slice(0, top).map(cells), right);
  if (beside.length > 0)
    printTable(
      runtime.stdout,
      ['beside its tokens, nobody’s', 'requests', 'bytes'],
      beside.slice(0, top).map(({ name, requests, bytes }) => [name, requests, formatBytes(bytes)]),
      { right: [2] },
    );
  const missing = clients
    .filter(({ requests, with_token }) => requests > with_token)
    .flatMap(({ name }) => enrolments.find(({ client, named = client }) => named === name)?.client ?? []);
  if (missing.length > 0)
    runtime.stdout.write(`What to set: fairshare orgs enrol ${org} --client ${missing.join(',')}\n`);
}
