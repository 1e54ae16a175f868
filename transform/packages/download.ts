// Whether one request is a download, from numbers alone because it is asked for every line. docs/METHODOLOGY.md states the rules.

import { method } from '../scan/line-fields.ts';
import { downloadRules, type DownloadRule } from './ecosystem.ts';

/** 2026-08-24T00:00:00Z, in ms: from this time on PyPI counts only .whl, .tar.gz and .zip. */
const PYPI_RULE_CHANGE_MS = 1_787_529_600_000;
const MIN_DOWNLOAD_BYTES = 1024;

/**
 * @param requestMethod one of `method` of line-fields.ts
 * @param status HTTP status
 * @param bytes sent; −1 not known. The request then counts, because nothing proves that too little was sent.
 * @param rangeStart first byte of the requested range; 0 from the start, −1 not known
 * @param occurredAt_ms ms since 1970-01-01T00:00:00Z
 */
export function isDownload(
  rule: DownloadRule,
  requestMethod: number,
  status: number,
  bytes: number,
  rangeStart: number,
  occurredAt_ms: number,
): boolean {
  if (rule === downloadRules.never || status < 200 || status > 299) return false;
  if (rule === downloadRules.post2xx) return requestMethod === method.POST;
  if (requestMethod !== method.GET) return false;
  // A resumed or parallel transfer requests later ranges of a file whose first range was counted.
  if (status === 206 && rangeStart > 0) return false;
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
