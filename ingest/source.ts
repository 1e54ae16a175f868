// A configured source made ready: its format, its way from path to ecosystem, and the transform for its lines.

import { Fault } from '../sql/fault.ts';
import { BatchBuilder, type BatchLimits } from '../transform/batch-builder.ts';
import { type ResolvePath } from '../transform/classifier.ts';
import { detectFormat, formatByName, formats } from '../transform/formats/index.ts';
import { type Format, type FormatOptions, type LineParser } from '../transform/formats/format.ts';
import { ecosystemByName, queriedPathsFor, resolverFor } from '../transform/packages/index.ts';
import { type Rulebook } from './rulebook.ts';

export interface SourceSpec {
  readonly name: string;
  /** A format's name, or 'auto'. */
  readonly format: string;
  readonly ecosystem?: string;
  readonly hosts?: Readonly<Record<string, string>>;
  readonly pathPrefix?: string;
  readonly formatOptions?: FormatOptions;
  readonly tokenQueryParameter?: string;
}

export class Source {
  readonly spec: SourceSpec;
  private readonly rulebook: Rulebook;
  private readonly limits: BatchLimits;
  private readonly resolve: ResolvePath;

  /** @throws Fault(usage) for a format or an ecosystem that does not exist */
  constructor(spec: SourceSpec, rulebook: Rulebook, limits: BatchLimits) {
    if (spec.format !== 'auto' && formatByName(spec.format) === undefined)
      throw new Fault(
        'usage',
        `source ${spec.name}: there is no format '${spec.format}'`,
        `Formats: auto, ${formats.map(({ name }) => name).join(', ')}`,
      );
    for (const name of [spec.ecosystem, ...Object.values(spec.hosts ?? {})])
      if (name !== undefined && ecosystemByName(name) === undefined)
        throw new Fault(
          'usage',
          `source ${spec.name}: there is no ecosystem '${name}'`,
          'docs/COVERAGE.md lists them.',
        );
    this.spec = spec;
    this.rulebook = rulebook;
    this.limits = limits;
    this.resolve = resolverFor({ ecosystem: spec.ecosystem, hosts: spec.hosts, pathPrefix: spec.pathPrefix });
  }

  /**
   * The format of a stream: the configured one, or the one its first lines show.
   * @throws Fault(inputRefused) with the first line, where no format fits
   */
  formatOf(sample: Uint8Array, where: string): Format {
    if (this.spec.format !== 'auto') return formatByName(this.spec.format)!;
    const detected = detectFormat(sample);
    if (detected !== undefined) return detected.format;
    const firstLine = new TextDecoder()
      .decode(sample.subarray(0, 4096))
      .split('\n')
      .find((line) => line.trim() !== '');
    // Nothing but blank lines reads the same in every format.
    if (firstLine === undefined) return formatByName('nginx-edge')!;
    throw new Fault(
      'inputRefused',
      `${where}: no known format fits; its first line is\n  ${firstLine.slice(0, 300)}`,
      'Name the format with --format, or describe the fields of a JSON feed in fairshare.yaml (docs/FORMATS.md).',
    );
  }

  /** A transform for one stream of lines; formats may hold state that its directives set. */
  builder(format: Format, positions: 'bytes' | 'messages' = 'bytes'): BatchBuilder {
    const { ecosystem, tokenQueryParameter } = this.spec;
    return new BatchBuilder({
      parser: this.parserOf(format),
      resolve: this.resolve,
      hostMatters: ecosystem === undefined,
      queriedPaths: queriedPathsFor(this.spec),
      networks: this.rulebook.networks,
      tokens: { idOf: this.rulebook.tokenIdOf, queryParameter: tokenQueryParameter },
      limits: this.limits,
      positions,
    });
  }

  /** A transform for the messages of a topic's partition. @throws Fault(inputRefused) where no format fits the first one */
  messages(sample: Uint8Array, where: string): BatchBuilder {
    return this.builder(this.formatOf(sample, where), 'messages');
  }

  /** @throws Fault(usage) where the format cannot take the source's fields */
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
