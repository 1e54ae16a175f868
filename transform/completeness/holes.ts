// Looks for holes: days and hours that have far fewer requests than days of their kind had. Plain counts in, findings out.
// docs/METHODOLOGY.md, "Holes", says why the constants are as they are; `make bench-holes` measures them.

/** Requests of a source, or of a part of it (an edge host, a partition of a topic), day by day. */
export interface Counts {
  /** '' for the whole source. */
  readonly part: string;
  /** Requests of each day; the same first day for all parts and sources. */
  readonly days: readonly number[];
  /** Requests of each hour of a day, 24 numbers; undefined where hours were not recorded. */
  readonly hours: readonly (readonly number[] | undefined)[];
}

export interface SourceCounts {
  readonly source: string;
  /** The first day with requests; there is no history before it. */
  readonly first: number;
  readonly whole: Counts;
  /** Ways in which the source is divided into parts: by edge host, by partition. */
  readonly divisions: readonly (readonly Counts[])[];
}

export interface Hole {
  readonly source: string;
  /** '' if the whole source lacks requests. */
  readonly part: string;
  /** Hours that lack requests, 0 to 23; empty if the day as a whole does. */
  readonly hours: readonly number[];
  /** Requests that are usual in that time, and that came. Fewer than `least` are a hole. */
  readonly usual: number;
  readonly came: number;
  readonly least: number;
  /** How many earlier days were compared, and whether all of them were the same weekday. */
  readonly compared: number;
  readonly equalWeekdays: boolean;
}

export interface DayVerdict {
  readonly holes: readonly Hole[];
  /** Sources with too few earlier days. */
  readonly notJudged: readonly string[];
}

const WEEK = 7;
const HOURS = 24;
/** Equal weekdays that are compared. Six: one holiday and one earlier hole leave the median where it is. */
const MOST_WEEKS = 6;
/** With fewer earlier days nothing can be said. */
const FEWEST_DAYS = 2;
/** A day of a known rhythm is a hole below this share of what is usual, or lower where the source varies much. */
const LEAST_SHARE = 0.67;
/** How many spreads below the usual a hole begins. */
const SPREADS = { day: 3.5, part: 4, hour: 5 };
/** Without equal weekdays, a quiet weekday must not be a hole: many registries fall to 0.35 at weekends. */
const LEAST_SHARE_OF_DAYS = 0.25;
const LEAST_SHARE_OF_HOUR = 0.33;
/** A spread is never taken for smaller, because few days can be equal by chance. */
const SMALLEST_SPREAD = { day: 0.06, hour: 0.12 };
/** Below so many usual requests chance alone makes a hole: of a day, and of an hour. */
const FEWEST_REQUESTS = 20;
const FEWEST_REQUESTS_OF_HOUR = 50;
/** A weekday that has a smaller share of the busiest is a day of rest. */
const REST_SHARE = 0.9;
/** A holiday can be so much quieter than a day of rest. */
const QUIETEST_HOLIDAY = 0.75;
/** Spread of an hour's requests in the fit of a day's shape. */
const SHAPE_SPREAD = 0.1;

/** What is usual on a day, by the days before it. */
interface Usual {
  readonly requests: number;
  /** Relative spread of days around what was usual. */
  readonly spread: number;
  readonly compared: number;
  /** Earlier equal weekdays whose rhythm is known; 0: other days were compared. */
  readonly equal: readonly number[];
}

/** The median; of an even number, the mean of the middle two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Requests of the last days with requests before a day, at most so many. Empty days say nothing: the next one is a hole as well. */
function lastDays(days: readonly number[], first: number, day: number, most: number): number[] {
  const last: number[] = [];
  for (let then = day - 1; then >= first && last.length < most; then--) if (days[then] > 0) last.push(days[then]);
  return last;
}

/** The level of the week before a day: each weekday is in it once, as a rule. undefined if there are fewer days. */
function levelBefore(days: readonly number[], first: number, day: number): number | undefined {
  const last = lastDays(days, first, day, WEEK);
  return last.length < WEEK ? undefined : median(last);
}

/** Of two, either can be out of the ordinary: the lower one is the safe one. */
const typical = (requests: readonly number[]): number =>
  requests.length === 2 ? Math.min(...requests) : median(requests);

