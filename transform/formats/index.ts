// Every log format, and the detection of a stream's format. To add one: a file beside this one, and a line in the list.

import { akamaiDatastream } from './akamai-datastream.ts';
import { azureW3c } from './azure-w3c.ts';
import { caddy } from './caddy.ts';
import { cloudflareLogpush } from './cloudflare-logpush.ts';
import { cloudfront, cloudfrontJson } from './cloudfront.ts';
import { combined, vhostCombined } from './combined.ts';
import { fastlyCrates } from './fastly-crates.ts';
import { fastlyOpenvsx } from './fastly-openvsx.ts';
import { fastlyRubygems } from './fastly-rubygems.ts';
import type { Format } from './format.ts';
import { gcpCdn } from './gcp-cdn.ts';
import { haproxy } from './haproxy.ts';
import { json } from './json.ts';
import { julia } from './julia.ts';
import { nginxEdge } from './nginx-edge.ts';
import { pypiEdge } from './pypi-edge.ts';
import { rubygemsSyslog } from './rubygems-syslog.ts';
import { s3Access } from './s3-access.ts';

export const formats: readonly Format[] = [
  json,
  nginxEdge,
  fastlyRubygems,
  fastlyCrates,
  fastlyOpenvsx,
  cloudflareLogpush,
  gcpCdn,
  caddy,
  akamaiDatastream,
  pypiEdge,
  cloudfront,
  cloudfrontJson,
  combined,
  vhostCombined,
  rubygemsSyslog,
  julia,
  azureW3c,
  s3Access,
  haproxy,
];

export const formatByName = (name: string): Format | undefined => formats.find((format) => format.name === name);

/** A line without an end must not be decoded for every format. */
const SAMPLE_BYTES = 1 << 20;

/**
 * The format that fits a stream's first bytes best, or undefined if none fits more than half of the lines.
 * @param sample the beginning of a stream; an incomplete last line is used only if there is no other
 */
export function detectFormat(sample: Uint8Array): { readonly format: Format; readonly score: number } | undefined {
  const text = new TextDecoder().decode(sample.subarray(0, SAMPLE_BYTES));
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = (complete.trim() === '' ? text : complete)
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line.trim() !== '');
  let best: { format: Format; score: number } | undefined;
  for (const format of formats) {
    const score = format.detect(lines);
    if (score > 0.5 && (best === undefined || score > best.score)) best = { format, score };
  }
  return best;
}
