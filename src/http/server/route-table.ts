import type { Route } from "../../contract/route.ts";

/** The routes of one path, by method, and what stands in place of its `{name}`. */
export interface RouteMatch {
  readonly candidates: readonly Route[];
  readonly parameters: Readonly<Record<string, string>>;
}

const NO_PARAMETERS: RouteMatch["parameters"] = Object.freeze({});

/** Finds routes by the raw path: text against text, and for a `{name}` any text without a slash. */
export function routeTable(
  routes: readonly Route[],
  basePath: string,
): (path: string) => RouteMatch | undefined {
  const byPath = new Map<string, readonly Route[]>();
  for (const route of routes) {
    const path = `${basePath}${route.path}`;
    byPath.set(path, [...(byPath.get(path) ?? []), route]);
  }
  const patterns = [...byPath].filter(([path]) => path.includes("{"));
  return (path) => {
    // Nothing of ours has to be escaped, so what is escaped is another spelling.
    if (path.includes("{") || path.includes("%")) return undefined;
    const candidates = byPath.get(path);
    return candidates ? { candidates, parameters: NO_PARAMETERS } : matchPattern(patterns, path);
  };
}

function matchPattern(
  patterns: readonly (readonly [string, readonly Route[]])[],
  path: string,
): RouteMatch | undefined {
  for (const [pattern, candidates] of patterns) {
    const parameters = parametersOf(pattern.split("/"), path.split("/"));
    if (parameters) return { candidates, parameters };
  }
  return undefined;
}

function parametersOf(pattern: readonly string[], path: readonly string[]): Record<string, string> | null {
  if (pattern.length !== path.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const given = path[index] ?? "";
    if (wanted.startsWith("{") && given !== "") parameters[wanted.slice(1, -1)] = given;
    else if (wanted !== given) return null;
  }
  return parameters;
}
