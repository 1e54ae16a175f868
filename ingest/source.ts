// A configured source, ready for use: its format, its resolver from path to ecosystem, and the transform for its lines.

import { Fault } from '../transform/fault.ts';
import { BatchBuilder, type BatchCounts, type BatchLimits } from '../transform/batch-builder.ts';
import { type ResolvePath } from '../transform/classifier.ts';
import { detectFormat, formatByName, formats } from '../transform/formats/index.ts';
import { type Format, type FormatOptions, type LineParser } from '../transform/formats/format.ts';
import { OTHER_ECOSYSTEM, ecosystemByName, queriedPathsFor, resolverFor } from '../transform/packages/index.ts';
import { reason } from '../transform/outcome.ts';
import { type TokenRule } from '../transform/request-reader.ts';
import { concealer } from '../transform/scan/conceal.ts';
import { shapeOf } from '../transform/scan/shape.ts';
import { LineFields } from '../transform/scan/line-fields.ts';
import { type Rulebook } from './rulebook.ts';
import { RequestReplay } from '../transform/request-replay.ts';
import { sha256 } from '../sql/sha256.ts';
import { isCredentials, isOwnToken, secretsIn } from '../transform/credentials.ts';

/** Replaces a token in stored lines. It has only letters that tokens may have, so that such a line can be read again. */
const TOKEN_MARKER = /^sha256-([0-9a-f]{64})$/;

/** Replaces credentials without a token. */
const CONCEALED = 'credentials';

/** If at least this many lines at the very beginning of an object or a partition are unreadable, the format is wrong. */
const FORMAT_SAMPLE_LINES = 20;

/** True if the first batch shows that the format is wrong. */
export const fitsNothing = ({ requests, excluded, quarantined }: BatchCounts): boolean =>
  requests === 0 && quarantined >= FORMAT_SAMPLE_LINES && quarantined > excluded;

/**
 * The shape of the first line that is not blank, for messages; undefined if all are blank. A message must not show the line itself, because
 * it has an address.
 */
export function firstLineOf(sample: Uint8Array): string | undefined {
  const line = new TextDecoder()
    .decode(sample.subarray(0, 4096))
    .split('\n')
    .find((text) => text.trim() !== '');
  return line === undefined ? undefined : shapeOf(line.slice(0, 300));
}

export interface SourceSpec {
  readonly name: string;
  /** A format's name, or 'auto'. */
  readonly format: string;
  readonly ecosystem?: string;
  readonly hosts?: Readonly<Record<string, string>>;
  readonly pathPrefix?: string;
  readonly formatOptions?: FormatOptions;
  readonly tokenQueryParameter?: string;
  /** Word before a token in the user agent; undefined: 'fairshare-token'. */
  readonly tokenUserAgentKey?: string;
  /** How much later than its log was seen a line may be: clocks differ. Default: DEFAULT_TOLERANCE_MS */
  readonly tolerance_ms?: number;
}

export const DEFAULT_TOLERANCE_MS = 600_000;

/**
 * The latest time that a line of a log can have.
 * @param written_ms times by which the log was written: when it was modified, when it was first seen
 */
export const latestTime_ms = (
  { tolerance_ms = DEFAULT_TOLERANCE_MS }: Pick<SourceSpec, 'tolerance_ms'>,
  ...written_ms: readonly number[]
): number => Math.max(...written_ms) + tolerance_ms;

/** Two lines or more that only CR ends. CRLF is read as LF is. */
function endsLinesWithCr(sample: Uint8Array): boolean {
  const first = sample.indexOf(0x0d);
  return first >= 0 && !sample.includes(0x0a) && sample.subarray(first + 1).some((byte) => byte > 0x20);
}

export class Source {
  readonly spec: SourceSpec;
  private readonly rulebook: Rulebook;
  private readonly limits: BatchLimits;
  private readonly resolve: ResolvePath;
  private readonly tokenKeys: readonly string[];
  private readonly onDetected: ((format: Format, where: string) => void) | undefined;
  private readonly idle = new Map<Format, BatchBuilder[]>();
  private readonly detected = new Set<Format>();

  /**
   * @param onDetected receives the choice of `auto`, once for each format
   * @throws Fault(usage) if the format or an ecosystem does not exist
   */
  constructor(
    spec: SourceSpec,
    rulebook: Rulebook,
    limits: BatchLimits,
    onDetected?: (format: Format, where: string) => void,
  ) {
    if (spec.format !== 'auto' && formatByName(spec.format) === undefined)
      throw new Fault(
        'usage',
        `source ${spec.name}: there is no format '${spec.format}'`,
        `Formats: auto, ${formats.map(({ name }) => name).join(', ')}`,
      );
    for (const name of [spec.ecosystem, ...Object.values(spec.hosts ?? {})])
      if (name !== undefined && name !== OTHER_ECOSYSTEM && ecosystemByName(name) === undefined)
        throw new Fault(
          'usage',
          `source ${spec.name}: there is no ecosystem '${name}'`,
          'docs/COVERAGE.md lists them.',
        );
    this.spec = spec;
    this.rulebook = rulebook;
    this.limits = limits;
    this.onDetected = onDetected;
    this.resolve = resolverFor({ ecosystem: spec.ecosystem, hosts: spec.hosts, pathPrefix: spec.pathPrefix });
    const { tokenQueryParameter = '', tokenUserAgentKey = '', formatOptions } = spec;
    const names = [
      tokenQueryParameter,
      tokenUserAgentKey,
      'request_token',
      formatOptions?.fields?.token?.split('.').at(-1) ?? '',
    ];
    // A number is a column of a table: it does not appear in the text of a line.
    this.tokenKeys = [...new Set(names)].filter((name) => /[a-z]/i.test(name));
  }

