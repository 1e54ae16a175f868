// The query and its parameters behind each figure of a document.

import { type QueryParams } from '../../sql/warehouse.ts';
import { periodBefore } from '../../transform/periods.ts';
import { type StatementQueries, type SummaryQueries } from './figures.ts';
import { en } from './texts/en.ts';
import { figureQuery, type FigureQuery } from './queries.ts';

/** Large enough to leave nothing out. */
const ALL = 100_000;

/** For each figure: its query, and the parameters. */
export type Plan<Name extends string> = Readonly<
  Record<Name, { readonly file: string; readonly title: string; readonly parameters: QueryParams }>
>;

export const summaryPlan = (common: QueryParams, top: number): Plan<keyof SummaryQueries> => {
  const by = (title: string, dimension: string, rows: number) => ({
    file: 'report/by.sql',
    title,
    parameters: { ...common, dimension, top: rows },
  });
  const plain = (title: string, file: string) => ({ file, title, parameters: { ...common, family: '', top } });
  return {
    totals: plain('All usage of the period', 'report/totals.sql'),
    classes: by('Usage by requester class', 'requester_class', ALL),
    unattributed: plain('What no organisation answers for', 'report/unattributed.sql'),
    families: plain('Usage of the families', 'report/families.sql'),
    lines: plain('What each family owes', 'report/lines.sql'),
    run: plain('The recorded allocation: policy, costs, versions', 'period/run.sql'),
    days: plain('Usage by day', 'report/days.sql'),
    ecosystems: by('Usage by ecosystem', 'ecosystem', ALL),
    clients: by('The clients that cause the most bytes', 'client', top),
    packages: plain('The packages that cause the most bytes', 'report/packages.sql'),
    ci: by('What is known of CI', 'ci', ALL),
    freshness: plain('How far each source has come', 'report/freshness.sql'),
    day_states: plain('Days by state', 'report/seals.sql'),
    parties: plain('Usage as the allocation takes it', 'report/parties.sql'),
    intervals: plain('What is truly theirs of what was attributed', 'report/intervals.sql'),
    precision: plain('Measured precision of evidence', 'report/precision.sql'),
    corrections: plain('Lines that set closed periods right', 'report/corrections.sql'),
  };
};

/** @param family '' for all at once: each family gets the same rows as if it were named */
export const statementPlan = (common: QueryParams, top: number, family: string): Plan<keyof StatementQueries> => {
  const { titles } = en.annex;
  const query = (name: keyof StatementQueries, file: string, more: QueryParams = {}) => ({
    file,
    title: titles[name],
    parameters: { ...common, family, top, ...more },
  });
  const by = (name: keyof StatementQueries, dimension: string, rows: number) =>
    query(name, 'report/family_by.sql', { dimension, top: rows });
  return {
    recipient: query('recipient', 'report/recipients.sql'),
    before: query('before', 'period/run_before.sql', { period: periodBefore(String(common.period)) }),
    usage: query('usage', 'report/families.sql'),
    classes: by('classes', 'requester_class', ALL),
    sources: query('sources', 'report/family_rules.sql'),
    lines: query('lines', 'report/lines.sql'),
    run: query('run', 'period/run.sql'),
    days: by('days', 'booked_day', ALL),
    ecosystems: by('ecosystems', 'ecosystem', ALL),
    clients: by('clients', 'client', top),
    packages: query('packages', 'report/family_packages.sql'),
    teams: query('teams', 'report/family_teams.sql'),
    evidence: by('evidence', 'tier', ALL),
    members: by('members', 'org_id', ALL),
    totals: query('totals', 'report/totals.sql'),
    unattributed: query('unattributed', 'report/unattributed.sql'),
    intervals: query('intervals', 'report/intervals.sql'),
    precision: query('precision', 'report/precision.sql'),
    corrections: query('corrections', 'report/corrections.sql'),
  };
};

/** Numbers the queries in the order of their names. */
export const numbered = <Name extends string>(plan: Plan<Name>, names: readonly Name[]): Record<Name, FigureQuery> =>
  Object.fromEntries(
    names.map((name, index) => [
      name,
      { id: `Q${index + 1}`, ...figureQuery(plan[name].file, plan[name].title, plan[name].parameters) },
    ]),
  ) as Record<Name, FigureQuery>;
