// Pages, rows and terminal text from a report made by hand, with everything hostile in it.

import { describe, expect, it } from 'vitest';
import { figureColumns, rowValues, statementJson, statementRows, summaryJson, summaryRows } from './figure-rows.ts';
import {
  statementQueryNames,
  summaryQueryNames,
  type FamilyFunding,
  type Funding,
  type Measures,
  type Statement,
  type Summary,
  type UsageIntervals,
} from './figures.ts';
import { type FigureQuery } from './queries.ts';
import { renderStatementHtml } from './statement-html.ts';
import { renderSummaryHtml } from './summary-html.ts';
import { printStatement, printSummary } from './terminal.ts';

const HOSTILE = '</td><script>alert(1)</script>"\'`\u202e\u001b[2J';
const used = (requests: bigint, bytes: bigint): Measures => ({
  requests,
  downloads: requests / 10n,
  bytes,
  repeat_downloads: requests / 20n,
  repeat_bytes: bytes / 4n,
});
const whole = (num: bigint) => ({ num, den: 1n });
const queries = <Name extends string>(names: readonly Name[]): Record<Name, FigureQuery> =>
  Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        id: `Q${index + 1}`,
        title: name,
        file: `sql/queries/${name}.sql`,
        parameters: { family: HOSTILE },
        sql: `SELECT '${HOSTILE}'\nFROM ${name}`,
      },
    ]),
  ) as unknown as Record<Name, FigureQuery>;

const capped: FamilyFunding = {
  family: HOSTILE,
  share: {
    gross: { num: 1001n, den: 2n },
    net: { num: 981n, den: 2n },
    bands: [
      { from: 0n, up_to: null, multiplier_bp: 10_000n, units: { num: 981n, den: 2n }, tiered: { num: 981n, den: 2n } },
    ],
    tiered: { num: 981n, den: 2n },
    raw: { num: 100_001n, den: 3n },
    billed_cents: 25_000n,
    rule: 'cap',
    lines: [
      {
        requester_class: 'ci',
        requests: 70n,
        bytes: 700n,
        weight_bp: 10_000n,
        units: whole(400n),
        billed_cents: 20_000n,
      },
      {
        requester_class: HOSTILE,
        requests: 3n,
        bytes: 30n,
        weight_bp: 2_500n,
        units: { num: 201n, den: 2n },
        billed_cents: 5_000n,
      },
    ],
  },
  not_billed: [{ kind: 'not_billable', gross: whole(7n) }],
  true_up: { contract_minimum_cents: 30_000n, cents: 5_000n },
  corrections: [
    {
      of_period: '2026-09',
      of_run_id: 'run-0',
      family: HOSTILE,
      kind: 'manual',
      id: HOSTILE,
      requests: -3n,
      bytes: -30n,
      cents: -1_234n,
      reason: HOSTILE,
    },
  ],
};
const funding: Funding = {
  currency: 'EUR',
  pools: [{ pool: HOSTILE, driver: '', gross_cents: 120_000n, donated_cents: 20_000n, net_cents: 100_000n }],
  cost_pool_cents: 100_000n,
  billed_cents: 25_000n,
  true_up_cents: 5_000n,
  commons_cents: 70_000n,
  corrections_cents: -1_234n,
  pending: [{ of_period: '2026-09', requests: 5n, bytes: 50n }],
  commons_parts: [
    { reason: 'unattributed', cents: 60_000n },
    { reason: 'cap', cents: 15_000n },
  ],
  recoverable: whole(40_000n),
  tier_sum: { num: 981n, den: 2n },
  cap_bp: 2500n,
  cap_cents: 25_000n,
  minimum_cents: 100n,
  rho_bp: 0n,
  free_allowance: 10n,
  alpha: { num: 1n, den: 3n },
  beta: { num: 1n, den: 7n },
  units: {
    billable: whole(500n),
    exempt: whole(0n),
    not_billable: whole(7n),
    unattributed: whole(493n),
    total: whole(1000n),
  },
  families: [capped],
};
const intervals: UsageIntervals = {
  seed: '202610',
  draws: 1000,
  precision: [{ tier: HOSTILE, org: '', right: 9, wrong: 1 }],
  rows: ['', HOSTILE].map((org) => ({
    family: HOSTILE,
    org,
    requests: { attributed: 73n, low: 60n, point: 70n, high: 72n },
    bytes: { attributed: 730n, low: 600n, point: 700n, high: 720n },
    units: { attributed: whole(500n), low: whole(400n), point: whole(480n), high: { num: 981n, den: 2n } },
  })),
};
const head = {
  issuer: { name: `Foundation ${HOSTILE}`, currency: 'EUR', contact: HOSTILE },
  period: '2026-10',
  until: '2026-10-31',
  status: 'open' as const,
  versions: {
    run_id: 'run-1',
    attribution_version: 'attribution-1',
    policy_version: HOSTILE,
    methodology_version: 1,
    code_version: '0.1.0',
    policy_sha256: 'p'.repeat(64),
    costs_sha256: 'c'.repeat(64),
    usage_sha256: 'u'.repeat(64),
    lines_sha256: 'l'.repeat(64),
    supersedes: '',
    computed_at: '2026-11-02 06:00:00.000',
    closed_at: null,
  },
};
const registry = {
  totals: {
    ...used(200n, 9_007_199_254_740_993n),
    attributed_requests: 100n,
    attributed_bytes: 3_000_000_000_000_000n,
    unknown_class_requests: 9n,
    unknown_class_bytes: 90n,
  },
  unattributed: [
    { reason: 'platform', platform: HOSTILE, ...used(60n, 6_000_000_000_000_000n) },
    { reason: 'unknown', platform: '', ...used(40n, 7_199_254_740_993n) },
  ],
};
const billable = { billable_requests: 73n, billable_bytes: 730n };
const by = { ...used(100n, 1000n), ...billable, attributed_bytes: 500n };
const family = { family: HOSTILE, name: `Family ${HOSTILE}`, exempt: false, ...used(100n, 1000n), ...billable };

