// Programs that the npm package es6-crawler-detect lists. Its own patterns match anywhere in a text, and many are plain words (`Snake`),
// which would make bots of package tools. So only its names are used, and a name counts only where a program writes its own: as a whole
// product (`Name/1.0`), as all before a version, or as a whole part of a comment.

import { Crawlers } from 'es6-crawler-detect/dist/lib/crawler/crawlers.js';

/** Plain words and apps of people on the list (4.0.2): package tools and editors are called like them, too. */
const AMBIGUOUS = new Set(
  'aether|airmail|apache ant|apache openoffice|attach|autonomy|bandit|buck|buddy|bullseye|butterfly|canary%20mail|charlotte|cortex|curb|demon|devil|dispatch|drip|excel|exif|fairshare|feeder|fetch|fetch api|fever|flock|flunky|fluffy|goose|grabber|grammarly|holmes|indesign%20cc|instapaper|integrity|jigsaw|macoutlook|mail|microsoft office|microsoft outlook|needle|nettle|newspaper|octopus|oppo a33|optimizer|orbiter|outlook-express|outlook-ios|photon|podcastaddict|polymail|powerpoint|pump|recorder|redback|reeder|scoop|seeker|siphon|slack|snake|snappy|spanner|speedy|steeler|teleport|twice|updated|vacuum|voltron|voyager|webster|word|zoom.mac'.split(
    '|',
  ),
);
/** Languages, libraries and tools of developers on the list. They are no crawlers, or have grammars of their own. */
const OF_TOOLS =
  /http|client|java|php|perl|ruby|lwp|libw|library|node-|requests?$|request\.js|axios|reqwest|urllib|urlconnection|curl|wget|aria2|lftp|ureq|spray-can|akka|hackney|jersey|jetty|gsoap|restsharp|typhoeus|colly|mojolicious|mechanize|webdav|winhttp|git|gvfs|docker|gradle|kube|npm|^pip$|twine|postman|lavf|libvlc|cakephp|joomla|wordpress|symfony|coldfusion|netweaver/;

/** What a name of the list becomes: no anchors, nothing behind its last slash. */
const nameIn = (pattern: string): string =>
  pattern
    .replace(/^\^|\$$|\\\/(?:\[0-9\](?:\\?\.|\+)?)?$/g, '')
    .replace(/\\(?=[^\w])/g, '')
    .trim()
    .toLowerCase();

let listed: ReadonlySet<string> | undefined;
/** Patterns that are more than a name (17 of 1,389) are left out. */
function names(): ReadonlySet<string> {
  listed ??= new Set(
    new Crawlers()
      .getAll()
      .map(nameIn)
      .filter(
        (name) =>
          name.length > 2 && !/[\\^$*?|[\]{}]|\(.*\)/.test(name) && !AMBIGUOUS.has(name) && !OF_TOOLS.test(name),
      ),
  );
  return listed;
}

/** Products and parts of comments that are looked at: more than any browser writes. */
const MOST_PARTS = 32;

/** Whether a program of the list names itself in the user agent. */
export function isListedProgram(userAgent: string): boolean {
  const known = names();
  for (const part of userAgent.toLowerCase().split(/[();,]/, MOST_PARTS)) {
    if (known.has(part.replace(/(?:\/| v?\d).*$/, '').trim())) return true;
    for (const product of part.trim().split(' ', MOST_PARTS)) {
      const slash = product.indexOf('/');
      if (slash > 0 && known.has(product.slice(0, slash))) return true;
    }
  }
  return false;
}
