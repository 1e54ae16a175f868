// The closed list of CI vendors. Anything else that a client writes becomes 'other', because users can set the name, and it may
// reveal more about them than a vendor would.

import vendors from 'ci-info/vendors.json' with { type: 'json' };

/** npm writes ci-info's vendor name, lower-case, spaces as hyphens: 'GitHub Actions' → 'github-actions'. */
const ciInfoVendors = vendors.map(({ name }) => name.toLowerCase().split(' ').join('-'));

/** Ids of @npmcli/ci-detect, which npm 6 to 8 used before ci-info (its README, 2021-11). */
const ciDetectVendors =
  'azure-pipelines buddy circle-ci cirrus gitlab google-cloud-builder netlify now now-bitbucket now-github now-gitlab shippable tddium travis-ci wercker'.split(
    ' ',
  );

/** Ids of Bundler's CI detection (bundler/lib/bundler/ci_detector.rb, 2024-06). */
const bundlerVendors = 'travis circle semaphore jenkins buildbox go snap gitlab github'.split(' ');

/** Ids of NuGet's CI detection (NuGet.Client, UserAgentStringBuilder, 2026). */
const nugetVendors =
  'github-actions azure-devops appveyor travis circleci aws-codebuild google-cloud-build teamcity jetbrains-space'.split(
    ' ',
  );

const ciVendors: ReadonlySet<string> = new Set([
  ...ciInfoVendors,
  ...ciDetectVendors,
  ...bundlerVendors,
  ...nugetVendors,
]);

/** Flags that only mean that CI is set. */
const generic = new Set(['', 'ci', 'custom', 'true', '1']);
const runTogether = new Map([...ciVendors].map((id) => [id.replaceAll('-', ''), id]));

/** A vendor as a client writes it ('GitHub Actions', 'GitHubActions', 'github-actions') → its id, '' (none) or 'other'. */
export function ciVendor(written: string): string {
  const id = written.trim().toLowerCase().split(' ').join('-');
  if (generic.has(id)) return '';
  return ciVendors.has(id) ? id : (runTogether.get(id) ?? 'other');
}