const summary: Summary = {
  ...head,
  ...registry,
  classes: [
    { value: 'ci', ...by },
    { value: HOSTILE, ...by },
  ],
  ecosystems: [{ value: HOSTILE, ...by }],
  clients: [
    { value: HOSTILE, ...by },
    { value: '', ...by },
  ],
  ci: [
    { value: '', ...by },
    { value: 'true', ...by },
  ],
  packages: [{ ecosystem: HOSTILE, package: HOSTILE, ...by }],
  days: [{ day: '2026-10-03', series: 'attributed', ...by }],
  families: [family],
  funding: { ...funding, families: [{ ...capped, name: family.name }] },
  freshness: [
    {
      source: HOSTILE,
      last_record_at: '2026-10-31 23:59:58.120',
      last_day: '2026-10-31',
      loaded_at: '2026-11-01 00:30:00.000',
      last_sealed_day: '2026-10-31',
      lines: 12n,
      requests: 10n,
      excluded: 1n,
      quarantined: 1n,
      bytes_unknown: 0n,
    },
  ],
  intervals,
  day_states: [{ state: 'open', days: 31n, first_day: '2026-10-01', last_day: '2026-10-31' }],
  queries: queries(summaryQueryNames),
};
const { families: _families, ...terms } = funding;
const statement: Statement = {
  ...head,
  ...registry,
  family: family.family,
  name: family.name,
  usage: family,
  members: [{ value: HOSTILE, name: HOSTILE, ...by }],
  classes: [{ value: 'ci', ...by }],
  ecosystems: [{ value: HOSTILE, ...by }],
  clients: [{ value: HOSTILE, ...by }],
  evidence: [
    { value: 'E1', ...by },
    { value: HOSTILE, ...by },
  ],
  packages: [{ ecosystem: HOSTILE, package: HOSTILE, ...by }],
  days: [{ value: '2026-10-03', ...by }],
  funding: terms,
  share: capped,
  intervals,
  queries: queries(statementQueryNames),
};

/** Tags as a browser would see them, without what stands in attributes. */
const tagsOf = (page: string): string[] =>
  [...page.matchAll(/<\/?([a-zA-Z][a-zA-Z0-9]*)/g)].map(([, name]) => name.toLowerCase());

