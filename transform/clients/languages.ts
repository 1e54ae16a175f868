// Package managers of other languages: Julia, Elixir and Erlang, Perl, R, Dart, Swift.

import { tri } from '../scan/line-fields.ts';
import { productGrammar, whole, type Product } from './products.ts';

const R_PLATFORM = String.raw`\((?:R )?<V>[^()]{0,120}\)`;
const ERLANG = String.raw`\((?:httpc|hackney|(?:OTP|Elixir|erts)/<v>)\)`;
const pm = (client: string, pattern: string, ...examples: string[]): Product => ({
  client,
  kind: 'package_manager',
  pattern: whole(pattern),
  examples,
});

// Julia sends its CI variables in a header of its own (LineFields.ci), not here.
export const julia = productGrammar('julia', [
  pm(
    'julia',
    '(?:lib)?curl/<v>(?: <P>){0,12} julia/<V>(?: <P>){0,4}',
    'curl/8.6.0 julia/1.11.3',
    'libcurl/8.4.0 LibSSH2/1.11.0 julia/1.10.8',
  ),
  pm('julia', String.raw`Pkg\.jl(?:/<V>)?(?: \([^()]{1,100}\))?`, 'Pkg.jl (https://github.com/JuliaLang/Pkg.jl)'),
]);

export const beam = productGrammar('beam', [
  {
    client: 'hex',
    kind: 'package_manager',
    pattern: whole(String.raw`Hex/<V> \(Elixir/<v>\) \(OTP/<v>\)( \(CI\))?`),
    evidence: ([, , flag]) => ({ ci: flag === undefined ? tri.UNKNOWN : tri.TRUE }),
    examples: [
      ['Hex/2.1.1 (Elixir/1.18.2) (OTP/27.2)', { version: '2.1.1', ci: tri.UNKNOWN }],
      ['Hex/2.2.0 (Elixir/1.18.2) (OTP/27.2) (CI)', { ci: tri.TRUE }],
    ],
  },
  pm('mix', `Mix/<V>(?: ${ERLANG}){0,4}`, 'Mix/1.18.2'),
  pm(
    'rebar3',
    String.raw`(?:Rebar/|rebar3/|hex_core/<v> \(rebar3/)<V>\)?(?: ${ERLANG}){0,4}`,
    'Rebar/3.24.0 (OTP/27)',
    'rebar3/3.24.0',
    'hex_core/0.10.1 (rebar3/3.24.0) (httpc) (OTP/27) (erts/15.2)',
  ),
  pm(
    'hex-core',
    String.raw`hex_core/<V> \((?:httpc|hackney|gun|finch|mint)\) \(OTP/<v>\)(?: \(erts/<v>\))?`,
    'hex_core/0.11.0 (httpc) (OTP/27) (erts/15.2)',
  ),
  pm('gleam', 'gleam/<V>', 'gleam/1.8.0'),
]);

export const perl = productGrammar('perl', [
  pm(
    'cpan',
    '(?:CPAN|CPAN::HTTP::Client|CPANPLUS)/<V>(?: <P>){0,4}',
    'CPAN/2.38',
    'CPAN::HTTP::Client/1.9602',
    'CPANPLUS/0.9914',
  ),
  pm(
    'cpanm',
    '(?:cpanm|cpanminus|App::cpanminus)/<V>(?: <P>){0,4}',
    'cpanminus/1.7048 perl/5.040001',
    'cpanm/1.7048',
    'App::cpanminus/1.7048',
  ),
  pm('cpm', '(?:cpm|App::cpm)/<V>(?: <P>){0,4}', 'cpm/0.997017 perl/5.040001', 'App::cpm/0.997017'),
]);

export const r = productGrammar('r', [
  {
    client: 'r',
    kind: 'package_manager',
    // The CI setup of r-lib/actions adds ` on GitHub Actions`.
    pattern: whole(String.raw`(?:R/<v> )?R ${R_PLATFORM}( on GitHub Actions)?`),
    evidence: ([, , onActions]) => (onActions === undefined ? {} : { ci: tri.TRUE, ciProvider: 'github-actions' }),
    examples: [
      ['R (4.4.2 x86_64-pc-linux-gnu x86_64 linux-gnu)', { version: '4.4.2', ci: tri.UNKNOWN }],
      'R/4.4.2 R (4.4.2 aarch64-apple-darwin20 aarch64 darwin20)',
      [
        'R/4.4.2 R (4.4.2 x86_64-pc-linux-gnu x86_64 linux-gnu) on GitHub Actions',
        { ci: tri.TRUE, ciProvider: 'github-actions' },
      ],
    ],
  },
  pm(
    'rstudio',
    String.raw`(?:RStudio|Posit) (?:Desktop|Server|Workbench)(?: Pro)? \([^()]{1,60}\)(?:; R <C>)?`,
    'RStudio Desktop (2024.12.0.467); R (4.4.2 x86_64-w64-mingw32 x86_64 mingw32)',
    'Posit Workbench (2024.12.0)',
  ),
  pm(
    'renv',
    String.raw`renv(?:/| \()<V>\)?(?:[;,]? R <C>)?`,
    'renv/1.1.1',
    'renv (1.1.1); R (4.4.2 x86_64-pc-linux-gnu x86_64 linux-gnu)',
  ),
  pm(
    'pak',
    String.raw`(?:R/<v> R <C> )?pak/<V>(?: <P>){0,4}`,
    'pak/0.8.0',
    'R/4.4.2 R (4.4.2 x86_64-pc-linux-gnu x86_64 linux-gnu) pak/0.8.0',
  ),
  pm('rspm', 'rspm/<V>(?: <P>){0,4}', 'rspm/0.6.0'),
]);

export const dart = productGrammar('dart', [
  pm('pub', String.raw`Dart pub <V>(?: \([^()]{1,60}\))?`, 'Dart pub 3.7.0'),
]);

export const swift = productGrammar('swift', [
  pm(
    'swiftpm',
    '(?:SwiftPackageManager|SwiftPM|swiftpm|swift-package-manager)/<V>(?: <P>){0,4}',
    'SwiftPackageManager/6.0.3',
    'SwiftPM/5.10',
    'swift-package-manager/6.0',
  ),
  pm('cocoapods', 'CocoaPods/<V>(?: <P>){0,4}', 'CocoaPods/1.16.2 cocoapods-downloader/2.1'),
]);