  /**
   * The format of an object: the configured one, or the one detected from its first lines.
   * @throws Fault(inputRefused) if its lines end with CR alone; or with the shape of the first line, if no format fits
   */
  formatOf(sample: Uint8Array, where: string): Format {
    if (endsLinesWithCr(sample))
      throw new Fault(
        'inputRefused',
        `${where}: its lines end with CR alone`,
        "Write it with line feeds and load it again: tr '\\r' '\\n' < FILE > NEW.",
      );
    return this.formatOfLines(sample, where);
  }

  private formatOfLines(sample: Uint8Array, where: string): Format {
    if (this.spec.format !== 'auto') return formatByName(this.spec.format)!;
    const detected = detectFormat(sample);
    if (detected !== undefined) {
      const { format } = detected;
      if (!this.detected.has(format)) this.onDetected?.(format, where);
      this.detected.add(format);
      return format;
    }
    const firstLine = firstLineOf(sample);
    // Every format reads blank lines alike.
    if (firstLine === undefined) return formatByName('nginx-edge')!;
    throw new Fault(
      'inputRefused',
      `${where}: no known format fits; its first line has the shape (x: a letter, 9: a digit)\n  ${firstLine}`,
      'Name the format with --format, or describe the fields of a JSON feed in fairshare.yaml (docs/FORMATS.md).',
    );
  }

  /**
   * A transform for one stream of lines; formats may keep state that directives set.
   * @param origin quarantine: its lines were stored before, with markers in place of tokens
   */
  builder(
    format: Format,
    positions: 'bytes' | 'messages' = 'bytes',
    origin: 'log' | 'quarantine' = 'log',
  ): BatchBuilder {
    return new BatchBuilder({
      ...this.reading(format),
      networks: this.rulebook.networks,
      methodology: this.rulebook.methodology,
      tokens: this.tokenRule(origin),
      limits: this.limits,
      positions,
    });
  }

  /** Reads objects for their requests one by one, and stores nothing. */
  replay(format: Format): RequestReplay {
    const { networks, methodology } = this.rulebook;
    return new RequestReplay({
      ...this.reading(format),
      networks,
      methodology,
      tokens: this.tokenRule('log'),
      maxLine_bytes: this.limits.maxLine_bytes,
    });
  }

  private reading(format: Format) {
    const { ecosystem, hosts = {} } = this.spec;
    return {
      parser: this.parserOf(format),
      resolve: this.resolve,
      hostMatters: ecosystem === undefined && Object.keys(hosts).length > 0,
      queriedPaths: queriedPathsFor(this.spec),
    };
  }

  /** A transform for one object. Give it back when the object is read to its end, so that the next object can use its memory. */
  take(format: Format): BatchBuilder {
    return this.idle.get(format)?.pop() ?? this.builder(format);
  }

  giveBack(format: Format, builder: BatchBuilder): void {
    // A parser that has read directives would apply them to the next object.
    if (this.readsDirectives(format)) return;
    const idle = this.idle.get(format);
    if (idle === undefined) this.idle.set(format, [builder]);
    else idle.push(builder);
  }

  /** A transform for the messages of a topic's partition. @throws Fault(inputRefused) if no format fits the first one */
  messages(sample: Uint8Array, where: string): BatchBuilder {
    return this.builder(this.formatOfLines(sample, where), 'messages');
  }

  /** Markers are accepted in quarantined lines only, because a client may know a token's hash without the token. */
  private tokenRule(origin: 'log' | 'quarantine'): TokenRule {
    const { tokenIdOf, tokenIdOfSha256 } = this.rulebook;
    const hashOf = (text: string) => (origin === 'log' ? undefined : TOKEN_MARKER.exec(text)?.[1]);
    return {
      queryParameter: this.spec.tokenQueryParameter,
      userAgentKey: this.spec.tokenUserAgentKey,
      idOf: (token) => {
        const sha256 = hashOf(token);
        return sha256 === undefined ? tokenIdOf(token) : (tokenIdOfSha256?.(sha256) ?? null);
      },
      conceal: concealer({
        keys: this.tokenKeys,
        markerOf: (value) => {
          if (hashOf(value) !== undefined || value === CONCEALED) return value;
          const secrets = secretsIn(value);
          if (!isCredentials(value)) return `sha256-${sha256(value)}`;
          // The hash of a person's password could be guessed, so only tokens are hashed.
          const token = secrets.find((secret) => isOwnToken(secret) || tokenIdOf(secret) !== null);
          return token === undefined ? CONCEALED : `sha256-${sha256(token)}`;
        },
      }),
    };
  }

  /** Whether the meaning of lines depends on a directive before them: alone they cannot be read. */
  readsDirectives(format: Format): boolean {
    const line = new TextEncoder().encode('#Fields: date time');
    return this.parserOf(format).parse(line, 0, line.length, new LineFields()) === reason.directive;
  }

  /** @throws Fault(usage) if the format cannot use the source's fields */
  private parserOf(format: Format): LineParser {
    try {
      return format.parser(this.spec.formatOptions);
    } catch (cause) {
      throw new Fault(
        'usage',
        `source ${this.spec.name}, format ${format.name}: ${(cause as Error).message}`,
        'docs/FORMATS.md shows how a feed is described in fairshare.yaml.',
        { cause },
      );
    }
  }
}
