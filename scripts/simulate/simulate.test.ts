// The simulation as a whole: same options, same bytes; every line as the truth says; the published shares.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isExcluded } from '../../transform/outcome.ts';
import { formatByName } from '../../transform/formats/index.ts';
import { ranges, transferOf, transfers } from '../../transform/packages/download.ts';
import { rangeOf } from '../../transform/request-reader.ts';
import { resolverFor } from '../../transform/packages/index.ts';
import { LineFields, method as methods } from '../../transform/scan/line-fields.ts';
import type { Config } from '../runtime/config.ts';
import { MEMBER_BYTES, ObjectWriter } from './object-file.ts';
import { composeOrganisations } from './organisations.ts';
import { composePopulation } from './population.ts';
import { defaultScenario, sourceNames } from './scenario.ts';
import { scaleOf, simulate, type SimulationOptions, type SimulationSummary } from './simulate.ts';
import { Fragment } from './text-buffer.ts';
import { dayOf, daysBetween } from '../../transform/periods.ts';
import { sha256 } from '../../sql/sha256.ts';

const base = mkdtempSync(join(tmpdir(), 'fairshare-simulate-'));
afterAll(() => rmSync(base, { recursive: true }));

const small: Omit<SimulationOptions, 'out'> = {
  force: false,
  seed: 7,
  lines: 60_000,
  // Across the day on which PyPI's rule changes.
  start: '2026-08-21',
  days: 7,
  organisations: 40,
  scenario: 'default',
  spoofed: 0.15,
  truth: 'lines',
  sources: sourceNames,
};
const at = (name: string) => join(base, name);
const filesOf = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
const hashOf = (path: string) => sha256(readFileSync(path));
const hashesOf = (directory: string) => filesOf(directory).map((path) => [path, hashOf(join(directory, path))]);

/** A CSV table of plain values, as records. */
function table(path: string, text = readFileSync(path, 'utf8')): Record<string, string>[] {
  const [head, ...rows] = text
    .trimEnd()
    .split('\n')
    .map((row) => row.split(','));
  return rows.map((row) => Object.fromEntries(head.map((column, i) => [column, row[i]])));
}
const sumOf = (rows: readonly Record<string, string>[], column: string) =>
  rows.reduce((sum, row) => sum + Number(row[column]), 0);

