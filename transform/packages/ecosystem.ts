// The shape of an ecosystem's rules: path → package, version, artifact kind. To add one: a file beside this one that
// exports an Ecosystem, and a line in index.ts.

/** The kind of thing at a path. `tool`: a client or toolchain itself. `other`: none of these (API calls, web pages). */
export const artifactKinds = ['artifact', 'metadata', 'index', 'signature', 'tool', 'other'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/**
 * When a request for the path counts as a download (docs/METHODOLOGY.md). Common to all rules: 206 counts as 200 if the
 * rule admits 200 and the range starts at byte 0 or is unknown; HEAD, 304, 4xx and 5xx never count.
 */
export const downloadRules = {
  never: 0,
  get200: 1,
  /** GET, any 2xx */
  get2xx: 2,
  /** GET, any 2xx, at least 1,024 bytes sent */
  get2xxMin1024: 3,
  /** POST, 200–299 (Packagist's download notification) */
  post2xx: 4,
  /** GET 200, but only for requests before 2026-08-24 (PyPI's .metadata and .asc) */
  get200Before20260824: 5,
} as const;
export type DownloadRule = (typeof downloadRules)[keyof typeof downloadRules];

/** The meaning of one path. Empty strings if the path does not name them. */
export interface Resource {
  /** Normalised package name, with its namespace: `@scope/name`, `group:artifact` is written `group/artifact`, `vendor/name`. */
  readonly package: string;
  /** Version as the path writes it, decoded. */
  readonly version: string;
  readonly artifact: ArtifactKind;
  /** File name of an artifact, signature or tool (last path segment, decoded); '' otherwise. */
  readonly file: string;
  readonly rule: DownloadRule;
  /**
   * `namespace/name` for the package URL, if `package` cannot give it: crates.io treats `-` and `_` as equal but a purl does not,
   * and a CPAN purl needs the author. Identity and grouping never use it.
   */
  readonly purlName?: string;
}

export interface Ecosystem {
  /** purl type if one exists (pypi, npm, cargo, gem, …), else the registry's own name. */
  readonly name: string;
  /** The registry's title, for people: 'PyPI', 'crates.io'. */
  readonly title: string;
  /**
   * Ends of the paths, as logged, whose query names the package (`/api/v1/dependencies?gems=rails`). Queries of other paths
   * never change a resource, and ingest does not store them. Absent: there are none.
   */
  readonly queriedPaths?: readonly string[];
  /**
   * The versions that the registry accepts. A text that a path has in the place of a version, but that the registry refuses, is no
   * version: nobody has published it. Absent: the rules of the paths decide alone, or anything may be a version.
   */
  readonly version?: RegExp;
  /**
   * Path → resource. Total: every path of this registry resolves, at least to `other`.
   * @param path absolute, percent-decoded once, without query and without the source's path prefix
   * @param query without '?', as logged; '' if it is not kept. It may name the package, but never changes the rest.
   */
  resolve(path: string, query: string): Resource;
  /**
   * Whether the path can only be this ecosystem's. The caller resolves a line by its path alone only if exactly one ecosystem
   * claims it. No ecosystem claims generic shapes (`/NAME`).
   */
  claims(path: string): boolean;
}
