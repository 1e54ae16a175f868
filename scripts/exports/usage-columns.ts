// The columns of an export's usage (sql/queries/export/usage.sql), with their types in Parquet.

import { type DataColumn } from './data-dictionary.ts';

const text = 'String';
const count = 'Int64';

export const usageColumns: Readonly<Record<string, DataColumn>> = {
  day: { type: 'Date32', says: 'Day on which the requests occurred, UTC' },
  booked_day: { type: 'Date32', says: 'Day on which they are booked; months sum by it' },
  org_id: { type: text, says: 'The organisation' },
  ecosystem: { type: text, says: 'purl type, or the registry’s own name' },
  package: { type: text, says: 'Normalised package name with its namespace; empty where the path names none' },
  version: { type: text, says: 'Version as the path writes it' },
  artifact: { type: text, says: 'artifact, metadata, index, signature, tool, other' },
  requester_class: { type: text, says: 'Kind of program (docs/METHODOLOGY.md)' },
  client: { type: text, says: 'The tool that made the requests' },
  ci: { type: 'Nullable(Bool)', says: 'Ran in CI; null: not known' },
  team: { type: text, says: 'Name of the token that the usage carried; empty: no token' },
  evidence_tier: { type: text, says: 'Tier of the evidence, E1 … E7 (docs/GLOSSARY.md)' },
  requests: { type: count, says: 'Requests; negative rows take requests back' },
  downloads: { type: count, says: 'Requests that count as downloads' },
  bytes: { type: count, says: 'Bytes sent by the edge' },
  repeat_downloads: { type: count, says: 'Downloads of a file that the same network had fetched before on that day' },
  repeat_bytes: { type: count, says: 'Their bytes: an upper bound of what a cache would have saved' },
  partials: { type: count, says: 'Transfers of a part of a file' },
  methodology_version: { type: 'UInt16', says: 'Version of the rules by which the row was counted' },
};