describe('a small simulation', () => {
  const out = at('small');
  let summary: SimulationSummary;
  let objects: Record<string, string>[];
  let config: Config;
  beforeAll(async () => {
    summary = await simulate({ ...small, out });
    objects = table(join(out, 'truth/objects.csv'));
    config = parse(readFileSync(join(out, 'fairshare.yaml'), 'utf8')) as Config;
  });

  it('is the same again, byte for byte, in another place and time zone', async () => {
    const zone = process.env.TZ;
    process.env.TZ = 'Pacific/Chatham';
    try {
      await simulate({ ...small, out: at('again') });
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
    expect(hashesOf(at('again'))).toEqual(hashesOf(out));
    await simulate({ ...small, out: at('again'), seed: 8, force: true });
    const changed = hashesOf(join(at('again'), 'logs')).filter(
      ([path, hash]) => hashOf(join(out, 'logs', path)) !== hash,
    );
    expect(changed.length).toBe(objects.length);
  });

  it('has written the lines asked for, each with one fate', () => {
    expect(summary.lines).toBe(small.lines);
    expect(summary.requests + summary.excluded + summary.quarantined).toBe(small.lines);
    for (const key of ['excluded', 'quarantined', 'duplicates', 'late', 'spoofed'] as const)
      expect(summary[key]).toBeGreaterThan(0);
    for (const key of ['lines', 'requests', 'excluded', 'quarantined', 'duplicates', 'late'] as const) {
      expect(sumOf(objects, key)).toBe(summary[key]);
    }
    expect(JSON.parse(readFileSync(join(out, 'truth/summary.json'), 'utf8'))).toEqual({ ...summary, out: undefined });
  });

  it('describes every stored object', () => {
    expect(objects.map(({ path }) => path).sort()).toEqual(filesOf(join(out, 'logs')).map((path) => `logs/${path}`));
    for (const { path, sha256, stored_bytes, content_bytes, lines } of objects) {
      const stored = readFileSync(join(out, path));
      const content = gunzipSync(stored);
      expect(hashOf(join(out, path))).toBe(sha256);
      expect([stored.length, content.length]).toEqual([Number(stored_bytes), Number(content_bytes)]);
      expect(content.toString().split('\n').length - 1).toBe(Number(lines));
    }
  });

  it('says the same by day as line by line', () => {
    const totals = new Map<string, number[]>();
    for (const { path } of objects) {
      const [, source] = path.split('/');
      for (const line of lineTruth(path)) {
        if (line.fate !== 'request') continue;
        const key = [
          dayOf(line.occurred_at),
          source,
          line.ecosystem,
          line.organisation,
          line.requester_class,
          line.evidence,
        ].join();
        const sums = totals.get(key) ?? [0, 0, 0];
        totals.set(key, sums);
        sums[0] += 1;
        sums[1] += line.is_download === 'true' ? 1 : 0;
        sums[2] += Number(line.bytes);
      }
    }
    const rows = table(join(out, 'truth/totals.csv')).map(
      ({
        day,
        source,
        ecosystem,
        organisation,
        requester_class,
        evidence,
        requests,
        downloads,
        bytes,
      }): [string, number[]] => [
        [day, source, ecosystem, organisation, requester_class, evidence].join(),
        [requests, downloads, bytes].map(Number),
      ],
    );
    expect(new Map(rows)).toEqual(totals);
    expect(rows.length).toBe(totals.size);
    expect(String(sumOf(table(join(out, 'truth/totals.csv')), 'bytes'))).toBe(summary.bytes);
  });

  const lineTruth = (path: string) =>
    table(
      '',
      gunzipSync(
        readFileSync(join(out, path.replace('logs/', 'truth/lines/').replace('.log.gz', '.csv.gz'))),
      ).toString(),
    );

  /** Reads a line with nothing but JSON.parse and split. */
  const plainReaders: Record<
    string,
    (line: string) => { time: string; method: string; path: string; status: number; bytes: number }
  > = {
    npm(line) {
      const { timestamp, request, request_path, response_status, response_bytes } = JSON.parse(line) as Record<
        string,
        never
      >;
      return { time: timestamp, method: request, path: request_path, status: response_status, bytes: response_bytes };
    },
    pypi(line) {
      const { at: time, http } = JSON.parse(line) as { at: string; http: Record<string, never> };
      return { time, method: http.verb, path: http.path, status: http.code, bytes: http.sent };
    },
    maven(line) {
      const f = line.split('\t');
      expect(f.length).toBe(33);
      return {
        time: `${f[0]}T${f[1]}Z`,
        method: f[5],
        path: decodeURIComponent(f[7]),
        status: Number(f[8]),
        bytes: Number(f[3]),
      };
    },
    crates(line) {
      const { date_time, method, url, status, bytes } = JSON.parse(line.slice(line.indexOf('{'))) as Record<
        string,
        never
      >;
      return { time: date_time, method, path: new URL(url).pathname, status, bytes };
    },
    rubygems(line) {
      const { timestamp, request, request_path, response_status, response_bytes } = JSON.parse(line) as Record<
        string,
        string
      >;
      return {
        time: `${timestamp.replace(' ', 'T')}Z`,
        method: request,
        path: request_path,
        status: Number(response_status),
        bytes: Number(response_bytes),
      };
    },
    debian(line) {
      const f = line.split(' ');
      const [date, ...clock] = f[3].slice(1).split(':');
      return {
        time: `${date.replaceAll('/', ' ')} ${clock.join(':')} UTC`,
        method: f[5].slice(1),
        path: f[6].split('?')[0],
        status: Number(f[8]),
        bytes: Number(f[9]),
      };
    },
    openvsx(line) {
      const json = JSON.parse(line) as Record<string, never>;
      return {
        time: json.EdgeStartTimestamp,
        method: json.ClientRequestMethod,
        path: json.ClientRequestPath,
        status: json.EdgeResponseStatus,
        bytes: json.EdgeResponseBytes,
      };
    },
  };

  it('has written what the truth says: time, size, method and package of every line', () => {
    for (const { path } of objects) {
      const read = plainReaders[path.split('/')[1]];
      const lines = gunzipSync(readFileSync(join(out, path)))
        .toString()
        .trimEnd()
        .split('\n');
      const truth = lineTruth(path);
      expect(truth.map(({ line }) => Number(line))).toEqual(lines.map((_, i) => i + 1));
      truth.forEach((expected, i) => {
        if (expected.fate !== 'request') return;
        const { time, method, path: logged, status, bytes } = read(lines[i]);
        expect(Math.floor(Date.parse(time) / 1000)).toBe(Math.floor(Date.parse(expected.occurred_at) / 1000));
        expect(bytes).toBe(Number(expected.bytes));
        if (expected.artifact !== 'other' && expected.package !== '') {
          const name = decodeURIComponent(logged).toLowerCase();
          expect(name.replaceAll('_', '-')).toContain(expected.package.split('/').at(-1)!.replaceAll('_', '-'));
          expect(name).toContain(expected.version.toLowerCase());
        }
        if (expected.is_download === 'true') expect([method, status === 200 || status === 206]).toEqual(['GET', true]);
        if (expected.artifact === 'artifact' && method === 'GET' && status === 200)
          expect(expected.is_download).toBe('true');
      });
    }
  });

  it('is read by the transform as the truth says', () => {
    const fields = new LineFields();
    for (const { name, format, ecosystem, path_prefix: pathPrefix, fields: fieldMap } of config.sources) {
      const resolve = resolverFor({ ecosystem, pathPrefix });
      for (const { path } of objects.filter((object) => object.path.startsWith(`logs/${name}/`))) {
        const parser = formatByName(format)!.parser({ fields: fieldMap });
        const content = gunzipSync(readFileSync(join(out, path)));
        let start = 0;
        for (const truth of lineTruth(path)) {
          const end = content.indexOf(10, start);
          const code = parser.parse(content, start, end, fields);
          const fate = code === 0 ? 'request' : isExcluded(code) ? 'excluded' : 'quarantined';
          const seen: Record<string, string> = { line: truth.line, fate };
          if (code === 0) {
            const { resource } = resolve(fields.host.text(), fields.path.text(), fields.query.text());
            const range = fields.range.length > 0 ? rangeOf(fields.range) : ranges.none;
            const transfer = transferOf(
              resource.rule,
              fields.method,
              fields.status,
              fields.bytes,
              range,
              fields.occurredAt,
            );
            Object.assign(seen, {
              package: resource.package,
              version: resource.version,
              artifact: resource.artifact,
              is_download: String(transfer === transfers.whole),
              bytes: String(fields.bytes),
            });
            if (fields.method === methods.OTHER) expect.fail(path);
          }
          const differs = Object.keys(seen).some((key) => seen[key] !== truth[key]);
          if (differs) expect(truth, content.toString('utf8', start, end)).toMatchObject(seen);
          start = end + 1;
        }
        expect(start).toBe(content.length);
      }
    }
  });

  it('delivers a request twice under its own id, and only where the log has one', () => {
    const ids: Record<string, (line: string) => string> = {
      maven: (line) => line.split('\t')[14],
      openvsx: (line) => (JSON.parse(line) as { RayID: string }).RayID,
    };
    let repeated = 0;
    for (const name of sourceNames) {
      const seen = new Set<string>();
      for (const { path } of objects.filter((object) => object.path.startsWith(`logs/${name}/`))) {
        const lines = gunzipSync(readFileSync(join(out, path)))
          .toString()
          .split('\n');
        lineTruth(path).forEach(({ fate, is_duplicate }, i) => {
          if (fate !== 'request') return;
          const id = ids[name]?.(lines[i]);
          if ((is_duplicate === 'true') !== (id !== undefined && seen.has(id))) expect.fail(`${path} line ${i + 1}`);
          if (id !== undefined) seen.add(id);
          if (is_duplicate === 'true') repeated++;
        });
      }
    }
    expect(repeated).toBe(summary.duplicates);
  });

  it('brings late lines in objects of the day after', () => {
    let late = 0;
    for (const { path } of objects) {
      const day = path.split('/').slice(2, 5).join('-');
      for (const { fate, occurred_at } of lineTruth(path)) {
        if (fate !== 'request' || occurred_at.startsWith(day)) continue;
        expect(daysBetween(dayOf(occurred_at), day)).toBe(1);
        late++;
      }
    }
    expect(late).toBe(summary.late);
  });

  it('tells organisations by what it says they can be told by', () => {
    const tokens = new Map(
      table(join(out, 'truth/tokens.csv')).map(({ organisation, token }) => [organisation, token]),
    );
    expect(tokens.size).toBe(16);
    const kinds = new Set<string>();
    for (const { path } of objects) {
      const lines = gunzipSync(readFileSync(join(out, path)))
        .toString()
        .split('\n');
      lineTruth(path).forEach(({ fate, organisation, evidence }, i) => {
        if (fate !== 'request') return;
        kinds.add(evidence);
        const token = evidence === 'token' ? tokens.get(organisation)! : '';
        const isRight = token === '' ? !lines[i].includes('fst_') : lines[i].includes(token);
        if (!isRight || (evidence !== 'none' && organisation === '')) expect.fail(lines[i]);
      });
    }
    expect([...kinds].sort()).toEqual(['asn', 'cidr', 'none', 'token']);
  });

  it('refuses a directory that holds something, and replaces only simulations', async () => {
    await expect(simulate({ ...small, out })).rejects.toMatchObject({ kind: 'usage' });
    const foreign = at('foreign');
    await simulate({ ...small, out: foreign, lines: 100, days: 1, truth: 'totals' });
    rmSync(join(foreign, 'simulation.json'));
    await expect(simulate({ ...small, out: foreign, force: true })).rejects.toMatchObject({ kind: 'usage' });
    expect(existsSync(join(foreign, 'logs'))).toBe(true);
    writeFileSync(join(foreign, 'simulation.json'), '{}');
    writeFileSync(join(foreign, 'mine.txt'), 'kept');
    await simulate({ ...small, out: foreign, force: true, lines: 100, days: 1, truth: 'totals' });
    expect(readFileSync(join(foreign, 'mine.txt'), 'utf8')).toBe('kept');
    expect(existsSync(join(foreign, 'truth/lines'))).toBe(false);
  });

  it('stops when told to, and leaves no summary', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    const stopped = simulate({ ...small, out: at('stopped') }, { signal: controller.signal, onProgress });
    await expect(stopped).rejects.toThrow('enough');
    expect(existsSync(join(at('stopped'), 'truth/summary.json'))).toBe(false);
  });

  it('knows its scenarios', async () => {
    await expect(simulate({ ...small, out: at('unknown'), scenario: 'other' })).rejects.toMatchObject({
      kind: 'usage',
    });
  });
});

