// Lists without a vendor's own shape: one range a line, a JSON array of ranges, or the crawlers' shape with a name that the
// importing person gives.

import type { NetworkRange } from '../facts.ts';
import { hasCrawlerShape, parseCrawlerShape } from './crawlers.ts';
import { RangeCollector, type PublishedList } from './published.ts';

/** Lines without comments (from '#') and blank lines, each with its place. */
export function textLines(content: string): { readonly text: string; readonly path: string }[] {
  return content
    .split(/\r?\n/)
    .map((line, i) => ({ text: line.replace(/#.*$/, '').trim(), path: `line ${i + 1}` }))
    .filter(({ text }) => text !== '');
}

/** A list whose provider and type a person names: `--as NAME:TYPE`. Recognises any content. */
export function plainList(range: Omit<NetworkRange, 'cidr'>): PublishedList {
  return {
    name: range.provider,
    description: `ranges of ${range.provider}`,
    url: null,
    recognises: () => true,
    parse(content) {
      if (hasCrawlerShape(content)) return parseCrawlerShape(content, range);
      const out = new RangeCollector();
      if (typeof content === 'string') for (const { text, path } of textLines(content)) out.add(path, text, range);
      else out.list('', content, (text, path) => out.add(path, text, range));
      return out.done('', null);
    },
  };
}
