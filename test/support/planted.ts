// Log lines with planted addresses and tokens, each unique, in every place where a client or a proxy can put one.

/** A planted text, and the spellings under which it may come out again. */
export interface Plant {
  readonly what: string;
  readonly kind: 'address' | 'token';
  readonly needles: readonly string[];
}

const plants: Plant[] = [];
let next = 10;

/** An unused IPv4 address of a network that nobody declared. */
function ipv4(what: string): string {
  const text = `203.0.113.${next++}`;
  const number = text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  plants.push({ what, kind: 'address', needles: [text, String(number), text.replaceAll('.', '-'), text.replaceAll('.', '%2E')] }); // prettier-ignore
  return text;
}

/** An unused IPv6 address: the last groups are only in it. */
function ipv6(what: string): string {
  const group = (next++).toString(16).padStart(4, '0');
  plants.push({ what, kind: 'address', needles: [`c0de:${group}`, `c0de%3a${group}`, `c0de0000${group}`] });
  return `2001:db8:7777:1::c0de:${group}`;
}

function token(what: string, before = '', length = 36): string {
  const own = `PLNT${next++}q`;
  plants.push({ what, kind: 'token', needles: [own] });
  return `${before}${`${own}${'x7Qz'.repeat(20)}`.slice(0, length)}`;
}

/** The token of the organisation of the registry: known, and never stored. */
export const orgToken = token('organisation token');

const npmAgent = 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false';

interface Request {
  readonly at: string;
  readonly client_ip?: string;
  readonly path?: string;
  readonly query?: string;
  readonly agent?: string;
  readonly extra?: Readonly<Record<string, string>>;
}

/** As this project's nginx edge writes it. */
const edge = ({
  at,
  client_ip = '192.0.2.1',
  path = '/left-pad/-/left-pad-1.3.0.tgz',
  query = '',
  agent = npmAgent,
  extra = {},
}: Request): string =>
  // prettier-ignore
  JSON.stringify({
    timestamp: at,
    client_ip,
    request: 'GET',
    request_path: path,
    request_query: query,
    user_agent: agent,
    response_status: 200,
    response_bytes: 50_000,
    response_cache: 'HIT',
    request_range: '',
    tls_version: 'TLSv1.3',
    time_elapsed: 0.001,
    ...extra,
  });

/** Requests with a plant in each place. `where` tells lines that parse from the others. */
const requests = (at: string, where: string): Request[] => [
  { at, client_ip: ipv4(`client, ${where}`) },
  { at, client_ip: ipv6(`client IPv6, ${where}`) },
  { at, client_ip: `::ffff:${ipv4(`client IPv4 in IPv6, ${where}`)}` },
  { at, agent: `${npmAgent} ${ipv4(`agent, ${where}`)} [${ipv6(`agent IPv6, ${where}`)}]` },
  { at, agent: `${ipv4(`agent alone, ${where}`)}/1.0` },
  { at, agent: `${token(`agent alone, ${where}`, 'ghp_')}/1.0 (+https://u:${token(`agent URL, ${where}`, 'npm_')}@example.org)` }, // prettier-ignore
  { at, agent: `pip/24.0 {"ci":true,"installer":{"name":"pip","version":"24.0"},"user_data":"${token(`user_data, ${where}`)} ${ipv4(`user_data address, ${where}`)}"}` }, // prettier-ignore
  { at, agent: `${npmAgent} Authorization: Bearer ${token(`bearer in agent, ${where}`)}` },
  { at, agent: `${npmAgent} (fairshare-token: ${token(`unknown organisation token in agent, ${where}`)})` },
  { at, path: `/${ipv4(`path as package, ${where}`)}` },
  { at, path: `/${ipv4(`path as package of a tarball, ${where}`)}/-/left-pad-1.0.0.tgz` },
  { at, path: `/x/${ipv4(`path segment, ${where}`)}/${ipv6(`path segment IPv6, ${where}`)}` },
  { at, path: `/${token(`token as package, ${where}`, 'npm_')}` },
  { at, path: `/@scope/${token(`token as scoped package, ${where}`, 'ghp_')}/-/x-1.0.0.tgz` },
  { at, path: `/left-pad/-/left-pad-1.0.0-${token(`token as version, ${where}`, 'github_pat_')}.tgz` },
  {
    at,
    path: `/https://u:${token(`URL in path, ${where}`, 'glpat-')}@${ipv4(`URL in path, address, ${where}`)}/left-pad`,
  },
  { at, query: `ip=${ipv4(`query, ${where}`)}&six=${ipv6(`query IPv6, ${where}`).replaceAll(':', '%3A')}` },
  { at, query: `access_token=${token(`access_token, ${where}`, 'ghp_')}&_auth=${token(`_auth, ${where}`)}` },
  { at, query: `fairshare_token=${token(`unknown organisation token in query, ${where}`)}` },
  { at, query: `fairshare_token=${orgToken}`, client_ip: ipv4(`client with the organisation's token, ${where}`) },
  {
    at,
    extra: {
      x_forwarded_for: `${ipv4(`X-Forwarded-For, ${where}`)}, ${ipv6(`X-Forwarded-For IPv6, ${where}`)}`,
      authorization: `Basic ${token(`Authorization, ${where}`)}`,
      referer: `https://u:${token(`referrer, ${where}`)}@${ipv4(`referrer address, ${where}`)}/`,
    },
  },
];

