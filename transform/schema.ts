// The only place where columns are named: the tables that a batch is loaded into, with their Arrow and ClickHouse types.
// sql/migrations creates the same columns; a test compares the two.

export interface Column {
  readonly name: string;
  /** Representation in the Arrow stream. */
  readonly arrow: 'dictionary' | 'uint32' | 'uint64' | 'tri' | 'binary';
  /** A zero, or an empty text, leaves a row's hash as it is: rows that were stored before there was the column keep theirs. */
  readonly added?: true;
  /** Type with which the engine reads the Arrow stream. */
  readonly read: string;
}

const text = (name: string): Column => ({ name, arrow: 'dictionary', read: 'String' });
const uint32 = (name: string): Column => ({ name, arrow: 'uint32', read: 'UInt32' });
const uint64 = (name: string): Column => ({ name, arrow: 'uint64', read: 'UInt64' });
/** −1, 0, 1 → NULL, false, true */
const tri = (name: string): Column => ({ name, arrow: 'tri', read: 'Int8' });
const binary = (name: string): Column => ({ name, arrow: 'binary', read: 'String' });

export interface LandingTable {
  readonly name: 'usage_batch' | 'rate_batch' | 'quarantine';
  readonly columns: readonly Column[];
}

/** Hour × every dimension × network × file × what the client says of its machine × class of status. `hour` is seconds since the epoch. */
export const usageBatch: LandingTable = {
  name: 'usage_batch',
  columns: [
    uint32('row'),
    uint32('hour'),
    text('ecosystem'),
    text('package'),
    text('version'),
    text('artifact'),
    text('file'),
    text('requester_class'),
    text('identity'),
    text('client'),
    tri('ci'),
    text('ci_provider'),
    tri('container'),
    text('rule_id'),
    uint64('evidence_set'),
    text('country'),
    text('network'),
    uint64('requests'),
    uint64('downloads'),
    uint64('bytes'),
    uint64('download_bytes'),
    uint64('max_download_bytes'),
    { ...uint64('partials'), added: true },
    { ...text('client_facets'), added: true },
    { ...text('file_type'), added: true },
    { ...text('status'), added: true },
  ],
};

/** Five minutes × evidence set × network. `slot` is seconds since the epoch. */
export const rateBatch: LandingTable = {
  name: 'rate_batch',
  columns: [
    uint32('row'),
    uint32('slot'),
    uint64('evidence_set'),
    text('network'),
    uint64('requests'),
    uint64('bytes'),
  ],
};

/** Lines that could not be read. `position` counts from the start of the object's or message's bytes. */
export const quarantine: LandingTable = {
  name: 'quarantine',
  columns: [uint32('row'), uint64('position'), text('reason'), uint32('line_bytes'), binary('line')],
};