describe.each([
  ['summary', () => renderSummaryHtml(summary, { statements: true })],
  ['statement', () => renderStatementHtml(statement)],
])('the %s as a page', (_name, render) => {
  const page = render();

  it('runs nothing and fetches nothing, whatever names it shows', () => {
    expect(
      tagsOf(page).filter((tag) =>
        ['script', 'img', 'link', 'iframe', 'object', 'foreignobject', 'use', 'image'].includes(tag),
      ),
    ).toEqual([]);
    expect(page).not.toMatch(/ on\w+=/i);
    expect(page).not.toMatch(/(?:src|href)="(?!#|statements\/)/);
    expect(page).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).toContain("default-src 'none'");
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(page).not.toMatch(/[\u202e\u001b]/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('is a document: a language, one heading of the first order, a caption and headings for every table, charts with a text', () => {
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    const tags = tagsOf(page);
    const times = (tag: string) => tags.filter((name) => name === tag).length / 2;
    expect(times('h1')).toBe(1);
    expect(times('caption')).toBe(times('table'));
    expect(times('thead')).toBe(times('table'));
    expect([...page.matchAll(/<figure class="chart" role="img" aria-label="[^"]+">/g)]).toHaveLength(times('figure'));
    expect(times('figure')).toBeGreaterThanOrEqual(2);
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [, slash, name] of page
      .replace(/<!doctype[^>]*>/, '')
      .matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?:"[^"]*"|[^">])*?(?<!\/)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('is the same bytes each time, charts included', () => expect(render()).toBe(page));

  it('prints the query of every figure, and names no other', () => {
    const named = new Set([...page.matchAll(/href="#(q\d+)"/g)].map(([, id]) => id));
    const printed = [...page.matchAll(/<details id="(q\d+)"/g)].map(([, id]) => id);
    expect([...named].sort()).toEqual([...printed].sort());
  });
});

describe('figures in the pages', () => {
  const text = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  it('states money to the cent and bytes exactly', () => {
    const page = renderStatementHtml(statement);
    expect(text(page)).toContain('300.00 EUR for October 2026');
    expect(page).toContain('title="1,000 bytes"');
    expect(text(page)).toContain('Cap and minimum: cap No share is above 25 % of the cost, 250.00.');
    expect(text(page)).toContain('not an invoice');
    expect(renderSummaryHtml(summary, { statements: true })).toContain('title="9,007,199,254,740,993 bytes"');
  });

  it('says how sure the attribution is', () => {
    for (const page of [renderStatementHtml(statement), renderSummaryHtml(summary, { statements: true })]) {
      expect(text(page)).toContain('500.00 480.00 400.00 – 490.50 60 – 72');
      expect(text(page)).toContain('9 1 90.0 %');
    }
    const low = [...statementRows(statement)].filter(({ measure }) => measure === 'units_low');
    expect(low.map(({ value, detail }) => [value, detail])).toEqual([
      ['400.000000', 'family'],
      ['400.000000', 'organisation'],
    ]);
  });

  it('says plainly how much is not attributed', () => {
    expect(text(renderStatementHtml(statement))).toContain('No organisation answers for 66.7 % of the registry');
  });

  it('links statements only where they stand beside it', () => {
    expect(renderSummaryHtml(summary, { statements: false })).not.toContain('href="statements/');
  });

  it('says that a closed period is final', () => {
    const closed = {
      ...statement,
      status: 'closed' as const,
      versions: { ...head.versions, closed_at: '2026-11-05 08:00:00.000' },
    };
    expect(text(renderStatementHtml(closed))).toContain('Final. The period was closed on 2026-11-05 08:00 UTC');
    expect(text(renderStatementHtml(closed))).not.toContain('not an invoice');
  });
});

describe('rows and JSON', () => {
  it('hold plain numbers that sum', () => {
    for (const rows of [[...summaryRows(summary)], [...statementRows(statement)]]) {
      for (const row of rows) expect(row.value).toMatch(/^(-?\d+(\.\d+)?)?$/);
      expect(rows.every((row) => rowValues(row).length === figureColumns.length)).toBe(true);
    }
    const lines = [...statementRows(statement)].filter(
      ({ section, measure }) => section === 'line' && measure === 'amount',
    );
    expect(lines.map(({ value }) => value)).toEqual(['200.00', '50.00', '50.00']);
    const due = [...statementRows(statement)].find(({ section }) => section === 'due');
    expect(due).toMatchObject({ value: '300.00', unit: 'EUR' });
  });

  it('are exact, names included', () => {
    const parsed = JSON.parse(summaryJson(summary)) as {
      classification: string;
      totals: { bytes: string };
      packages: { package: string }[];
    };
    expect(parsed).toMatchObject({ document: 'fairshare.summary/1', classification: 'internal' });
    expect(parsed.totals.bytes).toBe('9007199254740993');
    expect(parsed.packages[0].package).toBe(HOSTILE);
    expect(JSON.parse(statementJson(statement))).toMatchObject({
      document: 'fairshare.statement/1',
      due_cents: '30000',
    });
  });
});

describe('the terminal', () => {
  it('shows who used, what is unattributed, who owes and how fresh, without a control character', () => {
    const text = printSummary(summary);
    for (const heading of [
      'Who used how much',
      'What is not attributed, and why: 66.7 %',
      'Who owes what',
      'How fresh the data are',
    ])
      expect(text).toContain(heading);
    expect(text).toContain('Net cost 1,000.00 = billed 250.00 + true-ups 50.00 + commons 700.00 EUR');
    expect(text).toMatch(/300\.00 │ cap, true-up/);
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(text + printStatement(statement)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('shows a statement whose lines end in what is due', () => {
    expect(printStatement(statement)).toMatch(/│ Due \(cap\) [│ ]+300\.00 │/);
  });
});
