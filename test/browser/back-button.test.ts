import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { hasChromium } from "./chromium.ts";
import { EMAIL, isEmptied, isInside, signOut, signUp, useStage } from "./stage.ts";

describe.skipIf(!hasChromium())("the back button", () => {
  const stage = useStage();
  let page: Page;

  beforeEach(async () => {
    page = await stage.newBrowser();
    await signUp(page);
  });

  async function leaveForTheContract(): Promise<void> {
    await page.getByRole("link", { name: "The API contract" }).click();
    await page.waitForURL("**/web/auth/openapi.json");
  }

  test("brings the signed-in back to their room, and after a sign-out shows nothing of it", async () => {
    await leaveForTheContract();
    await page.goBack();
    await isInside(page);
    await signOut(page);
    await page.goForward();
    await page.goBack();
    await isEmptied(page);
  });

  test("shows nothing when another tab signed out meanwhile", async () => {
    const other = await stage.newTab(page.context());
    await leaveForTheContract();
    await signOut(other);
    await page.goBack();
    await isEmptied(page);
  });

  test("finds no copy of the page in the cache", async () => {
    const response = await page.reload();
    expect(response?.headers()["cache-control"]).toBe("no-store");
  });
});

describe.skipIf(!hasChromium())("the back button of a browser that keeps whole pages", () => {
  const stage = useStage({ keepsPages: true });

  test("shows nothing of a room that another tab has left, not even for a moment", async () => {
    const page = await stage.newBrowser();
    const context = page.context();
    // As browsers do with pages that allow it: this one forbids it by `no-store`, which not all of them heed.
    await context.route(`${stage.demo.url}/`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), "cache-control": "no-cache" } });
    });
    await context.addInitScript(() => {
      // Before any listener of the page: what somebody would see who pressed the button.
      globalThis.addEventListener("pageshow", ({ persisted }) => {
        if (persisted) Reflect.set(globalThis, "kept", document.documentElement.innerText);
      });
    });
    await page.reload();
    await signUp(page);
    const other = await stage.newTab(context);
    await isInside(other);

    await page.goto(`${stage.demo.url}/favicon.svg`);
    await signOut(other);
    // Not `goBack`, which waits for a document to load: this one only comes back.
    await page.evaluate(() => history.back());
    await page.locator("#door").waitFor();
    const kept = await page.evaluate(() => Reflect.get(globalThis, "kept"));
    expect(kept).toContain("Sallyport");
    expect(kept).not.toContain(EMAIL);
    expect(kept).not.toContain("Chrome on Linux");
    await isEmptied(page);
  });
});
