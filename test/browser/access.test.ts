import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasChromium } from "./chromium.ts";
import {
  button,
  changePassword,
  EMAIL,
  fillIn,
  hasFocus,
  heading,
  isInside,
  lookAgain,
  OTHER_PASSWORD,
  PASSWORD,
  signIn,
  signOut,
  signUp,
  useStage,
} from "./stage.ts";

const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));
const LONG_EMAIL = `${"a".repeat(60)}@${"b".repeat(60)}.example`;

type Look = (screen: string) => Promise<void>;

describe.skipIf(!hasChromium())("the demo is for everybody", () => {
  const stage = useStage({ auth: { limits: { login: { address: "8/1m", device: "5/15m" } } } });

  /** Goes through every screen, and has `look` look at each. */
  async function walk(page: Page, email: string, look: Look): Promise<void> {
    await page.locator("#door").waitFor();
    await look("the door");
    await fillIn(page, "sign-up", { email, password: "abc" });
    await page.locator("#sign-up-password[aria-invalid]").waitFor();
    await look("a weak password");
    await signUp(page, email);
    await look("an empty room");
    await page.getByLabel("New note").fill("x".repeat(500));
    await button(page, "Add").click();
    await page.locator("#notes li").waitFor();
    await page.locator("#terminal summary").click();
    await changePassword(page, "Wrong1horse", "abc");
    await page.locator("#new-password[aria-invalid]").waitFor();
    await changePassword(page, "Wrong1horse", OTHER_PASSWORD);
    await page.locator("#current-password[aria-invalid]").waitFor();
    const other = await stage.newFirefox();
    await fillIn(other, "sign-in", { email, password: PASSWORD });
    await isInside(other);
    await lookAgain(page);
    await look("a full room");
    await changePassword(page, PASSWORD, OTHER_PASSWORD);
    await page.locator("#password-changed").waitFor();
    await button(page, "Sign out the others").waitFor({ state: "hidden" });
    await look("a changed password");
    await page.route("**/web/auth/me", (route) => route.abort());
    await page.reload();
    await button(page, "Try again").waitFor();
    await look("a server that is away");
    await page.unroute("**/web/auth/me");
    await button(page, "Try again").click();
    await isInside(page);
    const tab = await stage.newTab(page.context());
    await signOut(tab);
    await page.locator("#notice").waitFor();
    await look("a sign-out in another tab");
    await tab.close();
    await fillIn(page, "sign-in", { email, password: OTHER_PASSWORD });
    await isInside(page);
    await signOut(page);
    await button(page, "Ask the server").click();
    await page.locator("#proof-answer code").first().waitFor();
    await page.locator("#proof-copy summary").click();
    await look("a sign-out with its proof");
    for (let tries = 0; tries < 8; tries++) {
      if (await page.getByText("Too many attempts.").isVisible()) break;
      await fillIn(page, "sign-in", { email, password: "Wrong1horse" });
      await page.locator("#sign-in [role=alert]").waitFor();
    }
    await page.getByText("Too many attempts.").waitFor();
    await look("too many attempts");
  }

  test.each(["light", "dark"] as const)(
    "axe finds nothing serious on any screen, %s",
    async (colorScheme) => {
      // axe comes as a script, which the policy of the page would not let in.
      const page = await stage.newBrowser({ colorScheme, bypassCSP: true, reducedMotion: "reduce" });
      const found: string[] = [];
      const look: Look = async (screen) => {
        await page.addScriptTag({ path: AXE });
        const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
        expect(passes.length).toBeGreaterThan(10);
        for (const { id, impact, nodes } of violations) {
          if (impact === "serious" || impact === "critical") found.push(`${screen}: ${id} ${nodes[0]?.html}`);
        }
      };
      await walk(page, EMAIL, look);
      expect(found).toEqual([]);
    },
  );

  test.each([390, 360])("nothing scrolls sideways at %d pixels", async (width) => {
    const page = await stage.newBrowser({ viewport: { width, height: 740 }, hasTouch: true });
    const wide: string[] = [];
    await walk(page, LONG_EMAIL, async (screen) => {
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overhang > 0) wide.push(`${screen}: ${overhang}`);
    });
    expect(wide).toEqual([]);
  });

  test("it can be used with the keyboard alone", async () => {
    const page = await stage.newBrowser();
    const press = async (...keys: string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await page.locator("#door").waitFor();
    await press("Tab");
    expect(await page.locator(":focus").innerText()).toBe("Skip to the content");
    await press("Enter", "Tab", "ArrowLeft");
    expect(await page.locator("#sign-in-panel").isVisible()).toBe(true);
    await press("ArrowRight", "Tab");
    await page.keyboard.type(EMAIL);
    await press("Tab");
    await page.keyboard.type(PASSWORD);
    await press("Enter");
    await isInside(page);

    expect(await hasFocus(heading(page, "You are in."))).toBe(true);
    // From the heading on, which has the focus: look again, the terminal, the note, the password, the contract.
    const stops: string[] = [];
    for (let stop = 0; stop < 6; stop++) {
      await press("Tab");
      stops.push(
        await page.locator(":focus").evaluate((element) => element.id || (element.textContent ?? "")),
      );
      expect(await page.locator(":focus").evaluate((element) => getComputedStyle(element).outlineStyle)).toBe(
        "solid",
      );
    }
    expect(stops).toEqual([
      "refresh",
      "Sign in from a terminal, too",
      "note-text",
      "Add",
      "Change the password",
      "The API contract",
    ]);
    await page.locator("#sign-out").focus();
    await press("Enter");
    await heading(page, "You are signed out").waitFor();
    expect(await hasFocus(heading(page, "You are signed out"))).toBe(true);
  });

  test("nothing moves for people who want no motion", async () => {
    const page = await stage.newBrowser({ reducedMotion: "reduce" });
    await signUp(page);
    await lookAgain(page);
    const moving = await page.evaluate(() => document.getAnimations().length);
    expect(moving).toBe(0);
    await signOut(page);
    await signIn(page);
  });
});
