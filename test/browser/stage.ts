import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
  Response,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type Demo, type DemoAuth, startDemo } from "../examples/demo.ts";
import { launchChromium } from "./chromium.ts";

export const EMAIL = "ada@example.com";
export const PASSWORD = "Correct1horse";
export const OTHER_PASSWORD = "Another1horse";
const WIDE = { width: 1280, height: 800 };

const FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** A browser of somebody, and a demo of their own for each test. */
export interface Stage {
  readonly demo: Demo;
  readonly browser: Browser;
  /** In a tab of a browser that nobody used before: the page, as it comes up. */
  newBrowser(options?: BrowserContextOptions): Promise<Page>;
  /** One that says it is another. */
  newFirefox(): Promise<Page>;
  newTab(context: BrowserContext): Promise<Page>;
}

export interface StageOptions {
  readonly auth?: DemoAuth;
  readonly keepsPages?: boolean;
}

/** What a page has written to the console, and what a policy was broken by, fails the test. */
export function useStage({ auth = {}, ...options }: StageOptions = {}): Stage {
  let browser: Browser;
  let demo: Demo;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium(options);
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    demo = await startDemo(undefined, auth);
    complaints = [];
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await demo.stop();
    expect([...demo.errors, ...complaints]).toEqual([]);
  });

  const newTab = async (context: BrowserContext): Promise<Page> => {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // A refusal is the server's answer, not a fault of the page; a broken policy is one.
      const isRefusal = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isRefusal) complaints.push(message.text());
    });
    await page.goto(demo.url);
    return page;
  };
  const newBrowser = async (contextOptions: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: WIDE, ...contextOptions });
    context.setDefaultTimeout(60_000);
    return newTab(context);
  };
  return {
    get demo() {
      return demo;
    },
    get browser() {
      return browser;
    },
    newBrowser,
    newFirefox: () => newBrowser({ userAgent: FIREFOX }),
    newTab,
  };
}

export const heading = (page: Page, name: string): Locator => page.getByRole("heading", { name });
export const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });

interface Credentials {
  readonly email?: string;
  readonly password: string;
}

export async function fillIn(
  page: Page,
  form: "sign-in" | "sign-up",
  { email = EMAIL, password }: Credentials,
): Promise<void> {
  await page.locator(`#${form}-tab`).click();
  const panel = page.locator(`#${form}-panel`);
  await panel.getByLabel("Email").fill(email);
  await panel.getByLabel("Password", { exact: true }).fill(password);
  await panel.locator("[type=submit]").click();
}

export async function signUp(page: Page, email: string = EMAIL): Promise<void> {
  await fillIn(page, "sign-up", { email, password: PASSWORD });
  await isInside(page);
}

export async function signIn(page: Page, password: string = PASSWORD): Promise<void> {
  await fillIn(page, "sign-in", { password });
  await isInside(page);
}

/** Waits until somebody is in, and all of their room is there. */
export async function isInside(page: Page): Promise<void> {
  await page.locator("#events li").first().waitFor();
  await page.locator("#sessions li").first().waitFor();
  await page.locator("#notes-empty, #notes li").first().waitFor();
}

export async function signOut(page: Page): Promise<void> {
  await button(page, "Sign out").click();
  await heading(page, "You are signed out").waitFor();
}

export async function changePassword(page: Page, current: string, next: string): Promise<void> {
  const details = page.locator("#password-details");
  if ((await details.getAttribute("open")) === null) await details.locator("summary").click();
  await page.locator("#current-password").fill(current);
  await page.locator("#new-password").fill(next);
  await button(page, "Change password").click();
}

/** Waits until the page, asked to look again, has everything anew. */
export async function lookAgain(page: Page): Promise<void> {
  const isLastList = (response: Response): boolean =>
    response.ok() && response.url().includes("/auth/events");
  // By what is answered: the words may still stand there from the time before.
  await Promise.all([page.waitForResponse(isLastList), button(page, "Look again").click()]);
  await page.getByText("Everything is up to date.").waitFor();
}

export function audit(page: Page): Promise<string[]> {
  return page.locator("#events .row-title > span:first-child").allTextContents();
}

export function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement);
}

/** Waits for the door, and for a page that holds nothing of whoever was in: no text, no attribute, no value. */
export async function isEmptied(page: Page): Promise<void> {
  await page.locator("#door").waitFor();
  const values = page
    .locator("input")
    .evaluateAll((inputs) => inputs.map((input) => Reflect.get(input, "value")));
  const markup = (await page.content()) + (await values).join();
  for (const secret of [EMAIL, "127.0.0.1 ", PASSWORD, OTHER_PASSWORD]) expect(markup).not.toContain(secret);
  expect(await page.locator("#me, #notes, #events, #sessions").allTextContents()).toEqual(["", "", "", ""]);
}
