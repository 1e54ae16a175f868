// Mirrors, proxies and repository managers: one request here represents many behind it. Whole patterns, because several of
// the names are common words (a phone is called Nexus). Collected from the projects' sources and manuals, 2026-03.

import { productGrammar, whole, type Product } from './products.ts';

const mirror = (client: string, pattern: string, ...examples: string[]): Product => ({
  client,
  kind: 'mirror_proxy',
  pattern: whole(pattern),
  examples,
});
/** `Name/V`, then products and comments. */
const named = (client: string, name: string, ...examples: string[]): Product =>
  mirror(client, `(?:${name})/<V>(?: <P>| <C>| \\d[\\w.]{0,20}){0,8}`, ...examples);

/** A proxy that adds its own name to what its client wrote. */
export const proxySuffix =
  / \(?(?:[Gg]emstash|geminabox|bandersnatch|pulpcore|devpi-server|verdaccio|cnpmcore|Artifactory|Nexus|ProGet|Athens|Reposilite|[Pp]anamax)\/v?\d[\w.+-]{0,40}\)?(?: [^\s()]{1,60}){0,2}$/;

export const mirrors = productGrammar('mirrors', [
  named('bandersnatch', 'bandersnatch', 'bandersnatch/6.6.0 (cpython 3.12.8-final0, Linux x86_64) (aiohttp 3.11.11)'),
  named('pulpcore', 'pulpcore', 'pulpcore/3.70.0 (cpython 3.9.20-final0, Linux x86_64) (aiohttp 3.11.11)'),
  named('devpi-server', 'devpi-server', 'devpi-server/6.14.0 (py3.12.8; linux)'),
  named('z3c.pypimirror', 'z3c\\.pypimirror', 'z3c.pypimirror/1.0.16'),
  named('pep381client', 'pep381client', 'pep381client/1.5'),
  named(
    'nexus',
    '(?:Sonatype[ -])?Nexus(?: Repository(?: Manager)?)?',
    'Nexus/3.77.0-08 (OSS; Linux; 6.8.0-51-generic; amd64; 17.0.14)',
    'Sonatype Nexus/3.77.0-08',
    'Sonatype-Nexus/3.77.0',
  ),
  named('artifactory', '(?:JFrog )?Artifactory', 'Artifactory/7.104.5 80405900', 'JFrog Artifactory/7.104.5'),
  mirror(
    'verdaccio',
    String.raw`(?:npm|hidden) \(verdaccio(?:/<V>|\.org)\)(?: .{0,100})?`,
    'npm (verdaccio/6.0.5)',
    'hidden (verdaccio/5.33.0)',
    'npm (verdaccio.org)',
  ),
  named('verdaccio', '[Vv]erdaccio', 'verdaccio/6.0.5'),
  named('cloudsmith', 'Cloudsmith', 'Cloudsmith/1.508.2'),
  named('proget', '(?:Inedo[ -])?ProGet', 'ProGet/24.0.27 (Build 8)', 'Inedo ProGet/24.0.27'),
  named('gitea', '(?:Gitea|Forgejo)', 'Gitea/1.23.3', 'Forgejo/10.0.1'),
  named('gitlab', 'GitLab(?: [A-Za-z]{2,20}){0,3}', 'GitLab/17.8.1-ee'),
  mirror(
    'sonatype',
    String.raw`Sonatype(?:[ -](?!Nexus)[\w-]{1,30}){0,3}/<V>(?: <P>| <C>){0,4}`,
    'Sonatype/1.12',
    'Sonatype-Repository-Firewall/2.1',
  ),
  mirror(
    'go-module-mirror',
    String.raw`GoModuleMirror/<V>(?: \([^()]{1,100}\))?`,
    'GoModuleMirror/1.0 (+https://proxy.example.org)',
  ),
  named('athens', 'Athens', 'Athens/0.15.4'),
  named('archiva', 'Apache[ -]Archiva', 'Apache Archiva/2.2.10', 'Apache-Archiva/2.2.10'),
  named('reposilite', 'Reposilite', 'Reposilite/3.5.20'),
  named('gemstash', '[Gg]emstash', 'gemstash/2.8.0 rubygems/3.6.3'),
  named('rubygems-mirror', 'rubygems-mirror', 'rubygems-mirror/1.3.0'),
  named('cnpmcore', 'cnpm(?:core|js\\.org)', 'cnpmcore/3.68.0', 'cnpmjs.org/3.0.0'),
  named('panamax', '[Pp]anamax', 'panamax/1.0.14'),
  named('kellnr', 'kellnr', 'kellnr/5.4.0'),
  named('harbor', '(?:harbor-registry-client|[Hh]arbor)', 'harbor-registry-client/2.12', 'Harbor/2.12'),
  named('quetz', 'quetz', 'quetz/0.10.4'),
  named('baget', 'BaGet(?:ter)?', 'BaGet/0.4.0', 'BaGetter/1.6.0'),
  named(
    'posit-package-manager',
    '(?:RStudio|Posit) Package Manager',
    'Posit Package Manager/2024.11.0',
    'RStudio Package Manager/2023.04.0',
  ),
  named('apt-cacher-ng', 'Debian Apt-Cacher-NG', 'Debian Apt-Cacher-NG/3.7.4'),
  named(
    'azure-artifacts',
    'AzureArtifacts|Azure Artifacts',
    'AzureArtifacts/19.250.0 (Microsoft Azure Artifacts [Azure DevOps]; Hosted)',
  ),
  named('myget', 'MyGet(?: [A-Z][a-z]{2,20}){0,2}', 'MyGet/2024.1'),
  named('nuget-mirror', 'NuGet\\.?Mirror', 'NuGetMirror/6.9.0', 'NuGet.Mirror/5.0'),
  named('geminabox', '[Gg]em ?[Ii]n ?[Aa] ?[Bb]ox', 'geminabox/2.2.1'),
  named('aptly', 'aptly', 'aptly/1.6.1'),
]);