/** Requests of earlier equal weekdays, each raised to the level of the week before `day`. */
function equalWeekdays(days: readonly number[], first: number, day: number): { at: number[]; requests: number[] } {
  const level = levelBefore(days, first, day);
  const at: number[] = [];
  const requests: number[] = [];
  for (let week = 1; week <= MOST_WEEKS; week++) {
    const then = day - WEEK * week;
    if (then < first) break;
    const before = levelBefore(days, first, then);
    at.push(then);
    requests.push(level === undefined || before === undefined ? days[then] : (days[then] / before) * level);
  }
  return { at, requests };
}

/** How far days are from what was usual on them: 1.4826 × the median deviation, as for a normal distribution. */
function spreadOf(days: readonly number[], first: number, day: number): number {
  const far: number[] = [];
  for (let then = Math.max(first + 2 * WEEK, day - 4 * WEEK); then < day; then++) {
    const usual = median(equalWeekdays(days, first, then).requests);
    if (usual > 0 && days[then] > 0) far.push(Math.abs(Math.log(days[then] / usual)));
  }
  return far.length < WEEK ? 2 * SMALLEST_SPREAD.day : Math.max(SMALLEST_SPREAD.day, 1.4826 * median(far));
}

function usualOn(days: readonly number[], first: number, day: number): Usual | undefined {
  const earlier = lastDays(days, first, day, 2 * WEEK);
  if (earlier.length < FEWEST_DAYS) return undefined;
  const { at, requests } = equalWeekdays(days, first, day);
  if (requests.length >= 2)
    return { requests: typical(requests), spread: spreadOf(days, first, day), compared: at.length, equal: at };
  return {
    requests: Math.min(typical(earlier), ...requests),
    spread: 2 * SMALLEST_SPREAD.day,
    compared: earlier.length,
    equal: [],
  };
}

/** The share of the usual below which a count is a hole: chance and the source's own spread lower it. */
const leastShare = (most: number, spreads: number, spread: number, usual: number): number =>
  Math.min(most, Math.exp(-spreads * Math.hypot(spread, 1 / Math.sqrt(usual))));

/** Requests that are usual in each hour of a day that has `requests` in all; undefined where hours are not known. */
function usualHours(counts: Counts, equal: readonly number[], requests: number): number[] | undefined {
  const known = equal.flatMap((then) => {
    const hours = counts.hours[then];
    const sum = counts.days[then];
    return hours === undefined || sum === 0 ? [] : [hours.map((count) => count / sum)];
  });
  if (known.length < FEWEST_DAYS) return undefined;
  const shares = Array.from({ length: HOURS }, (_, hour) => median(known.map((day) => day[hour])));
  const sum = shares.reduce((a, b) => a + b, 0);
  return sum > 0 ? shares.map((share) => (share / sum) * requests) : undefined;
}

/** The quietest weekday of late, as it would be on `day`; undefined if all weekdays are alike. */
function restDay(
  counts: Counts,
  first: number,
  day: number,
  usual: Usual,
): { readonly requests: number; readonly hours: number[] | undefined } | undefined {
  let quietest: { readonly requests: number; readonly hours: number[] | undefined } | undefined;
  const level = levelBefore(counts.days, first, day);
  if (level === undefined) return undefined;
  for (let back = 1; back <= WEEK; back++) {
    const equal: number[] = [];
    const requests: number[] = [];
    for (let then = day - back; then >= first && equal.length < MOST_WEEKS; then -= WEEK) {
      const before = levelBefore(counts.days, first, then) ?? level;
      equal.push(then);
      requests.push((counts.days[then] / before) * level);
    }
    if (equal.length < FEWEST_DAYS) continue;
    const usually = median(requests);
    if (quietest === undefined || usually < quietest.requests)
      quietest = { requests: usually, hours: usualHours(counts, equal, usually) };
  }
  return quietest !== undefined && quietest.requests < REST_SHARE * usual.requests ? quietest : undefined;
}

const squares = (came: readonly number[], model: readonly number[]): number =>
  came.reduce((sum, count, hour) => {
    const spread = Math.hypot(Math.sqrt(Math.max(model[hour], 1)), SHAPE_SPREAD * model[hour]);
    return sum + ((count - model[hour]) / spread) ** 2 + 2 * Math.log(spread);
  }, 0);

