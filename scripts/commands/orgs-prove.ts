// fairshare orgs prove: proves that an organisation uses a declared range, by a nonce in a request from it.

import { type Command, InvalidArgumentError } from 'commander';
import { findProofs, issueNonce } from '../orgs/proofs.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';

interface Flags {
  readonly validDays: number;
  readonly proofDays: number;
  readonly json?: boolean;
}

function days(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Whole days, 1 to 9999.');
  return Number(text);
}

export function registerProve(orgs: Command, runtime: Runtime): void {
  orgs
    .command('prove')
    .description('hand out a nonce for a declared range; without one, look for those handed out in what was ingested')
    .argument('[evidence-id]', 'a range of the registry')
    .option('--valid-days <days>', 'how long the nonce may be used', days, 14)
    .option('--proof-days <days>', 'how long a proof that is found holds', days, 365)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The nonce is shown once and kept as a hash. A proof falls with the log that carried it, if that is taken back (withdrawn): then the
evidence is E7 again until it is proven anew. Ingest must start after it was handed out: a worker reads the registry when it
starts. docs/FUNDING.md, "Proving a range"

Examples:
  $ fairshare orgs prove example-corp-hq   # hand out a nonce
  $ fairshare orgs prove                   # what has come of it`,
    )
    .action(async (evidenceId: string | undefined, flags: Flags) => {
      const warehouse = await runtime.warehouse();
      const now = runtime.now();
      if (evidenceId !== undefined) {
        const issued = await issueNonce(warehouse, evidenceId, { now, valid_days: flags.validDays });
        if (flags.json) printJson(runtime.stdout, issued);
        else {
          runtime.stdout.write(`${issued.nonce}\n`);
          runtime.stderr.write(
            `Ask ${issued.org_id} to send one request for any package from ${issued.cidr}, before ${issued.valid_until.slice(0, 16).replace('T', ' ')} UTC, e.g.\n` +
              `  curl -sSo /dev/null -A 'curl (fairshare-token: ${issued.nonce})' 'https://REGISTRY/PACKAGE?fairshare_token=${issued.nonce}'\n` +
              'When the logs of that day are ingested: fairshare orgs prove\n',
          );
        }
        return;
      }
      const found = await findProofs(warehouse, { now, proof_days: flags.proofDays });
      if (flags.json) {
        for (const proof of found) printJson(runtime.stdout, proof);
        return;
      }
      printTable(
        runtime.stdout,
        ['evidence', 'organisation', 'range', 'state', 'seen', 'from', 'expires'],
        found.map((proof) => [
          proof.evidence_id,
          proof.org_id,
          proof.cidr,
          proof.state.replaceAll('_', ' '),
          proof.seen_at.slice(0, 16),
          proof.seen_from,
          proof.expires_on,
        ]),
      );
      for (const { evidence_id, proof, state } of found)
        if (state === 'proven') runtime.stdout.write(`${evidence_id}:\n  tier: E2\n  proof: ${proof}\n`);
    });
}
