// Organisation tokens in credentials, because some clients (uv, Poetry, Bun, Deno, Yarn) can send nothing else: `Bearer TOKEN`, or
// `Basic …` with the token as the user name or as the password.

/** Tokens and nonces that fairshare makes. The edge logs only values of this shape, so other credentials never reach a log. */
export const OWN_TOKEN = 'fs[tn]_[A-Za-z0-9_-]{16,200}';

const OWN = new RegExp(`^${OWN_TOKEN}$`);
const CREDENTIALS = /^(basic|bearer) +(\S+)$/i;

export const isOwnToken = (text: string): boolean => OWN.test(text);

export const isCredentials = (value: string): boolean => CREDENTIALS.test(value);

/** The texts in a log's token field of which each may be a token: the field itself, or the parts of its credentials. */
export function secretsIn(value: string): string[] {
  const [, scheme, text] = CREDENTIALS.exec(value) ?? [];
  if (scheme === undefined) return [value];
  if (scheme.toLowerCase() === 'bearer') return [text];
  const pair = Buffer.from(text, 'base64').toString();
  const colon = pair.indexOf(':');
  return colon < 0 ? [] : [pair.slice(0, colon), pair.slice(colon + 1)].filter((part) => part !== '');
}
