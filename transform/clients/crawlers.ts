// The rest: programs that the npm package crawler-user-agents knows, but no grammar here. Its patterns only decide the
// client name 'crawler'; its example strings are not used.

import patterns from 'crawler-user-agents';
import type { ClientGrammar } from './client.ts';
import { facets } from './facets.ts';

/**
 * Patterns that are not used (crawler-user-agents 1.60): plain words, and programs that are no crawlers: editors (its
 * `Code/1.` is VS Code), build tools, libraries. All patterns with the package's own tag http-library are dropped.
 */
const tooGeneric = new Set(
  String.raw`Make\/|Operator\/|Buck\/|RED\/|Fetch\/|Readable\/|Uptime\/|Dlc\/|BW\/|^BW\/|^Silk\/|Sonic|speedy|fluffy|Devin|Synapse|Butterfly|Charlotte|Magellan|Aranea|Adventurer|NetAPI|Optimizer\)|Rigor\)|crusty\/|Grover\/|Fluid|Watchful|Determ|linko|Hello World|Indy Library|Code\/1\.|Trae\/`.split(
    '|',
  ),
);
/** Length of the part of a user agent that is searched, because names come early. */
const SEARCHED_LENGTH = 512;

let residue: RegExp | undefined;
function residuePattern(): RegExp {
  residue ??= new RegExp(
    (patterns as readonly { pattern: string; tags?: readonly string[] }[])
      .filter(({ pattern, tags = [] }) => !tags.includes('http-library') && !tooGeneric.has(pattern))
      .map(({ pattern }) => pattern)
      .join('|'),
  );
  return residue;
}

export const crawlers: ClientGrammar = {
  family: 'crawlers',
  clients: ['crawler'],
  firstTokens: [''],
  examples: [
    {
      userAgent: 'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
      expect: { client: 'crawler', kind: 'other_crawler' },
    },
    {
      userAgent: 'Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
      expect: { client: 'crawler', kind: 'other_crawler' },
    },
  ],
  parse(userAgent) {
    return residuePattern().test(userAgent.slice(0, SEARCHED_LENGTH))
      ? facets('crawler-user-agents', 'crawler', '', 'other_crawler')
      : null;
  },
};
