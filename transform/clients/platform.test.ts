import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientGrammars, parseUserAgent } from './index.ts';
import { platformOf, platformText, releaseOf } from './platform.ts';

const of = (userAgent: string) => platformText(platformOf(userAgent, parseUserAgent(userAgent, '')));

describe('what a client says of its machine', () => {
  it.each([
    [
      'pip/25.0.1 {"ci":true,"cpu":"x86_64","distro":{"id":"bookworm","libc":{"lib":"glibc","version":"2.36"},"name":"Debian GNU/Linux","version":"12"},"implementation":{"name":"CPython","version":"3.12.9"},"installer":{"name":"pip","version":"25.0.1"},"python":"3.12.9","system":{"name":"Linux","release":"6.8.0-1021-azure"}}',
      '25.0.1|python|3.12|linux|debian|12|x86_64|glibc',
    ],
    [
      'uv/0.9.2 {"installer":{"name":"uv","version":"0.9.2"},"python":"3.13.1","implementation":{"name":"PyPy","version":"7.3"},"distro":{"name":"Alpine Linux","version":"3.21.2","libc":{"lib":"musl","version":"1.2"}},"system":{"name":"Linux"},"cpu":"aarch64"}',
      '0.9.2|pypy|3.13|linux|alpine|3.21|aarch64|musl',
    ],
    [
      'pip/24.2 {"cpu":"arm64","distro":{"name":"macOS","version":"14.5"},"implementation":{"name":"CPython"},"python":"3.11.9","system":{"name":"Darwin","release":"23.5.0"}}',
      '24.2|python|3.11|macos|||aarch64|',
    ],
    ['npm/11.4.0 node/v22.14.0 linux x64 workspaces/false ci/github-actions', '11.4.0|node|22|linux|||x86_64|'],
    ['npm/10.9.2 node/v20.18.2 win32 ia32 workspaces/false', '10.9.2|node|20|windows|||x86|'],
    ['yarn/1.22.22 npm/? node/v20.18.3 darwin arm64', '1.22.22|node|20|macos|||aarch64|'],
    ['Bun/1.2.2', '1.2.2|bun|1.2|||||'],
    ['Apache-Maven/3.9.9 (Java 21.0.6; Linux 6.8.0-1021-azure)', '3.9.9|java|21|linux||||'],
    ['Apache-Maven/3.8.1 (Java 1.8.0_392; Windows 10 10.0)', '3.8.1|java|8|windows||||'],
    [
      'Gradle/8.12.1 (Mac OS X;14.7.2;aarch64) (Amazon.com Inc.;11.0.26;11.0.26+4-LTS)',
      '8.12.1|java|11|macos|||aarch64|',
    ],
    [
      'bundler/2.6.3 rubygems/3.6.3 ruby/3.4.1 (x86_64-pc-linux-gnu) command/install 0f1e2d3c4b5a6978',
      '2.6.3|ruby|3.4|linux|||x86_64|glibc',
    ],
    [
      'Ruby, RubyGems/3.6.3 x86_64-linux-musl Ruby/3.4.1 (2024-12-25 patchlevel 0)',
      '3.6.3|ruby|3.4|linux|||x86_64|musl',
    ],
    ['Composer/2.8.5 (Linux; 6.8.0; PHP 8.3.16; cURL 8.5.0; CI)', '2.8.5|php|8.3|linux||||'],
    ['NuGet .NET Core MSBuild Task/6.14.0 (Linux, CI: GitHub Actions)', '6.14.0|dotnet|9|linux||||'],
    ['NuGet Command Line/6.12.2 (Microsoft Windows NT 10.0.20348.0)', '6.12.2|||windows||||'],
    [
      'conda/24.9.2 requests/2.32.3 CPython/3.12.7 Linux/6.8.0-1021-azure ubuntu/22.04.5 glibc/2.35',
      '24.9.2|python|3.12|linux|ubuntu|22.04||glibc',
    ],
    ['Hex/2.1.1 (Elixir/1.18.2) (OTP/27.2)', '2.1.1|elixir|1.18|||||'],
    ['cpanminus/1.7048 perl/5.040001', '1.7048|perl|5.40|||||'],
    ['R (4.4.2 x86_64-pc-linux-gnu x86_64 linux-gnu)', '4.4.2|r|4.4|linux|||x86_64|glibc'],
    ['cargo/1.86.0-nightly (088d49608 2025-01-10)', '1.86.0-nightly|||||||'],
    ['docker/27.5.1 go/go1.22.11 git-commit/4c9b3b0 kernel/6.8.0 os/linux arch/amd64', '27.5.1|||linux|||x86_64|'],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36',
      '132|||windows|||x86_64|',
    ],
    ['', '|||||||'],
  ])('%s', (userAgent, expected) => {
    expect(of(userAgent)).toBe(expected);
  });

  it('keeps no text that a sender could choose', () => {
    expect(releaseOf('1.2.3-npm_aSecretOfSomebodys')).toBe('1.2.3');
    expect(releaseOf('24.0.dev0+local.build')).toBe('24.0-dev0');
    expect(releaseOf('192.0.2.1')).toBe('192.0.2');
    expect(releaseOf('v2')).toBe('2');
    expect(releaseOf('nightly')).toBe('');
    const names = '[a-z0-9_]*';
    const shape = new RegExp(
      `^(?:\\d[\\d.]*(?:-[a-z]+\\d*)?)?\\|${names}\\|[\\d.]*\\|${names}\\|${names}\\|[\\d.]*\\|${names}\\|${names}$`,
    );
    const agents = clientGrammars.flatMap(({ examples }) => examples.map(({ userAgent }) => userAgent));
    fc.assert(
      fc.property(fc.constantFrom(...agents), fc.string(), fc.nat(200), (agent, text, at) => {
        const userAgent = agent.slice(0, at) + text + agent.slice(at);
        expect(of(userAgent)).toMatch(shape);
      }),
    );
  });

  it('finds the facts however JSON orders them', () => {
    const parts = ['"cpu":"x86_64"', '"python":"3.12.9"', '"system":{"name":"Linux"}', '"new":{"a":[1]}'];
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 4 }), (order) => {
        expect(of(`pip/25.0 {${order.join(',')}}`)).toBe('25.0|python|3.12|linux|||x86_64|');
      }),
    );
  });
});
