// What one request says of a transfer, from numbers alone because it is asked for every line. docs/METHODOLOGY.md states the rules.

import { method } from '../scan/line-fields.ts';
import { downloadRules, type DownloadRule } from './ecosystem.ts';

/** 2026-08-24T00:00:00Z, in ms: from this time on PyPI counts only .whl, .tar.gz and .zip. */
const PYPI_RULE_CHANGE_MS = 1_787_529_600_000;
const MIN_DOWNLOAD_BYTES = 1024;

/** The part of a file that a request asks for; small integers. */
export const ranges = {
  /** no Range header */
  none: 0,
  /** from the first byte, and no end asked (`bytes=0-`) or only the answer known (`bytes 0-499/500`) */
  open: 1,
  /** from the first byte to a named one */
  start: 2,
  /** from a later byte */
  later: 3,
  /** a suffix, another unit, or not readable */
  unknown: 4,
} as const;

/** What a request is; small integers. */
export const transfers = {
  /** no download: another method, status or resource */
  none: 0,
  /** the whole file */
  whole: 1,
  /** a part of the file, or not known to be the whole */
  partial: 2,
  /** from the first byte with no end asked: whole if as much was sent as the file has, which sealing finds from other requests */
  open: 3,
} as const;

/**
 * Methodology 2: a download is one whole transfer.
 * @param requestMethod one of `method` of line-fields.ts
 * @param status HTTP status
 * @param bytes sent; −1 not known. The request then counts, because nothing proves that too little was sent.
 * @param range one of `ranges`
 * @param occurredAt_ms ms since 1970-01-01T00:00:00Z
 * @returns one of `transfers`
 */
export function transferOf(
  rule: DownloadRule,
  requestMethod: number,
  status: number,
  bytes: number,
  range: number,
  occurredAt_ms: number,
): number {
  if (status !== 206)
    return isDownload(rule, requestMethod, status, bytes, range, occurredAt_ms) ? transfers.whole : transfers.none;
  const isArtifact =
    rule === downloadRules.get200Before20260824
      ? occurredAt_ms < PYPI_RULE_CHANGE_MS
      : rule !== downloadRules.never && rule !== downloadRules.post2xx;
  if (!isArtifact || requestMethod !== method.GET) return transfers.none;
  return range === ranges.open && bytes > 0 ? transfers.open : transfers.partial;
}

/** Methodology 1: parameters as above. A part of a file is a download if it begins at the first byte, or its range is not known. */
export function isDownload(
  rule: DownloadRule,
  requestMethod: number,
  status: number,
  bytes: number,
  range: number,
  occurredAt_ms: number,
): boolean {
  if (rule === downloadRules.never || status < 200 || status > 299) return false;
  if (rule === downloadRules.post2xx) return requestMethod === method.POST;
  if (requestMethod !== method.GET) return false;
  // A resumed or parallel transfer requests later ranges of a file whose first range was counted.
  if (status === 206 && range === ranges.later) return false;
  const isWhole = status === 200 || status === 206;
  switch (rule) {
    case downloadRules.get200:
      return isWhole;
    case downloadRules.get200Before20260824:
      return isWhole && occurredAt_ms < PYPI_RULE_CHANGE_MS;
    case downloadRules.get2xxMin1024:
      return bytes === -1 || bytes >= MIN_DOWNLOAD_BYTES;
    case downloadRules.get2xx:
      return true;
  }
}
