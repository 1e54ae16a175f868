// The examples of docs/FORMATS.md, read as the program reads them.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatByName } from '../../../transform/formats/index.ts';
import { jsonFields } from '../../../transform/formats/json-lines.ts';
import { resolverFor } from '../../../transform/packages/index.ts';
import { purl } from '../../../transform/packages/purl.ts';
import { LineFields } from '../../../transform/scan/line-fields.ts';
import { parseUserAgent } from '../../../transform/clients/index.ts';
import { sourceSchema, type SourceConfig } from '../../runtime/config.ts';

const page = readFileSync(new URL('../../../docs/FORMATS.md', import.meta.url), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text);

function read(format: string, line: string, fields?: Record<string, string>): LineFields {
  const out = new LineFields();
  const bytes = new TextEncoder().encode(line.trim());
  expect(formatByName(format)!.parser({ fields }).parse(bytes, 0, bytes.length, out)).toBe(0);
  return out;
}

describe('docs/FORMATS.md', () => {
  const [first, second] = blocks('yaml');
  const cdn = sourceSchema.parse((parse(second) as { sources: SourceConfig[] }).sources[0]);

  it('shows a source that the configuration takes', () => {
    const { sources } = parse(first) as { sources: unknown[] };
    expect(sourceSchema.parse(sources[0])).toMatchObject({ name: 'npm-edge', ecosystem: 'npm', path_prefix: '/npm' });
  });

  it('shows a feed that is read as the page says', () => {
    const fields = read(cdn.format, blocks('json')[0], cdn.fields);
    const { ecosystem, resource } = resolverFor({ hosts: cdn.hosts, pathPrefix: cdn.path_prefix })(
      fields.host.text(),
      fields.path.text(),
      '',
    );
    const { client, version } = parseUserAgent(fields.userAgent.text());
    const bytes = fields.bytes.toLocaleString('en');
    expect(page).toContain(`as \`${purl(ecosystem, resource)}\`, a download of ${bytes} bytes by ${client} ${version}`);
  });

  it('names every field of a JSON feed', () => {
    const table = page.slice(page.indexOf('| field | |'), page.indexOf('## Presets'));
    for (const field of jsonFields) expect(table).toContain(`\`${field}\``);
  });

  it('shows a log_format of nginx that nginx-edge reads whole', () => {
    const values: Record<string, string> = {
      $time_iso8601: '2026-11-22T07:48:02+00:00',
      $remote_addr: '192.0.2.17',
      $request_method: 'GET',
      $host: 'registry.example.org',
      $request_uri: '/@s%2fleft-pad?a=1',
      $http_user_agent: 'npm/11',
      $status: '206',
      $bytes_sent: '160049',
      $http_range: 'bytes=0-9',
      $request_id: 'b1c',
      $fairshare_token: 'Bearer fst_secret',
    };
    const line = [...blocks('nginx')[0].matchAll(/^ *'([{"].*)'/gm)].map(([, text]) => text).join('');
    const fields = read(
      'nginx-edge',
      line.replace(/\$\w+/g, (name) => values[name] ?? `unknown ${name}`),
    );
    const { address, path, query, userAgent, status, bytes, range, requestId, token, host } = fields;
    expect([path, query].map((slice) => slice.text())).toEqual(['/@s%2fleft-pad', 'a=1']);
    expect([address, userAgent, range, requestId, token, host].map((slice) => slice.text())).toEqual(
      ['$remote_addr', '$http_user_agent', '$http_range', '$request_id', '$fairshare_token', '$host'].map(
        (name) => values[name],
      ),
    );
    expect([status, bytes]).toEqual([206, 160049]);
  });
});
