import { test } from "vitest";
import { type DatabaseKind, NEEDS_NO_SERVER, SERVERS } from "./databases.ts";

const EVERY_KIND: readonly DatabaseKind[] = ["postgres", "mariadb", ...NEEDS_NO_SERVER];

/** Those of the kinds that can be reached here. A missing one is a skipped test, or a failure when required. */
export function reachable(kinds: readonly DatabaseKind[] = EVERY_KIND): readonly DatabaseKind[] {
  return kinds.filter((kind) => {
    const variable = SERVERS[kind];
    return variable === undefined || isThere(process.env[variable], `${kind}: ${variable} is not set`);
  });
}

/** Whether what tests need is there. If not: one test is skipped, by this name; under REQUIRE_SERVICES=1 all fail. */
export function isThere(needed: unknown, absence: string): boolean {
  if (needed) return true;
  if (process.env["REQUIRE_SERVICES"] === "1") throw new TypeError(`REQUIRE_SERVICES=1, but ${absence}.`);
  test.skip(absence, () => {});
  return false;
}