describe('the default scenario', () => {
  it.each([100_000, 600_000])('has the published shares in %d lines', async (lines) => {
    const { shares } = await simulate({ ...small, out: at(`shares-${lines}`), lines, truth: 'totals' });
    expect(Math.abs(shares.bytes_of_top_addresses - 0.83)).toBeLessThan(0.05);
    expect(Math.abs(shares.hyperscale_clouds - 0.75)).toBeLessThan(0.05);
    expect(Math.abs(shares.artifacts - 0.1)).toBeLessThan(0.03);
    expect(shares.ipv6).toBeGreaterThan(0.05);
  });

  it('takes as many impostors as asked for', async () => {
    const spoofedIn = async (spoofed: number) =>
      (
        await simulate({
          ...small,
          out: at(`spoofed-${spoofed}`),
          lines: 50_000,
          spoofed,
          sources: ['npm'],
          truth: 'totals',
        })
      ).spoofed;
    expect(await spoofedIn(0)).toBe(0);
    expect(await spoofedIn(1)).toBeGreaterThan(5 * (await spoofedIn(0.15)));
  });
});

describe('any size in constant memory', () => {
  it('has bounded populations, however many lines', () => {
    expect(scaleOf(1e12)).toEqual(scaleOf(1e9));
    const { addresses } = scaleOf(1e12);
    const population = composePopulation(defaultScenario(0.15), composeOrganisations(40, 1), addresses, 1);
    const texts = new Set<string>();
    const all = Buffer.from(population.addressBytes.view.buffer);
    for (let a = 0; a < population.count; a++)
      texts.add(all.toString('latin1', population.addressStart[a], population.addressStart[a + 1]));
    expect(texts.size).toBe(population.count);
  });

  it('writes objects of any length through one buffer, as several gzip members', () => {
    const writer = new ObjectWriter();
    const line = new Fragment(`${'x'.repeat(999)}\n`);
    const count = Math.ceil((2.5 * MEMBER_BYTES) / line.length);
    writer.open(at('long.gz'));
    let most = 0;
    for (let i = 0; i < count; i++) {
      writer.text.fragment(line);
      most = Math.max(most, writer.text.length);
      writer.endLine();
    }
    const { content_bytes, stored_bytes, sha256 } = writer.close();
    const stored = readFileSync(at('long.gz'));
    expect(most).toBeLessThan(MEMBER_BYTES + line.length);
    expect(gunzipSync(stored).length).toBe(count * line.length);
    expect([content_bytes, stored_bytes, sha256]).toEqual([count * line.length, stored.length, hashOf(at('long.gz'))]);
    const members = stored.toString('latin1').split('\x1f\x8b\x08').length - 1;
    expect(members).toBe(3);
  });
});
