import { afterEach, expect, test } from "vitest";
import { codeBlock, codeBlocks, codeSpans, section, tableRows } from "./support/pages.ts";
import { type Folder, makeFolder } from "./support/programs.ts";

const PAGE = "docs/testing.md";
const EXAMPLE = codeBlock(PAGE, "ts", "capturingEvents()");

const HTTP_SUITES = ["httpSuite", "cookieHttpSuite", "mailHttpSuite"];

let folder: Folder;
afterEach(() => folder.remove());

test("every example of the page passes under node --test, and none is empty", async () => {
  const blocks = codeBlocks(PAGE).filter(({ language }) => language === "ts");
  folder = makeFolder(Object.fromEntries(blocks.map(({ code, line }) => [`line-${line}.test.ts`, code])));
  const run = folder.start(["--test", "--test-reporter=tap"]);
  expect([await run.exit, run.said().match(/^not ok.*/gm)]).toEqual([0, null]);
  const passed = Number(/^# pass (\d+)$/m.exec(run.said())?.[1]);
  expect(passed).toBeGreaterThan(50); // the suites alone have more
  expect(run.said()).toContain("a user signs up and logs in, and continues after a day with a refresh");
  expect(blocks.length).toBe(5);
});

test.each([
  ["started directly", {}, 1],
  ["started directly, with NODE_ENV=test", { NODE_ENV: "test" }, 0],
])(
  "the hasher for tests, %s, is judged as the page says",
  async (_how, env: Record<string, string>, exit) => {
    folder = makeFolder({ "auth.test.ts": EXAMPLE });
    const run = folder.start(["auth.test.ts"], env);
    expect([await run.exit, run.said().includes("works in tests only")]).toEqual([exit, exit === 1]);
  },
);

test("every export of sallyport/testing is on the page", async () => {
  folder = makeFolder({});
  const names = Object.keys(await import("sallyport/testing"));
  const fakes = tableRows(section(PAGE, "Fakes")).map(([name]) =>
    codeSpans(name ?? "")[0]?.replace(/\(.*/, ""),
  );
  expect([...fakes, "storeSuite", "rateLimiterSuite", ...HTTP_SUITES, "guardSuite"].sort()).toEqual(
    names.sort(),
  );
  expect(codeSpans(section(PAGE, "A store of your own"))).toContain("storeSuite");
});
