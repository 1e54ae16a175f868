// The organisation token in a user agent: `(fairshare-token: XYZ)`, alone or inside a comment or pip's user_data. It is a
// secret: it is cut out before any grammar sees the string, and only facets.token carries it.

/** The word before the token, unless the source's configuration names another. */
export const defaultTokenKey = 'fairshare-token';

const TOKEN = String.raw`[:=] ?([A-Za-z0-9._~+/-]{1,128}=*)`;
const patterns = new Map<string, RegExp>();

function patternOf(key: string): RegExp {
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    const escaped = key.replace(/[^A-Za-z0-9]/g, String.raw`\$&`);
    pattern = new RegExp(String.raw` ?\(${escaped}${TOKEN}\)|(?:; ?)?${escaped}${TOKEN}`, 'g');
    patterns.set(key, pattern);
  }
  return pattern;
}

/** The first token, and the user agent without any. */
export function extractToken(
  userAgent: string,
  key = defaultTokenKey,
): { readonly token: string; readonly rest: string } {
  if (key === '' || !userAgent.includes(key)) return { token: '', rest: userAgent.trim() };
  let token = '';
  const rest = userAgent.replace(patternOf(key), (_all, alone?: string, inside?: string) => {
    token ||= (alone ?? inside)!;
    return '';
  });
  return { token, rest: rest.trim() };
}