/**
 * Whether a quiet day has the shape of a holiday: people stay away, machines go on. Then its hours lie between those of the
 * usual weekday and those of a day of rest. A loss takes the same share of all hours.
 */
function looksLikeRest(came: readonly number[], usual: readonly number[], rest: readonly number[]): boolean {
  const total = came.reduce((a, b) => a + b, 0);
  const share = total / usual.reduce((a, b) => a + b, 0);
  const lost = squares(
    came,
    usual.map((count) => count * share),
  );
  let holiday = Infinity;
  for (let work = -0.4; work <= 1; work += 0.1)
    holiday = Math.min(
      holiday,
      squares(
        came,
        usual.map((count, hour) => Math.max(0, work * count + (1 - work) * rest[hour])),
      ),
    );
  return holiday < lost;
}

/** How much of a working day other sources had: 1 a whole one, 0 a day of rest; undefined if none of them tells. */
function workOfOthers(sources: readonly SourceCounts[], own: string, day: number): number | undefined {
  const works = sources
    .filter(({ source }) => source !== own)
    .flatMap(({ whole, first }) => {
      const usual = usualOn(whole.days, first, day);
      if (usual === undefined || usual.equal.length === 0 || usual.requests < FEWEST_REQUESTS) return [];
      const rest = restDay(whole, first, day, usual);
      if (rest === undefined) return [];
      return [(whole.days[day] - rest.requests) / (usual.requests - rest.requests)];
    });
  return works.length === 0 ? undefined : median(works);
}

/** Whether a low count is that of a holiday. */
function isHoliday(
  counts: Counts,
  first: number,
  day: number,
  usual: Usual,
  others: () => number | undefined,
): boolean {
  const rest = restDay(counts, first, day, usual);
  if (rest === undefined || counts.days[day] < QUIETEST_HOLIDAY * rest.requests) return false;
  const work = others();
  if (work !== undefined && work > 0.75) return false;
  if (work !== undefined && work < 0.5) return true;
  const came = counts.hours[day];
  const usually = usualHours(counts, usual.equal, usual.requests);
  return (
    came === undefined || usually === undefined || rest.hours === undefined || looksLikeRest(came, usually, rest.hours)
  );
}

/** Hours that lack requests, measured by the other hours of the same day. */
function emptyHours(
  counts: Counts,
  day: number,
  usual: Usual,
): Pick<Hole, 'hours' | 'usual' | 'came' | 'least'> | undefined {
  const came = counts.hours[day];
  const usually = usualHours(counts, usual.equal, usual.requests);
  if (came === undefined || usually === undefined) return undefined;
  const shares = came.flatMap((count, hour) =>
    usually[hour] >= FEWEST_REQUESTS_OF_HOUR ? [count / usually[hour]] : [],
  );
  if (shares.length === 0) return undefined;
  const sorted = [...shares].sort((a, b) => a - b);
  const share = Math.min(1, sorted[Math.floor(0.75 * (sorted.length - 1))]);
  const spread = hourSpread(counts, usual);
  const found = { hours: [] as number[], usual: 0, came: 0, least: 0 };
  for (let hour = 0; hour < HOURS; hour++) {
    const expected = usually[hour] * share;
    if (expected < FEWEST_REQUESTS_OF_HOUR) continue;
    const least = leastShare(LEAST_SHARE_OF_HOUR, SPREADS.hour, spread, expected) * expected;
    if (came[hour] >= least) continue;
    found.hours.push(hour);
    found.usual += expected;
    found.came += came[hour];
    found.least += least;
  }
  return found.hours.length === 0 ? undefined : found;
}

/** How far hours of equal weekdays are from each other. */
function hourSpread(counts: Counts, usual: Usual): number {
  const far: number[] = [];
  for (const then of usual.equal) {
    const came = counts.hours[then];
    const model = usualHours(counts, usual.equal, counts.days[then]);
    if (came === undefined || model === undefined) continue;
    for (let hour = 0; hour < HOURS; hour++)
      if (came[hour] > 0 && model[hour] >= FEWEST_REQUESTS_OF_HOUR)
        far.push(Math.abs(Math.log(came[hour] / model[hour])));
  }
  return far.length === 0 ? SMALLEST_SPREAD.hour : Math.max(SMALLEST_SPREAD.hour, 1.4826 * median(far));
}

