// All supported published lists. To add one: a file beside this one and a line here.

import { aws } from './aws.ts';
import { azure } from './azure.ts';
import { cloudflare, fastly } from './cdn.ts';
import { ciVendors } from './ci.ts';
import { crawlers } from './crawlers.ts';
import { github } from './github.ts';
import { google } from './google.ts';
import { oracle } from './oracle.ts';
import type { PublishedList } from './published.ts';

export { crawlerListNames } from './crawlers.ts';
export type { AsnType, Published, PublishedList } from './published.ts';

export const publishedLists: readonly PublishedList[] = [
  aws,
  ...google,
  azure,
  github,
  oracle,
  fastly,
  ...cloudflare,
  ...ciVendors,
  ...crawlers,
];

/**
 * Finds the list of a file, by its shape and, if lists share that shape, by its name.
 * @param content parsed JSON, or the text itself if it is not JSON
 * @param location file name, path or URL
 */
export function detectPublished(content: unknown, location: string): PublishedList | null {
  return publishedLists.find((list) => list.recognises(content, location)) ?? null;
}
