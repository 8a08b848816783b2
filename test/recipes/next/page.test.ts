// docs/frameworks/nextjs.md: its files are an application, which answers the requests of the page.
import { afterAll, beforeAll, expect, test } from "vitest";
import { namedBlocks } from "../../docs/support/pages.ts";
import { followPage } from "../../examples/readme-commands.ts";
import { SECRET } from "../../support/harness.ts";
import { type Application, buildFiles } from "./application.ts";

const PAGE = "docs/frameworks/nextjs.md";

let application: Application;

beforeAll(async () => {
  const files = namedBlocks(PAGE).map(({ name, code }) => [name, code] as const);
  application = await buildFiles(Object.fromEntries(files));
});
afterAll(() => application.remove());

test("its files build without a secret, and answer as it says", async () => {
  expect(application.said).toMatch(/Compiled successfully/);
  const { url } = await application.start({ SALLYPORT_SECRET: SECRET });
  expect(await followPage(PAGE, url)).toBe(5);
});

test("without the secret the first request fails, and the log says how to make one", async () => {
  const running = await application.start({});
  const answer = await fetch(`${running.url}/me`, { redirect: "manual" });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toMatch(/SALLYPORT_SECRET|npx/);
  expect(running.said()).toContain("npx sallyport secret");
});
