// Rust's toolchains as rustup fetches them: /dist/[DATE/]COMPONENT-RELEASE[-TARGET].EXT, and rustup itself.
//
// The package is the component (rustc, rust-std, cargo; rust contains all). The version is the release. A moving channel is
// named with the folder's date, as rustup names toolchains: nightly-2024-02-01.

import { type Ecosystem } from './ecosystem.ts';
import { artifact, fileOf, index, metadata, other, segmentsOf, signature, tool, withoutSuffix } from './paths.ts';

const archives = ['.tar.xz', '.tar.gz', '.tar.zst', '.msi', '.pkg'];
const date = /^\d{4}-\d{2}-\d{2}$/;
const channels = new Set(['nightly', 'beta', 'stable']);
const isRelease = (field: string): boolean => channels.has(field) || /^\d+\.\d+(?:\.\d+)?$/.test(field);
const isPrerelease = (field = ''): boolean => /^(?:alpha|beta)(?:\.\d+)?$/.test(field);

const withDate = (release: string, day: string): string =>
  channels.has(release) && day !== '' ? `${release}-${day}` : release;

/** `rust-std-1.75.0-x86_64-unknown-linux-gnu` → ['rust-std', '1.75.0'] */
function splitComponent(stem: string): [string, string] | undefined {
  const fields = stem.split('-');
  const at = fields.findIndex((field, i) => i > 0 && isRelease(field));
  if (at < 0) return undefined;
  const release =
    !channels.has(fields[at]) && isPrerelease(fields[at + 1]) ? `${fields[at]}-${fields[at + 1]}` : fields[at];
  return [fields.slice(0, at).join('-'), release];
}

/** Names that /dist/ of another registry is unlikely to have. */
const components =
  /^(?:rust(?:c|fmt)?|rust-[\w-]+|rustc-[\w-]+|rustfmt-preview|cargo|(?:clippy|miri|rls|llvm-tools)(?:-preview)?)$/;

export const rustToolchain: Ecosystem = {
  name: 'rust-toolchain',
  title: 'Rust toolchain',

  resolve(path) {
    const segments = segmentsOf(path);
    const file = fileOf(path);
    const signed = withoutSuffix(file, ['.sha256', '.asc']);
    const subject = signed ?? file;

    if (segments[0] === 'rustup') {
      const version = segments[1] === 'archive' ? (segments[2] ?? '') : '';
      if (/^rustup-(?:init|setup)(?:\.exe|\.sh)?$/.test(subject))
        return signed === undefined ? tool('rustup-init', version, file) : signature('rustup-init', version, file);
      return /^release-\w+\.toml$/.test(file) ? metadata('rustup-init') : other;
    }
    if (segments[0] !== 'dist') return path === '/manifests.txt' ? index() : other;

    const day = date.test(segments[1] ?? '') ? segments[1] : '';
    const manifest = /^(?:multirust-)?channel-rust-([\w.-]+?)(?:\.toml|-date\.txt|-git-commit-hash\.txt)?$/.exec(
      subject,
    )?.[1];
    if (manifest !== undefined) {
      const version = withDate(manifest, day);
      return signed === undefined ? metadata('rust', version) : signature('rust', version, file);
    }
    const split = splitComponent(withoutSuffix(subject, archives) ?? '');
    if (split === undefined || !/^[a-z][a-z0-9_-]*$/.test(split[0])) return other;
    const version = withDate(split[1], day);
    return signed === undefined ? artifact(split[0], version, file) : signature(split[0], version, file);
  },

  claims(path) {
    if (/^\/rustup\/(?:dist|archive)\//.test(path) || path === '/rustup/release-stable.toml') return true;
    return path.startsWith('/dist/') && components.test(rustToolchain.resolve(path, '').package);
  },
};