/** Lines that parse, and lines that are quarantined: cut off, too old, no address. */
export function edgeLines(day: string): string[] {
  const at = `${day}T10:00:00Z`;
  return [
    ...requests(at, 'parsed').map(edge),
    ...requests(at, 'cut off').map((request) => edge(request).slice(0, -1)),
    ...requests('1999-01-01T10:00:00Z', 'too old').map(edge),
    edge({ at, client_ip: `not-an-address ${ipv4('client that is none')}` }),
  ];
}

/** Combined log format, with X-Forwarded-For as a last field. */
export function combinedLines(day: string): string[] {
  const [year, , date] = day.split('-');
  const line = (client: string, path: string, referrer: string, agent: string, forwarded: string) =>
    `${client} - ${token('remote user')} [${date}/Oct/${year}:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 50000 "${referrer}" "${agent}" "${forwarded}"`; // prettier-ignore
  return [
    line(ipv4('combined client'), '/left-pad', '-', npmAgent, `${ipv4('combined X-Forwarded-For')}, 10.0.0.1`),
    line('192.0.2.9', `/left-pad?ip=${ipv4('combined query')}`, `https://u:${token('combined referrer')}@example.org/`, npmAgent, ipv6('combined X-Forwarded-For IPv6')), // prettier-ignore
    `${line(ipv6('combined, broken'), `/${ipv4('combined path, broken')}`, '-', token('combined agent, broken', 'ghp_'), ipv4('combined X-Forwarded-For, broken')).slice(0, 60)} ${ipv4('combined, end')}`, // prettier-ignore
  ];
}

const cloudfrontFields = 'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query x-forwarded-for'; // prettier-ignore

export function cloudfrontLines(day: string): string[] {
  const line = (client: string, stem: string, agent: string, query: string, forwarded: string) =>
    [day, '10:00:00', 'FRA60-P1', '50000', client, 'GET', 'registry.example.org', stem, '200', '-', agent, query, forwarded].join('\t'); // prettier-ignore
  return [
    '#Version: 1.0',
    `#Fields: ${cloudfrontFields}`,
    line(ipv4('cloudfront client'), '/left-pad', 'npm/11.0.0', `ip=${ipv4('cloudfront query')}`, ipv4('cloudfront X-Forwarded-For')), // prettier-ignore
    line('192.0.2.9', '/left-pad', token('cloudfront agent', 'npm_'), `t=${token('cloudfront query token')}`, ipv6('cloudfront X-Forwarded-For IPv6')), // prettier-ignore
    line('-', `/${ipv4('cloudfront path, broken')}`, 'npm/11.0.0', '-', ipv6('cloudfront, broken')).slice(0, -60),
  ];
}

/** A version of four numbers, which is an address too. */
export function versionLine(day: string): string {
  const version = ipv4('version');
  return edge({ at: `${day}T11:00:00Z`, path: `/left-pad/-/left-pad-${version}.tgz` });
}

/** Requests of a network, so that families have usage. */
export const usageLines = (day: string, network: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const client_ip = `${network}.${1 + (i % 200)}`;
    return edge({ at: `${day}T${String(i % 24).padStart(2, '0')}:00:00Z`, client_ip, path: `/p${i % 9}/-/p${i % 9}-1.0.0.tgz` }); // prettier-ignore
  });

export const allPlants = (): readonly Plant[] => plants;

/** The plants that a text contains. */
export function plantsIn(text: string | Buffer): Plant[] {
  const lower = (typeof text === 'string' ? text : text.toString('latin1')).toLowerCase();
  // Everything planted contains one of these.
  if (!/plnt|203[.-]0|203%2e0|c0de|34058\d{5}/.test(lower)) return [];
  return plants.filter(({ needles }) =>
    needles.some((needle) => {
      const sought = needle.toLowerCase();
      for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, at + 1))
        if (!/[0-9a-f]/.test(lower[at + sought.length] ?? '') || /plnt/.test(sought)) return true;
      return false;
    }),
  );
}