/** The whole source, as a day and by its hours. */
function wholeHoles(source: SourceCounts, sources: readonly SourceCounts[], day: number, usual: Usual): Hole[] {
  const { whole, first } = source;
  const { requests, compared, spread } = usual;
  if (requests < FEWEST_REQUESTS) return [];
  const most = usual.equal.length === 0 ? LEAST_SHARE_OF_DAYS : LEAST_SHARE;
  const least = leastShare(most, SPREADS.day, spread, requests) * requests;
  const came = whole.days[day];
  const found = { source: source.source, part: '', compared, equalWeekdays: usual.equal.length > 0 };
  if (
    came < least &&
    !(usual.equal.length > 0 && isHoliday(whole, first, day, usual, () => workOfOthers(sources, source.source, day)))
  )
    return [{ ...found, hours: [], usual: requests, came, least }];
  const hours = emptyHours(whole, day, usual);
  return hours === undefined ? [] : [{ ...found, ...hours }];
}

/** Parts of a source, measured by its other parts: what all of them lack is the source's own hole, or a holiday. */
function partHoles({ source, first, whole }: SourceCounts, parts: readonly Counts[], day: number): Hole[] {
  const usuals = parts.map(({ days }) => {
    const began = Math.max(
      first,
      days.findIndex((count) => count > 0),
    );
    return { began, usual: usualOn(days, began, day) };
  });
  const judged = parts.flatMap((part, i) => {
    const { began, usual } = usuals[i];
    return usual !== undefined && usual.equal.length > 0 && usual.requests >= FEWEST_REQUESTS
      ? [{ part, began, usual, share: part.days[day] / usual.requests }]
      : [];
  });
  const all = judged.reduce((sum, { usual }) => sum + usual.requests, 0);
  return judged.flatMap(({ part, began, usual, share }): Hole[] => {
    const others = judged.filter((other) => other.part !== part);
    if (others.length === 0) return [];
    const othersUsual = all - usual.requests;
    const othersCame = others.reduce((sum, other) => sum + other.part.days[day], 0);
    const ofOthers = others.length >= 3 ? median(others.map((other) => other.share)) : othersCame / othersUsual;
    const level = Math.min(1, ofOthers);
    const requests = usual.requests * level;
    if (requests < FEWEST_REQUESTS) return [];
    const spread = Math.hypot(usual.spread, 1 / Math.sqrt(othersUsual));
    const least = leastShare(LEAST_SHARE, SPREADS.part, spread, requests) * requests;
    const found = { source, part: part.part, compared: usual.compared, equalWeekdays: true };
    if (share * usual.requests < least && !isHoliday(part, began, day, usual, () => undefined))
      return [{ ...found, hours: [], usual: requests, came: part.days[day], least }];
    const hours = emptyHours(part, day, usual);
    // Hours that the whole source lacks are said once, of the source.
    const own = hours?.hours.filter((hour) => !isEmptyInAll(whole, day, hour, part));
    return hours === undefined || own === undefined || own.length === 0 ? [] : [{ ...found, ...hours, hours: own }];
  });
}

/** Whether the other parts have nothing in that hour either. */
const isEmptyInAll = (whole: Counts, day: number, hour: number, part: Counts): boolean =>
  (whole.hours[day]?.[hour] ?? 0) - (part.hours[day]?.[hour] ?? 0) <= 0;

/**
 * Judges one day of all sources.
 * @param day index into the counts' days
 */
export function judgeDay(sources: readonly SourceCounts[], day: number): DayVerdict {
  const holes: Hole[] = [];
  const notJudged: string[] = [];
  for (const source of sources) {
    if (day <= source.first) {
      if (day === source.first) notJudged.push(source.source);
      continue;
    }
    const usual = usualOn(source.whole.days, source.first, day);
    if (usual === undefined) {
      notJudged.push(source.source);
      continue;
    }
    const own = wholeHoles(source, sources, day, usual);
    holes.push(...own);
    if (!own.some(({ hours }) => hours.length === 0))
      for (const parts of source.divisions) holes.push(...partHoles(source, parts, day));
  }
  return { holes, notJudged };
}
