// Programs that look for newer versions on a schedule. Collected from the projects' sources, 2026-03.

import { namedAgentGrammar, type NamedAgent } from './products.ts';

const bot = (client: string, tokens: string[], example?: string): NamedAgent => ({
  client,
  kind: 'update_bot',
  tokens,
  example,
});

export const updateBots = namedAgentGrammar('update-bots', [
  bot(
    'dependabot',
    ['dependabot-core', 'dependabot', 'dependabot-preview', 'dependabot-cli'],
    'dependabot-core/0.296.0 excon/1.2.3 ruby/3.3.7 (x86_64-linux) (+https://github.com/dependabot/dependabot-core)',
  ),
  bot(
    'renovate',
    ['renovatebot', 'renovate', 'renovate-bot'],
    'RenovateBot/39.164.1 (https://github.com/renovatebot/renovate)',
  ),
  bot('scala-steward', ['scala-steward'], 'Scala-Steward/0.32.0'),
  bot('pyup', ['pyup-bot', 'pyup.io']),
  bot('depfu', ['depfu']),
  bot('updatecli', ['updatecli']),
  bot('nvchecker', ['nvchecker']),
  bot('npm-check-updates', ['npm-check-updates']),
  bot('release-monitoring', ['anitya', 'release-monitoring.org'], 'Anitya/1.10.0'),
  bot('repology', ['repology-fetcher', 'repology'], 'repology-fetcher/0 (+https://repology.org/docs/bots)'),
  bot('newreleases', ['newreleases.io']),
]);
