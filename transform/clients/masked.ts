// Masks the parts of a user agent that may be personal, so that the rest can be stored and shown: a list of clients needs names and versions,
// and nothing that tells who used them.

import { hasPersonalToken } from '../packages/private-text.ts';

/** Longer user agents are cut, because what names a client stands at the beginning. */
export const MASKED_LENGTH = 200;

const EMAIL = /[^\s<>()[\]{},;:"'=/\\]{1,128}(?:@|%40|\[at\]| at )[^\s<>()[\]{},;:"'=/\\]{1,128}\.[A-Za-z]{2,24}/gi;
/** Keeps scheme and host: a crawler's contact address. A user before the host, a path and a query may be anything. */
const URL =
  /\b([a-z][a-z0-9+.-]{1,10}):\/\/(?:[^\s/@()<>;,"']{1,256}@)?([^\s/?#()<>;,"':]{1,128})(?::\d{1,5})?[^\s()<>;,"']*/gi;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g;
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
/** `key=value`, `key: value` and `Bearer value`. */
const NAMED_SECRET =
  /\b([\w-]{0,32}(?:token|key|secret|passw(?:or)?d|pwd|pass|auth|session|sid|cookie|user|usr|username|login|email|mail|account|host|hostname|machine|node_name|computer|owner|customer|tenant|workspace|org|team|id|uuid|guid)|bearer|basic)(\s?[=:]\s?|\/(?=\S*\d\S*[a-z]|\S*[a-z]\S*\d)| (?=\S{6,}))([^\s;,()"']{1,512})/gi;
/** A run of letters and digits, as versions, names, ids and tokens have them. */
const WORD = /[A-Za-z0-9_+=~-]{8,}/g;

const isId = (word: string): boolean => {
  const letters = word.replace(/[^A-Za-z]/g, '').length;
  const digits = word.replace(/\D/g, '').length;
  if (word.length > 40) return true;
  // A number that is no date.
  if (letters === 0) return digits >= 7 && !/^20\d{6}$/.test(word);
  const parts = word.split(/[_+=~-]/);
  return parts.some((part) => {
    const partDigits = part.replace(/\D/g, '').length;
    if (/^[0-9a-f]{8,}$/i.test(part) && partDigits >= 2 && partDigits < part.length) return true;
    if (part.length > 24) return true;
    const changes = (part.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g) ?? []).length;
    return part.length >= 10 && (partDigits >= 4 || changes >= 3) && partDigits < part.length;
  });
};

/** Pure. Gives the same text for the same user agent, so that masked user agents can be counted together. */
export function maskedUserAgent(userAgent: string): string {
  const text = userAgent
    .slice(0, 4 * MASKED_LENGTH)
    .replace(URL, '$1://$2')
    .replace(EMAIL, '<email>')
    .replace(IPV4, '<address>')
    .replace(IPV6, (found) => (/^\d{1,2}:\d{2}(?::\d{2})?$/.test(found) ? found : '<address>'))
    .replace(NAMED_SECRET, '$1$2<masked>')
    .replace(WORD, (word) => (hasPersonalToken(word) || isId(word) ? '<id>' : word));
  return text.length > MASKED_LENGTH ? `${text.slice(0, MASKED_LENGTH)}…` : text;
}
