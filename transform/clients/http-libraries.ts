// Bare HTTP libraries and command-line fetchers: any program may use them.

import type { ClientFacets, ClientGrammar } from './client.ts';
import { facets, firstToken } from './facets.ts';

/** First token → client. From the libraries' sources, 2026-03. */
const libraryNames: Readonly<Record<string, string>> = {
  curl: 'curl',
  libcurl: 'libcurl',
  'libcurl-agent': 'libcurl',
  pycurl: 'pycurl',
  wget: 'wget',
  libfetch: 'libfetch',
  wget2: 'wget',
  aria2: 'aria2',
  axel: 'axel',
  httpie: 'httpie',
  xh: 'xh',
  'python-requests': 'python-requests',
  'python-urllib': 'python-urllib',
  'python-urllib3': 'urllib3',
  urllib3: 'urllib3',
  'python-httpx': 'httpx',
  httpx: 'httpx',
  'python-httplib2': 'httplib2',
  aiohttp: 'aiohttp',
  scrapy: 'scrapy',
  axios: 'axios',
  'node-fetch': 'node-fetch',
  'make-fetch-happen': 'make-fetch-happen',
  undici: 'undici',
  node: 'undici',
  'node-superagent': 'superagent',
  superagent: 'superagent',
  needle: 'needle',
  'follow-redirects': 'follow-redirects',
  phin: 'phin',
  okhttp: 'okhttp',
  java: 'java',
  'java-http-client': 'java-http-client',
  'apache-httpclient': 'apache-httpclient',
  'apache-httpasyncclient': 'apache-httpclient',
  jakarta: 'apache-httpclient',
  'google-http-java-client': 'google-http-java-client',
  asynchttpclient: 'async-http-client',
  ahc: 'async-http-client',
  jetty: 'jetty-client',
  reactornetty: 'reactor-netty',
  'ktor-client': 'ktor',
  'go-http-client': 'go-http-client',
  'go-resty': 'resty',
  fasthttp: 'fasthttp',
  colly: 'colly',
  ruby: 'ruby',
  faraday: 'faraday',
  httparty: 'httparty',
  'http.rb': 'http.rb',
  excon: 'excon',
  'rest-client': 'rest-client',
  typhoeus: 'typhoeus',
  mechanize: 'mechanize',
  guzzlehttp: 'guzzle',
  guzzle: 'guzzle',
  php: 'php',
  symfony: 'symfony-http-client',
  reqwest: 'reqwest',
  ureq: 'ureq',
  hyper: 'hyper',
  'libwww-perl': 'libwww-perl',
  lwp: 'libwww-perl',
  'http-tiny': 'http-tiny',
  mojolicious: 'mojolicious',
  dart: 'dart',
  cfnetwork: 'cfnetwork',
  postmanruntime: 'postman',
  insomnia: 'insomnia',
  restsharp: 'restsharp',
  winhttp: 'winhttp',
  powershell: 'powershell',
  hackney: 'hackney',
  mint: 'mint',
  req: 'req',
};

const libraries = new Map(Object.entries(libraryNames));

/** The library comes second if the first token is the language or the program: `Python/3.12 aiohttp/3.11`. */
const INNER = /^(?:fetch|Python\/\d[\w.]{0,20}) (aiohttp|httpx|urllib3|libfetch)\/(\d[\w.+-]{0,40})$/;
const POWERSHELL = /^Mozilla\/5\.0 \([^()]{1,120}\) (?:Windows)?PowerShell\/(\d[\w.-]{0,40})$/;
/** Name, version, then products and comments that name no other program. */
const BARE =
  /^[A-Za-z][\w.+-]{0,40}(?:(?:[/ @]|\/v| v)(\d[\w.+~-]{0,63}))?(?:[ ,;]+(?:[A-Za-z][\w.+-]{0,40}\/[^\s()]{1,60}|\([^()]{0,120}\))){0,12}$/;
