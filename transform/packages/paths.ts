// Functions of all ecosystems to read a path: decode, split, and one constructor per kind of resource. Each function is total and
// takes linear time on any input; nothing here knows a registry.

import { downloadRules, type DownloadRule, type Resource } from './ecosystem.ts';

const { never, get200 } = downloadRules;

/** One UTF-8 sequence in percent-escapes, by the length that its first byte announces. */
const escapedCharacter =
  /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi;

/** Percent-decodes once. An escape that is malformed or not UTF-8 stays as written; `%252B` gives `%2B`. */
export function decodeOnce(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(escapedCharacter, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped; // overlong, a surrogate, or beyond U+10FFFF
    }
  });
}

/** `//a///b` → `/a/b`, because servers serve both alike, and no registry's rule has an empty segment. */
export const collapseSlashes = (path: string): string => path.replace(/\/{2,}/g, '/');

/** `/a/b` and `/a/b/` → ['a', 'b']; `/` → []. */
export function segmentsOf(path: string): string[] {
  const end = path.endsWith('/') ? path.length - 1 : path.length;
  return end <= 1 ? [] : path.slice(1, end).split('/');
}

/** The last path segment; '' for a directory. */
export const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `text` without the first of `suffixes` that ends it and is not the whole; undefined if there is none. */
export function withoutSuffix(text: string, suffixes: readonly string[]): string | undefined {
  const suffix = suffixes.find((s) => text.length > s.length && text.endsWith(s));
  return suffix === undefined ? undefined : text.slice(0, -suffix.length);
}

/** [before, after] the first `separator`, both not empty; undefined otherwise. */
export function splitFirst(text: string, separator: string): [string, string] | undefined {
  const at = text.indexOf(separator);
  return at < 1 || at === text.length - 1 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}

/** `1.2`, `v1.2.3`, `1.2_03`: a version that has at least one point. */
const dottedNumber = /^v?\d[\w]*(?:\.\w+)+$/;

/**
 * Splits `NAME-VERSION` if both may contain hyphens: at the last hyphen that only a version follows. A bare integer there, after
 * another version, is that version's post-release (`foo-1.0-1` is 1.0-1, as PEP 440 reads it).
 * @param isVersion must fail early on text after a version, so that trying each hyphen stays linear
 */
export function splitAtVersion(stem: string, isVersion: (text: string) => boolean): [string, string] | undefined {
  for (let at = stem.lastIndexOf('-'); at > 0; at = stem.lastIndexOf('-', at - 1)) {
    if (!isVersion(stem.slice(at + 1))) continue;
    const before = stem.lastIndexOf('-', at - 1);
    const isPostRelease =
      before > 0 &&
      /^\d+$/.test(stem.slice(at + 1)) &&
      dottedNumber.test(stem.slice(before + 1, at)) &&
      isVersion(stem.slice(before + 1));
    const cut = isPostRelease ? before : at;
    return [stem.slice(0, cut), stem.slice(cut + 1)];
  }
  return undefined;
}

/** Semantic Versioning 2.0.0. */
export const semver =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

/** A query's value by key, decoded; '' if absent. */
export const queryValue = (query: string, key: string): string => new URLSearchParams(query).get(key) ?? '';

export const other: Resource = { package: '', version: '', artifact: 'other', file: '', rule: never };

export const artifact = (name: string, version: string, file: string, rule: DownloadRule = get200): Resource => ({
  package: name,
  version,
  artifact: 'artifact',
  file,
  rule,
});

export const metadata = (name = '', version = '', rule: DownloadRule = never): Resource => ({
  package: name,
  version,
  artifact: 'metadata',
  file: '',
  rule,
});

export const index = (name = ''): Resource => ({
  package: name,
  version: '',
  artifact: 'index',
  file: '',
  rule: never,
});

export const signature = (name: string, version: string, file: string, rule: DownloadRule = never): Resource => ({
  package: name,
  version,
  artifact: 'signature',
  file,
  rule,
});

/** A client or toolchain: not a package of the registry, so no download of one, unless the registry's rule says so. */
export const tool = (name: string, version: string, file: string, rule: DownloadRule = never): Resource => ({
  package: name,
  version,
  artifact: 'tool',
  file,
  rule,
});
