import type { RouteRow } from "../../contract/route.ts";
import { misconfigured } from "../../errors.ts";

/** The routes of one path, and the texts in place of its `{name}`s. */
export interface RouteMatch {
  readonly candidates: readonly RouteRow[];
  readonly texts: readonly string[];
}

const NAME = /\{(\w+)\}/g;

/**
 * Finds routes by the raw path: text equals text, and a `{name}` is any text without a slash. Throws
 * `invalid_configuration` if two rows are one route, or have one name.
 */
export function routeTable(
  rows: readonly RouteRow[],
  basePath: string,
): (path: string) => RouteMatch | undefined {
  refuseRepeated(rows, ({ method, path }) => `${method} ${patternOf(path)}`);
  refuseRepeated(rows, ({ name }) => name);
  const byPattern = new Map<string, readonly RouteRow[]>();
  for (const row of rows) {
    const pattern = `${basePath}${patternOf(row.path)}`;
    byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), row]);
  }
  const patterns = [...byPattern].filter(([pattern]) => pattern.includes("{"));
  return (path) => {
    // No route needs an escape: an escaped path is another spelling.
    if (path.includes("{") || path.includes("%")) return undefined;
    const candidates = byPattern.get(path);
    return candidates ? { candidates, texts: [] } : matchPattern(patterns, path);
  };
}

/** The text of each `{name}` of a row. */
export function parametersOf({ path }: RouteRow, { texts }: RouteMatch): Readonly<Record<string, string>> {
  const names = [...path.matchAll(NAME)].map(([, name]) => name);
  return Object.fromEntries(texts.map((text, index) => [names[index], text]));
}

function patternOf(path: string): string {
  return path.replace(NAME, "{}");
}

function refuseRepeated(rows: readonly RouteRow[], keyOf: (row: RouteRow) => string): void {
  const keys = rows.map(keyOf);
  const repeated = keys.find((key, index) => keys.indexOf(key) < index);
  if (repeated === undefined) return;
  throw misconfigured(`createHandler: two routes are ${repeated}`);
}

function matchPattern(
  patterns: readonly (readonly [string, readonly RouteRow[]])[],
  path: string,
): RouteMatch | undefined {
  for (const [pattern, candidates] of patterns) {
    const texts = textsOf(pattern.split("/"), path.split("/"));
    if (texts) return { candidates, texts };
  }
  return undefined;
}

function textsOf(pattern: readonly string[], path: readonly string[]): readonly string[] | null {
  const fits = (wanted: string, index: number) =>
    wanted === "{}" ? path[index] !== "" : wanted === path[index];
  if (pattern.length !== path.length || !pattern.every(fits)) return null;
  return path.filter((_text, index) => pattern[index] === "{}");
}
