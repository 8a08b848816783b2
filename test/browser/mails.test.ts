// The mails as a browser shows them. Mail programs differ, but none is wider or more permissive than this.
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { RENDERING, sampleMails } from "../../scripts/sample-mails.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));
const MAILS = sampleMails();
/** With the longest name of an application too, without a space where it could break. */
const WIDE_MAILS = [...MAILS, ...sampleMails({ ...RENDERING, name: "w".repeat(64) })];

describe.skipIf(!hasChromium())("every mail", () => {
  let browser: Browser;
  let requested: string[];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  async function open(width: number, colorScheme: "light" | "dark"): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    requested = [];
    const page = await context.newPage();
    page.on("request", (request) => requested.push(request.url()));
    return page;
  }

  test.each(["light", "dark"] as const)(
    "has enough contrast and no fault that axe knows, %s",
    async (scheme) => {
      const page = await open(600, scheme);
      const found: string[] = [];
      for (const { kind, html } of MAILS) {
        await page.setContent(html);
        await page.addScriptTag({ path: AXE });
        const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
        expect(passes.map(({ id }) => id)).toContain("color-contrast");
        // Landmarks are for pages with navigation. A mail is one text.
        for (const { id, nodes } of violations)
          if (id !== "region" && id !== "landmark-one-main") found.push(`${kind}: ${id} ${nodes[0]?.html}`);
      }
      expect(found).toEqual([]);
    },
  );

  test("is dark on a dark screen, and light on a light one", async () => {
    for (const [scheme, isRight] of [
      ["light", (sum: number) => sum > 600],
      ["dark", (sum: number) => sum < 160],
    ] as const) {
      const page = await open(600, scheme);
      await page.setContent(MAILS[0]?.html ?? "");
      for (const place of ["body", ".card"]) {
        const ground = await page
          .locator(place)
          .first()
          .evaluate((element) => getComputedStyle(element).backgroundColor);
        const sum = (ground.match(/\d+/g) ?? []).map(Number).reduce((one, other) => one + other, 0);
        expect([place, ground, isRight(sum)]).toEqual([place, ground, true]);
      }
    }
  });

  test.each([320, 390, 1000])(
    "does not scroll sideways at %d pixels, and cuts nothing off",
    async (width) => {
      const page = await open(width, "light");
      const wide: string[] = [];
      for (const { kind, html } of WIDE_MAILS) {
        await page.setContent(html);
        const overhang = await page.evaluate(() => {
          const inner = [...document.querySelectorAll("h1,p,a,td")].map(
            (element) => element.getBoundingClientRect().right - window.innerWidth,
          );
          return Math.max(document.documentElement.scrollWidth - window.innerWidth, ...inner);
        });
        if (overhang > 0) wide.push(`${kind}: ${overhang}`);
      }
      expect(wide).toEqual([]);
    },
  );

  test("asks no server for anything", async () => {
    const page = await open(600, "light");
    for (const { html } of MAILS) await page.setContent(html);
    await page.waitForLoadState("networkidle");
    expect(requested).toEqual([]);
  });
});
