// The truth beside the logs: the true meaning of every line, summed by day, or written line by line.

import { artifactKinds } from '../../transform/packages/ecosystem.ts';
import type { Catalogue } from './catalogue.ts';
import { evidenceKinds } from './population.ts';
import { fragmentOf, NOTHING, type Fragment, type TextBuffer } from './text-buffer.ts';
import type { ObjectWriter, Table } from './object-file.ts';
import { DAY_MS, dayOf } from '../../transform/periods.ts';

/** The truth about one line that is a request. */
export interface RequestTruth {
  occurredAt_ms: number;
  resource: number;
  address: number;
  isDownload: boolean;
  bytes: number;
}

export const totalsColumns = [
  'day',
  'source',
  'ecosystem',
  'organisation',
  'requester_class',
  'evidence',
  'requests',
  'downloads',
  'bytes',
] as const;

export interface TotalsKeys {
  /** [name, ecosystem] of each source. */
  readonly sources: readonly (readonly [name: string, ecosystem: string])[];
  /** Organisation ids; the first is '' for none. */
  readonly organisations: readonly string[];
  readonly classes: readonly string[];
}

/** Sums of one day: index ((source × organisations + organisation) × classes + class) × evidence kinds + evidence. */
class DayTotals {
  readonly requests: Float64Array;
  readonly downloads: Float64Array;
  readonly bytes: Float64Array;

  constructor(cells: number) {
    this.requests = new Float64Array(cells);
    this.downloads = new Float64Array(cells);
    this.bytes = new Float64Array(cells);
  }

  clear(): void {
    this.requests.fill(0);
    this.downloads.fill(0);
    this.bytes.fill(0);
  }
}

/** Sums by day of occurrence. Two days are open at once: the present one, and the day before for its late lines. */
export class Totals {
  private readonly keys: TotalsKeys;
  private readonly table: Table;
  private previous: DayTotals;
  private current: DayTotals;
  private day = '';
  private previousDay = '';
  private dayStart_ms = 0;
  readonly byClass: DayTotals;

  constructor(keys: TotalsKeys, table: Table) {
    this.keys = keys;
    this.table = table;
    const cells = keys.sources.length * keys.organisations.length * keys.classes.length * evidenceKinds.length;
    this.previous = new DayTotals(cells);
    this.current = new DayTotals(cells);
    this.byClass = new DayTotals(keys.classes.length);
  }

  /** Closes the day before the present one, and opens the next. */
  openDay(start_ms: number): void {
    this.writePrevious();
    [this.previous, this.current] = [this.current, this.previous];
    this.previousDay = this.day;
    this.day = dayOf(start_ms);
    this.dayStart_ms = start_ms;
  }

  add(source: number, organisation: number, requesterClass: number, evidence: number, truth: RequestTruth): void {
    const { classes, organisations } = this.keys;
    const cell =
      ((source * organisations.length + organisation) * classes.length + requesterClass) * evidenceKinds.length +
      evidence;
    const day = truth.occurredAt_ms < this.dayStart_ms ? this.previous : this.current;
    day.requests[cell]++;
    day.bytes[cell] += truth.bytes;
    this.byClass.requests[requesterClass]++;
    this.byClass.bytes[requesterClass] += truth.bytes;
    if (truth.isDownload) {
      day.downloads[cell]++;
      this.byClass.downloads[requesterClass]++;
    }
  }

  private writePrevious(): void {
    const { sources, organisations, classes } = this.keys;
    const { requests, downloads, bytes } = this.previous;
    let cell = 0;
    for (const [source, ecosystem] of sources)
      for (const organisation of organisations)
        for (const requesterClass of classes)
          for (const evidence of evidenceKinds) {
            if (requests[cell] > 0) {
              this.table.row([this.previousDay, source, ecosystem, organisation, requesterClass, evidence,
                requests[cell], downloads[cell], bytes[cell]]); // prettier-ignore
            }
            cell++;
          }
    this.previous.clear();
  }

  close(): void {
    this.openDay(this.dayStart_ms + DAY_MS);
    this.openDay(this.dayStart_ms + DAY_MS);
    this.table.close();
  }
}

const LINE_HEADER = fragmentOf(
  'line,fate,occurred_at,organisation,requester_class,evidence,ecosystem,package,version,artifact,is_download,bytes,is_duplicate\n',
);
const [EXCLUDED, QUARANTINED] = [fragmentOf(',excluded,,,,,,,,,,,\n'), fragmentOf(',quarantined,,,,,,,,,,,\n')];
const REQUEST = fragmentOf(',request,');
const [TRUE, FALSE] = [fragmentOf('true'), fragmentOf('false')];
const LETTER_T = 84;
const COMMA = 44;

/** Writes the truth of each line of an object into a gzip object beside the log's. */
export class LineTruth {
  private readonly writer: ObjectWriter;
  private readonly organisations: readonly Fragment[];
  private readonly classes: readonly Fragment[];
  private readonly evidence = evidenceKinds.map(fragmentOf);
  private readonly kinds = artifactKinds.map(fragmentOf);
  private number = 0;

  constructor(writer: ObjectWriter, keys: TotalsKeys) {
    this.writer = writer;
    this.organisations = keys.organisations.map(fragmentOf);
    this.classes = keys.classes.map(fragmentOf);
  }

  open(path: string): void {
    this.writer.open(path);
    this.writer.text.fragment(LINE_HEADER);
    this.number = 0;
  }

  other(fate: 'excluded' | 'quarantined'): void {
    const { text } = this.writer;
    text.decimal(++this.number);
    text.fragment(fate === 'excluded' ? EXCLUDED : QUARANTINED);
    this.writer.endLine();
  }

  request(
    truth: RequestTruth,
    organisation: number,
    requesterClass: number,
    evidence: number,
    ecosystem: Fragment,
    { packageOf, versionOf, packages, versions, kind }: Catalogue,
    isDuplicate: boolean,
  ): void {
    const { text } = this.writer;
    const { resource } = truth;
    const pkg = packageOf[resource];
    const version = versionOf[resource];
    text.decimal(++this.number);
    text.fragment(REQUEST);
    text.isoTime(truth.occurredAt_ms, LETTER_T);
    text.byte(46);
    text.three(truth.occurredAt_ms % 1000);
    text.byte(90);
    this.field(text, this.organisations[organisation]);
    this.field(text, this.classes[requesterClass]);
    this.field(text, this.evidence[evidence]);
    this.field(text, ecosystem);
    this.field(text, pkg < 0 ? NOTHING : fragmentOf(packages[pkg].name));
    this.field(text, version < 0 ? NOTHING : fragmentOf(versions[version]));
    this.field(text, this.kinds[kind[resource]]);
    this.field(text, truth.isDownload ? TRUE : FALSE);
    text.byte(COMMA);
    text.decimal(truth.bytes);
    this.field(text, isDuplicate ? TRUE : FALSE);
    text.byte(10);
    this.writer.endLine();
  }

  private field(text: TextBuffer, value: Fragment): void {
    text.byte(COMMA);
    text.fragment(value);
  }

  close(): void {
    this.writer.close();
  }
}
