// The suites of the HTTP contract, the same on every server and every mount.
import { cookieHttpSuite, httpSuite } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import { MOUNTS, open } from "./servers.ts";

const ORIGIN = "https://app.example";
const asked: Record<string, string[]> = {};

for (const [name, mount] of Object.entries(MOUNTS)) {
  describe(name, () => {
    const promises: string[] = [];
    asked[name] = promises;
    const promise = (title: string, run: () => Promise<void>): void => {
      promises.push(title);
      test(title, run);
    };
    httpSuite({ test: promise, open: () => open(mount) });
    const transport = { transport: "cookie", origins: [ORIGIN, "https://admin.example:8443"] } as const;
    cookieHttpSuite({ test: promise, open: () => open(mount, transport), origin: ORIGIN });
  });
}

test("every server and mount is asked the same", () => {
  const [first = [], ...others] = Object.values(asked);
  expect(first.length).toBeGreaterThan(100);
  for (const promises of others) expect(promises).toEqual(first);
});
