import type { BrowserContext, Page } from "playwright-core";
import { fakeClock } from "sallyport/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { hasChromium } from "./chromium.ts";
import {
  button,
  fillIn,
  heading,
  isEmptied,
  isInside,
  lookAgain,
  PASSWORD,
  signIn,
  signOut,
  signUp,
  useStage,
} from "./stage.ts";

const REFRESH = "**/web/auth/refresh";

describe.skipIf(!hasChromium())("two tabs of the demo", () => {
  const clock = fakeClock();
  const stage = useStage({ auth: { clock } });
  let one: Page;
  let two: Page;
  let context: BrowserContext;

  beforeEach(async () => {
    clock.set(new Date());
    one = await stage.newBrowser();
    context = one.context();
    // Before the page reads a clock for the first time.
    await context.clock.setFixedTime(clock.now());
    await one.reload();
    await signUp(one);
    two = await stage.newTab(context);
    await isInside(two);
  });

  const refreshes = (): string[] => stage.demo.answers.filter((answer) => answer.includes("/refresh"));

  /** For the server and for the browser, so that every access token has ended. */
  async function aDayPasses(): Promise<void> {
    stage.demo.answers.length = 0;
    clock.advance("24h");
    await context.clock.setFixedTime(clock.now());
  }

  /** Lets both look again, with the first refresh held until the other tab waits for it. */
  async function lookAtOnce(tabs: readonly Page[]): Promise<number> {
    let [inFlight, mostInFlight] = [0, 0];
    const bothAsked = Promise.withResolvers<void>();
    await context.route(REFRESH, async (route) => {
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      await bothAsked.promise;
      const response = await route.fetch();
      inFlight--;
      await route.fulfill({ response });
    });
    await Promise.all(tabs.map((tab) => button(tab, "Look again").click()));
    await one.waitForFunction(async () => ((await navigator.locks.query()).pending ?? []).length > 0);
    bothAsked.resolve();
    for (const tab of tabs) await tab.getByText("Everything is up to date.").waitFor();
    await context.unroute(REFRESH);
    return mostInFlight;
  }

  test("refresh at once by one request, and nobody is signed out", async () => {
    await two.close();
    // Opened by the first: then both are of one process, and what one stores the other sees at once.
    const opened = context.waitForEvent("page");
    await one.evaluate(() => void window.open("/"));
    const tabs = [one, await opened];
    for (const tab of tabs) await isInside(tab);
    await aDayPasses();
    await lookAtOnce(tabs);
    expect(refreshes()).toEqual(["POST /web/auth/refresh 200"]);
    for (const tab of tabs) await lookAgain(tab);
    expect(refreshes()).toHaveLength(1);
  });

  test("of different processes refresh one after the other at most, and nobody is signed out", async () => {
    await aDayPasses();
    expect(await lookAtOnce([one, two])).toBe(1);
    // A browser may show a tab what another stored only after it has given it the lock. Then there are two.
    expect(refreshes().length).toBeLessThanOrEqual(2);
    expect(new Set(refreshes())).toEqual(new Set(["POST /web/auth/refresh 200"]));
    await aDayPasses();
    for (const tab of [one, two]) await lookAgain(tab);
  });

  test("in a browser without locks both refresh, and still nobody is signed out", async () => {
    await context.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, "locks", { value: undefined }),
    );
    for (const tab of [one, two]) {
      await tab.reload();
      await isInside(tab);
    }
    await aDayPasses();
    // Neither gets an answer before both have asked.
    const both = Promise.withResolvers<void>();
    let asked = 0;
    await context.route(REFRESH, async (route) => {
      if (++asked === 2) both.resolve();
      await both.promise;
      await route.continue();
    });
    await Promise.all([button(one, "Look again").click(), button(two, "Look again").click()]);
    for (const tab of [one, two]) await tab.getByText("Everything is up to date.").waitFor();
    expect(refreshes()).toEqual(Array(2).fill("POST /web/auth/refresh 200"));

    await context.unroute(REFRESH);
    await aDayPasses();
    for (const tab of [one, two]) await lookAgain(tab);
    expect(refreshes()).toEqual(["POST /web/auth/refresh 200"]);
  });

  test("a sign-out in one empties the other, which says why", async () => {
    await signOut(one);
    await two.getByText("You signed out in another tab of this browser.").waitFor();
    await isEmptied(two);
    expect(stage.demo.answers.filter((answer) => answer.includes("/logout"))).toHaveLength(1);
  });

  test("a sign-in in one opens the other, for the same user or for another", async () => {
    await signOut(one);
    await two.locator("#door").waitFor();
    await signIn(two);
    await isInside(one);

    await signOut(two);
    await one.locator("#door").waitFor();
    await fillIn(one, "sign-up", { email: "eve@example.com", password: PASSWORD });
    await two.locator("#me", { hasText: "eve@example.com" }).waitFor();
    expect(await two.content()).not.toContain("ada@example.com");
  });

  test("a server that is away costs nobody the session: not on a reload, not when a refresh is due", async () => {
    await aDayPasses();
    await context.route("**/web/**", (route) => route.abort());
    await button(one, "Look again").click();
    await one.locator("#room-alert", { hasText: "You are still signed in." }).waitFor();
    await two.reload();
    await heading(two, "That did not work").waitFor();

    await context.unroute("**/web/**");
    await button(two, "Try again").click();
    await isInside(two);
    await lookAgain(one);
    expect(await one.locator("#room-alert").isVisible()).toBe(false);
  });

  test("a page that lost the network asks again when it is back", async () => {
    await context.route("**/web/**", (route) => route.abort());
    await two.reload();
    await heading(two, "That did not work").waitFor();
    await context.unroute("**/web/**");
    await two.evaluate(() => globalThis.dispatchEvent(new Event("online")));
    await isInside(two);
  });
});
