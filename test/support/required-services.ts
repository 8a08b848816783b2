import { test } from "vitest";
import { absenceOf, DATABASES, type DatabaseKind } from "./services.ts";

/** Those of the kinds that can be reached here. */
export function reachable(kinds: readonly DatabaseKind[] = DATABASES): readonly DatabaseKind[] {
  return kinds.filter((kind) => {
    const absence = absenceOf(kind);
    return absence === null || isThere(false, absence);
  });
}

/** Whether what tests need is there. If not, one test of this name is skipped; with REQUIRE_SERVICES=1 it fails. */
export function isThere(needed: unknown, absence: string): boolean {
  if (needed) return true;
  test(absence, ({ skip }) => {
    if (process.env["REQUIRE_SERVICES"] === "1") throw new TypeError(`REQUIRE_SERVICES=1, but ${absence}.`);
    skip();
  });
  return false;
}
