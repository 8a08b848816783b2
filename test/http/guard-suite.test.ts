// Every cell of "what a guard makes of a request", and every mistake in requirements, over each mount and transport.
import { guardSuite } from "sallyport/testing";
import { describe, test } from "vitest";
import { GUARDED, openGuarded } from "./guarded-mounts.ts";

const ORIGIN = "https://app.example";

for (const [name, start] of Object.entries(GUARDED)) {
  describe(`${name}, bearer mode`, () => {
    guardSuite({ test, open: (guard) => openGuarded(start, guard) });
  });
  describe(`${name}, cookie mode`, () => {
    const transport = { transport: "cookie", origins: [ORIGIN] } as const;
    guardSuite({ test, open: (guard) => openGuarded(start, guard, transport), origin: ORIGIN });
  });
}
