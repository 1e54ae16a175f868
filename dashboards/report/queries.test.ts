import { describe, expect, it } from 'vitest';
import { bindParameters, figureQuery } from './queries.ts';

describe('queries', () => {
  it('writes parameters into a query as the engine would read them', () => {
    const sql = "SELECT {name:String}, {n:UInt32}, {at:DateTime64(3, 'UTC')}, {list:Array(String)} FROM {t:Identifier}";
    expect(
      bindParameters(sql, { name: "a'b\\", n: 5, at: '2026-10-01 00:00:00', list: ["x'", 'y'], t: 'usa`ge' }),
    ).toBe("SELECT 'a\\'b\\\\', 5, '2026-10-01 00:00:00'::DateTime64(3, 'UTC'), ['x\\'', 'y'] FROM `usage`");
  });

  it('refuses a query whose parameter has no value', () => {
    expect(() => bindParameters('SELECT {a:String}', {})).toThrow(RangeError);
  });

  it('names only the parameters that a query has', () => {
    const parameters = {
      period: '2026-10',
      until: '2026-10-31',
      with_late: false,
      attribution_version: 'v',
      known_at: '2199-01-01 00:00:00.000',
      billable_tiers: ['E1'],
      family: 'acme',
      top: 5,
      run_id: 'r',
    };
    const query = figureQuery('report/families.sql', 'Families', parameters);
    expect(query.sql).toMatch(/^-- Usage of the families /);
    expect(query.sql).toContain("FROM period_usage(period = '2026-10', until = '2026-10-31', with_late = false,");
    expect(query.parameters).toEqual({
      attribution_version: 'v',
      billable_tiers: ['E1'],
      family: 'acme',
      known_at: '2199-01-01 00:00:00.000',
      period: '2026-10',
      until: '2026-10-31',
      with_late: false,
    });
    expect(figureQuery('report/lines.sql', 'Lines', parameters).sql).toMatch(/^-- What each family owes/);
  });
});
