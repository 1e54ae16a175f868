// Stage one's output: requests as columns. Typed arrays; repeated values are dictionary codes.

/** Lines of a chunk: few, so that its columns stay in the cache between the stages. */
export const CHUNK_LINES = 8192;

/** Column i of every array is request i; `length` of them are filled. */
export class RequestBatch {
  length = 0;
  /** ms since the epoch, UTC */
  readonly occurredAt = new Float64Array(CHUNK_LINES);
  readonly method = new Uint8Array(CHUNK_LINES);
  readonly status = new Uint16Array(CHUNK_LINES);
  /** bytes sent; −1 not known */
  readonly bytes = new Float64Array(CHUNK_LINES);
  /** the part of the file asked for: one of `ranges` (packages/download.ts) */
  readonly range = new Uint8Array(CHUNK_LINES);
  /** `tri`: CI variables in the log itself */
  readonly ci = new Int8Array(CHUNK_LINES);
  /** as the edge recorded it: two ASCII letters, first × 256 + second; 0 not known */
  readonly country = new Int32Array(CHUNK_LINES);
  /** codes of (host, path) */
  readonly location = new Int32Array(CHUNK_LINES);
  readonly userAgent = new Int32Array(CHUNK_LINES);
  /** −1 not known */
  readonly address = new Int32Array(CHUNK_LINES);
  /** index of the token's id + 1; 0 none. The token itself is not kept. */
  readonly token = new Int32Array(CHUNK_LINES);
  /** AS number that the edge recorded; 0 not known */
  readonly asn = new Int32Array(CHUNK_LINES);
  /** code of the edge host in the reader's `edges` + 1; 0 not named */
  readonly edge = new Int32Array(CHUNK_LINES);
  /** index + 1 of the operator that signed the request; 0 none */
  readonly signedBy = new Uint8Array(CHUNK_LINES);
}

/** Stage two's output for the same rows: codes of the decisions. */
export class ClassifiedBatch {
  /** index into the transform's resources */
  readonly resource = new Int32Array(CHUNK_LINES);
  /** index into its requesters */
  readonly requester = new Int32Array(CHUNK_LINES);
  /** index into its evidence sets */
  readonly evidence = new Int32Array(CHUNK_LINES);
  /** the edge's, or else the database's; as in RequestBatch */
  readonly country = new Int32Array(CHUNK_LINES);
  /** index into its networks; 0 is the unknown network */
  readonly network = new Int32Array(CHUNK_LINES);
  /** one of `transfers` (packages/download.ts) */
  readonly transfer = new Uint8Array(CHUNK_LINES);
}
