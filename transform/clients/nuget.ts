// NuGet and other .NET clients (names of the client list of NuGet's statistics). Newer clients name the CI: inside the comment (`, CI: PROVIDER`) or after it (` CI/PROVIDER`).

import { tri } from '../scan/line-fields.ts';
import { ciVendor } from './ci-vendors.ts';
import type { ClientGrammar } from './client.ts';
import { facets } from './facets.ts';

const SHAPE = /^NuGet(?:[ +][A-Za-z0-9.+ ]{1,60})?\/(\d[\w.+-]{0,63})(?: \((.{0,400})\))?(?: CI\/([\w -]{1,60}))?$/;
const CI_IN_COMMENT = /, CI: ?([\w .-]{1,60})(?=,|$)/;
/** IDEs, build tools and a CI server with a NuGet client of their own. */
const TOOLS =
  /^(Cake|(?:JetBrains )?TeamCity|JetBrains|MonoDevelop|Xamarin)(?:[ .][A-Za-z.]{1,30}){0,4}(?:[/ ]v?(\d[\w.+-]{0,63}))?(?: \([^()]{0,200}\))?$/;
const OTHERS = /^(Paket|Chocolatey(?: Core| Command Line)?)(?:\/(\d[\w.+-]{0,63}))?(?: \([^()]{0,200}\))?$/;

export const nuget: ClientGrammar = {
  family: 'nuget',
  clients: ['nuget', 'paket', 'chocolatey', 'cake', 'jetbrains', 'monodevelop', 'teamcity'],
  firstTokens: [
    'nuget',
    'nuget+vsts',
    'paket',
    'chocolatey',
    'cake',
    'jetbrains',
    'monodevelop',
    'xamarin',
    'teamcity',
  ],
  examples: [
    {
      userAgent: 'NuGet Command Line/6.12.2 (Microsoft Windows NT 10.0.20348.0)',
      expect: { client: 'nuget', version: '6.12.2', kind: 'package_manager', ci: -1, ciProvider: '' },
    },
    {
      userAgent: 'NuGet .NET Core MSBuild Task/6.14.0 (Linux, CI: GitHub Actions)',
      expect: { client: 'nuget', version: '6.14.0', ci: 1, ciProvider: 'github-actions' },
    },
    {
      userAgent: 'NuGet xplat/7.0.0 (Linux) CI/AzureDevOps',
      expect: { client: 'nuget', ci: 1, ciProvider: 'azure-devops' },
    },
    {
      userAgent: 'NuGet VS VSIX/6.12.0 (Microsoft Windows NT 10.0.22631.0, VS Enterprise/17.0)',
      expect: { client: 'nuget', ci: -1 },
    },
    {
      userAgent: 'NuGet MSBuild Task/7.1.0 (Linux, CI: GitLab CI, VS Build Tools/17.14)',
      expect: { client: 'nuget', ci: 1, ciProvider: 'gitlab-ci' },
    },
    { userAgent: 'Cake NuGet/5.0.0', expect: { client: 'cake', version: '5.0.0', kind: 'package_manager' } },
    { userAgent: 'JetBrains NuGet/2025.3 (Linux)', expect: { client: 'jetbrains', kind: 'package_manager' } },
    { userAgent: 'MonoDevelop/8.10 (Unix 6.8.0.51)', expect: { client: 'monodevelop', kind: 'package_manager' } },
    { userAgent: 'Xamarin Studio/6.3', expect: { client: 'monodevelop' } },
    { userAgent: 'JetBrains TeamCity 2025.07', expect: { client: 'teamcity', kind: 'ci_tool', ci: 1 } },
    { userAgent: 'TeamCity Server/2025.07.1 (build 197398)', expect: { client: 'teamcity', kind: 'ci_tool' } },
    { userAgent: 'Paket', expect: { client: 'paket', version: '' } },
    { userAgent: 'Paket/8.0.3', expect: { client: 'paket', kind: 'package_manager' } },
    { userAgent: 'Chocolatey Core/2.4.2', expect: { client: 'chocolatey', version: '2.4.2' } },
  ],
  parse(userAgent) {
    const tool = TOOLS.exec(userAgent);
    if (tool !== null) {
      const [, name, version = ''] = tool;
      if (name.endsWith('TeamCity'))
        return facets('teamcity', 'teamcity', version, 'ci_tool', { ci: tri.TRUE, ciProvider: 'teamcity' });
      const client = name === 'Cake' ? 'cake' : name === 'JetBrains' ? 'jetbrains' : 'monodevelop';
      return facets(client, client, version, 'package_manager');
    }
    const match = SHAPE.exec(userAgent);
    if (match === null) {
      const other = OTHERS.exec(userAgent);
      if (other === null) return null;
      const client = other[1].startsWith('Paket') ? 'paket' : 'chocolatey';
      return facets(client, client, other[2] ?? '', 'package_manager');
    }
    const written = match[3] ?? CI_IN_COMMENT.exec(match[2] ?? '')?.[1];
    return facets('nuget', 'nuget', match[1], 'package_manager', {
      ci: written === undefined ? tri.UNKNOWN : tri.TRUE,
      ciProvider: ciVendor(written ?? ''),
    });
  },
};
