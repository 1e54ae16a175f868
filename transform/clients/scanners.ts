// Programs that examine packages: vulnerabilities, licences, malware, metadata. Most names are specific enough alone; plain words
// (socket, mend, detect) count only at the beginning of the user agent. Collected from the tools' sources and
// documentation, 2026-03.

import { namedAgentGrammar, productGrammar, whole, type NamedAgent, type Product } from './products.ts';

const scanner = (client: string, tokens: string[], example?: string): NamedAgent => ({
  client,
  kind: 'security_scanner',
  tokens,
  example,
});
const leading = (client: string, name: string, ...examples: string[]): Product => ({
  client,
  kind: 'security_scanner',
  pattern: whole(`(?:${name})/<V>(?: <P>| <C>){0,8}`),
  examples,
});

export const scanners = namedAgentGrammar('scanners', [
  scanner('trivy', ['trivy'], 'trivy/0.59.1'),
  scanner('osv-scanner', ['osv-scanner', 'osv-scalibr', 'osv.dev'], 'osv-scanner/1.9.2'),
  scanner('grype', ['grype', 'anchore'], 'grype/0.87.0'),
  scanner('syft', ['syft'], 'syft/1.19.0'),
  scanner('snyk', ['snyk', 'snyk-*'], 'snyk-cli/1.1295.4'),
  scanner(
    'socket',
    ['socketsecurity', 'socket-security', 'socket.dev', 'socketdev', 'socket-cli', 'socket-sdk-js'],
    'SocketSecurity/1.0 (+https://socket.dev)',
  ),
  scanner('checkmarx', ['checkmarx', 'checkmarx-*', 'cxone', 'cxsca', 'checkmarxone'], 'Checkmarx/3.11'),
  scanner(
    'black-duck',
    ['blackduck', 'black-duck', 'blackduck-detect', 'synopsys-detect', 'blackducksoftware', 'hub-detect'],
    'BlackDuck/2025.1.0',
  ),
  scanner('mend', ['whitesource', 'mend-cli', 'mend.io', 'mend-scanner', 'ws-unified-agent'], 'WhiteSource/24.10.1'),
  scanner('deps.dev', ['deps.dev', 'depsdev', 'deps-dev'], 'deps.dev-fetcher (+https://deps.dev)'),
  scanner('libraries.io', ['libraries.io', 'librariesio', 'librariesiobot'], 'Libraries.io (+https://libraries.io)'),
  scanner('ecosyste.ms', ['ecosyste.ms', 'packages.ecosyste.ms'], 'packages.ecosyste.ms'),
  scanner('dependency-track', ['dependency-track', 'dependencytrack'], 'Dependency-Track/4.12.4'),
  scanner('dependency-check', ['dependency-check', 'dependencycheck'], 'dependency-check/12.0.2'),
  scanner('scorecard', ['ossf-scorecard', 'openssf-scorecard'], 'ossf-scorecard/5.0'),
  scanner('package-analysis', ['package-analysis', 'ossf-package-feeds'], 'package-analysis/1.0'),
  scanner('jfrog-xray', ['jfrog-xray', 'xray-indexer'], 'jfrog-xray/3.111'),
  scanner(
    'nexus-iq',
    ['nexus_iq', 'nexus-iq', 'sonatype_clm_ci', 'sonatype-clm', 'nexus-lifecycle'],
    'Nexus-IQ/1.186.0',
  ),
  scanner('fossa', ['fossa-cli', 'fossabot'], 'fossa-cli/3.9.48'),
  scanner('veracode', ['veracode', 'sourceclear', 'srcclr'], 'SourceClear/3.8.80'),
  scanner('clair', ['claircore', 'clair-scanner'], 'claircore/1.5'),
  scanner('pip-audit', ['pip-audit'], 'pip-audit/2.8.0'),
  scanner('semgrep', ['semgrep'], 'Semgrep/1.107.0'),
  scanner('phylum', ['phylum-cli', 'phylum'], 'phylum-cli/7.2.0'),
  scanner(
    'clearlydefined',
    ['clearlydefined', 'clearlydefined-crawler'],
    'clearlydefined.io crawler (clearlydefined@outlook.com)',
  ),
  scanner('ort', ['oss-review-toolkit', 'ort-scanner'], 'oss-review-toolkit/50.0.0'),
  scanner('scancode', ['scancode-toolkit', 'scancode.io', 'fetchcode'], 'scancode-toolkit/32.3.2'),
  scanner('guac', ['guac', 'guaccollect'], 'guac/0.13.2'),
]);

export const leadingScanners = productGrammar('leading-scanners', [
  leading('socket', '[Ss]ocket', 'socket/1.0.4'),
  leading('mend', '[Mm]end(?:[ -](?:CLI|Agent|Scanner))?', 'Mend/25.1.2', 'Mend CLI/25.1.2'),
  leading(
    'black-duck',
    'Black ?Duck(?: [A-Z][a-z]+)?|(?:Synopsys |Black Duck )?Detect',
    'Black Duck/2025.1.0',
    'Black Duck Detect/10.2.1',
    'Detect/10.2.1',
  ),
  leading('checkmarx', 'CxFlow|KICS', 'KICS/2.1.3', 'CxFlow/1.7.0'),
  leading('scorecard', 'scorecard', 'scorecard/5.0.0'),
  leading('aqua', '[Aa]qua(?:-?[Ss]canner|sec)?', 'aqua-scanner/2022.4', 'aquasec/1.0'),
  leading('wiz', 'wiz(?:cli|-cli)?', 'wizcli/0.64.0'),
  leading('anchore', 'anchore(?:ctl|-enterprise)?', 'anchorectl/5.13.0'),
]);
