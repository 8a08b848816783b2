const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `"15m"`, `"24h"`, `"30d"`, `"10s"`, `"250ms"`, or a whole number of milliseconds. */
export type Duration = number | `${number}${keyof typeof UNITS}`;

/** How many attempts (`points`) a key has in a window of `windowMs` milliseconds. */
export interface RateRule {
  readonly points: number;
  readonly windowMs: number;
}

/** Milliseconds. Null: not a positive duration. */
export function parseDuration(value: string | number): number | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value : null;
  if (typeof value !== "string") return null; // a pattern reads `["5m"]` as "5m"
  const match = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(value);
  return match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : null;
}

/** Memcached takes a longer window for a date. */
const LONGEST_WINDOW = 30 * UNITS.d;

/** `"5/1m"`: five in any minute. Null: not a rule. A window lasts a second to 30 days. */
export function parseRateRule(value: string): RateRule | null {
  const match = typeof value === "string" ? /^([1-9]\d{0,5})\/(\w+)$/.exec(value) : null;
  const windowMs = match && parseDuration(match[2] as string);
  return windowMs && windowMs >= 1000 && windowMs <= LONGEST_WINDOW
    ? { points: Number(match[1]), windowMs }
    : null;
}

export function addMs(date: Date, ms: number): Date {
  return new Date(date.getTime() + ms);
}
