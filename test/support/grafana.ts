// What Grafana and its ClickHouse plugin put in place of the macros and variables of a panel's SQL, as their manuals describe it.

export interface PanelTime {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly interval_s: number;
}

/**
 * @param variables name → the chosen values; undefined: all
 * @throws Error if a macro or a variable is left
 */
export function expanded(
  sql: string,
  { from, to, interval_s }: PanelTime,
  variables: Readonly<Record<string, readonly string[] | undefined>> = {},
): string {
  const day = (seconds: number): string => `toDate('${new Date(seconds * 1000).toISOString().slice(0, 10)}')`;
  const macros: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
    // Conditions hold variables, so they go first. The last argument names the variable.
    [/\$__conditionalAll\((.+), \$(\w+)\)/g, (_, condition, name) => (variables[name] === undefined ? '1=1' : condition)],
    [/\$__timeFilter\((\w+)\)/g, (_, column) => `${column} >= toDateTime(${from}) AND ${column} <= toDateTime(${to})`],
    [/\$__dateFilter\((\w+)\)/g, (_, column) => `${column} >= ${day(from)} AND ${column} <= ${day(to)}`],
    [/\$__timeInterval\((\w+)\)/g, (_, column) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${interval_s} second)`],
    [/\$__fromTime/g, () => `toDateTime(${from})`],
    [/\$__toTime/g, () => `toDateTime(${to})`],
    [/\$__interval_s/g, () => String(interval_s)],
    [/\$\{(\w+):singlequote\}/g, (_, name) => (variables[name] ?? []).map((one) => `'${one.replaceAll("'", "\\'")}'`).join(',')],
  ]; // prettier-ignore
  const text = macros.reduce((sofar, [macro, value]) => sofar.replace(macro, value), sql);
  if (text.includes('$')) throw new Error(`not expanded: ${/\$\S*/.exec(text)?.[0]}`);
  return text;
}
