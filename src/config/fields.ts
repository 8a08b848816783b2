import * as z from "zod/mini";
import { reading } from "../api/schema.ts";
import { parseDuration, parseRateRule, type RateRule } from "../domain/duration.ts";

// The parts of options. A message continues the name of its option: "limits.login.address: must be ...".

export const SECOND = 1_000;
export const MINUTE: number = 60 * SECOND;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;
export const YEAR: number = 365 * DAY;

export const duration: z.ZodMiniType<number, string | number> = z.lazy(() =>
  reading(
    z.union([z.string(), z.number()]),
    (value, fail): number =>
      parseDuration(value) ?? fail('must be a duration such as "15m", "24h" or whole milliseconds'),
  ),
);

const rule = z.lazy(() =>
  reading(
    z.string(),
    (value, fail): RateRule =>
      parseRateRule(value) ?? fail('must be a rule such as "5/1m", or false to switch it off'),
  ),
);

type RulesField<Input> = z.ZodMiniType<readonly RateRule[], Input>;

/** One rule, several, or `false`, parsed to a list of rules. */
export const rules: RulesField<string | string[] | false> = z.lazy(() =>
  reading(
    z.union(
      [z.literal(false), rule, z.array(rule).check(z.minLength(1))],
      'must be a rule such as "5/1m", a list of rules, or false',
    ),
    (value): readonly RateRule[] => (value === false ? [] : [value].flat()),
  ).check(z.refine(isWithoutRepeats, "has the same rule twice: each attempt would count twice")),
);

/** One rule or `false`, parsed to a list of rules. */
export const oneRule: RulesField<string | false> = z.lazy(() =>
  reading(
    z.union([z.literal(false), rule], 'must be a rule such as "5/1m", or false to switch it off'),
    (value): readonly RateRule[] => (value === false ? [] : [value]),
  ),
);

function isWithoutRepeats(list: readonly RateRule[]): boolean {
  return new Set(list.map(({ points, windowMs }) => `${points}/${windowMs}`)).size === list.length;
}

export function whole(low: number, high: number, source = ""): z.ZodMiniType<number, number> {
  return z
    .int()
    .check(z.minimum(low, `must be at least ${low}${source}`), z.maximum(high, `must be at most ${high}`));
}

export function objectWith<T>(...methods: readonly (keyof T & string)[]): z.ZodMiniType<T, T> {
  return z.custom<T>(
    (value) => isObject(value) && methods.every((method) => typeof value[method] === "function"),
    `must be an object with ${methods.join(", ")}`,
  );
}

export function functionOption<T>(): z.ZodMiniType<T, T> {
  return z.custom<T>((value) => typeof value === "function", "must be a function");
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** What is wrong with an option, behind its full name. `above`: the names that its path hangs from. */
export function describeIssue(issue: z.core.$ZodIssue, above: readonly string[] = []): string {
  const path = [...above, ...issue.path].join(".");
  if (issue.code !== "unrecognized_keys") return `${path || "options"}: ${issue.message}`;
  const names = issue.keys.map((key) => (path ? `${path}.${key}` : key));
  return `${names.join(", ")}: no such option; check the spelling against docs/configuration.md`;
}