const OTHER_PROGRAM = /\b(?:julia|setuptools|distribute)\/|bot\b|bot\/|crawl|spider|scan|:\/\/|@[\w-]+\.|\+http/i;
/** Libraries that write their own address. */
const OWN_ADDRESS = /\(\+?https?:\/\/(?:github\.com\/bitinn\/node-fetch|npm\.im\/make-fetch-happen|scrapy\.org)\/?\)/;

const bare = (userAgent: string): RegExpExecArray | null => {
  const own = userAgent.replace(OWN_ADDRESS, '()');
  return OTHER_PROGRAM.test(own) ? null : BARE.exec(own);
};

/** The library that a user agent begins with, whatever follows; null if none. The last attempt before 'unknown'. */
export function leadingLibrary(userAgent: string): ClientFacets | null {
  const client = libraries.get(firstToken(userAgent));
  return client === undefined ? null : facets('http-library-loose', client, '', 'http_library');
}

const examples: readonly (readonly [string, string, string?])[] = [
  ['curl/8.11.1', 'curl', '8.11.1'],
  ['Wget/1.25.0 (linux-gnu)', 'wget', '1.25.0'],
  ['libfetch/2.0', 'libfetch', '2.0'],
  ['fetch libfetch/2.0', 'libfetch', '2.0'],
  ['python-requests/2.32.3', 'python-requests', '2.32.3'],
  ['Python-urllib/3.12', 'python-urllib', '3.12'],
  ['python-httpx/0.28.1', 'httpx', '0.28.1'],
  ['Python/3.12 aiohttp/3.11.11', 'aiohttp', '3.11.11'],
  ['axios/1.7.9', 'axios', '1.7.9'],
  ['node-fetch/1.0 (+https://github.com/bitinn/node-fetch)', 'node-fetch', '1.0'],
  ['undici', 'undici', ''],
  ['node', 'undici', ''],
  ['okhttp/4.12.0', 'okhttp', '4.12.0'],
  ['libcurl/8.11.1 r-curl/6.2.0 httr/1.4.7', 'libcurl', '8.11.1'],
  ['Java/17.0.14', 'java', '17.0.14'],
  ['Java-http-client/21.0.6', 'java-http-client', '21.0.6'],
  ['Apache-HttpClient/4.5.14 (Java/17.0.14)', 'apache-httpclient', '4.5.14'],
  ['Go-http-client/2.0', 'go-http-client', '2.0'],
  ['Go-http-client/1.1', 'go-http-client', '1.1'],
  ['Ruby', 'ruby', ''],
  ['Faraday v2.12.2', 'faraday', '2.12.2'],
  ['GuzzleHttp/7', 'guzzle', '7'],
  ['reqwest/0.12.12', 'reqwest', '0.12.12'],
  ['libwww-perl/6.77', 'libwww-perl', '6.77'],
  ['HTTP-Tiny/0.090', 'http-tiny', '0.090'],
  ['Dart/3.7 (dart:io)', 'dart', '3.7'],
  ['PostmanRuntime/7.43.0', 'postman', '7.43.0'],
  ['Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.2506', 'powershell', '5.1.22621.2506'],
  ['Scrapy/2.12.0 (+https://scrapy.org)', 'scrapy', '2.12.0'],
];

export const httpLibraries: ClientGrammar = {
  family: 'http-libraries',
  clients: [...new Set(libraries.values())],
  firstTokens: [...libraries.keys(), 'python', 'fetch', 'mozilla'],
  examples: examples.map(([userAgent, client, version = '']) => ({
    userAgent,
    expect: { client, version, kind: 'http_library', ci: -1, container: -1 },
  })),
  parse(userAgent) {
    const inner = INNER.exec(userAgent);
    if (inner !== null) return facets('http-library', inner[1], inner[2], 'http_library');
    const shell = POWERSHELL.exec(userAgent);
    if (shell !== null) return facets('http-library', 'powershell', shell[1], 'http_library');
    const client = libraries.get(firstToken(userAgent));
    const match = client === undefined ? null : bare(userAgent);
    return match === null ? null : facets('http-library', client!, match[1] ?? '', 'http_library');
  },
};
