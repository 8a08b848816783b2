// The example with mail in a real browser: each way from a mail to the account, and what a scanner of mails cannot do.
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type MailApp, startMailApp } from "../examples/mail-app.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));
const EMAIL = "ada@example.com";
const PASSWORD = "Correct1horse";
const NEXT = "Another2staple";
const LIMITS = {
  login: { address: false },
  signup: { address: false },
  mail: { address: false },
  proof: { address: false },
} as const;

describe.skipIf(!hasChromium())("mail", () => {
  let browser: Browser;
  let app: MailApp;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    complaints = [];
    app = await startMailApp({ limits: LIMITS });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await app.stop();
    expect([...complaints, ...app.errors]).toEqual([]);
    // Whatever was done: no token of a mail was ever in a request line or a Referer.
    expect(app.answers.filter((line) => line.includes("sallyport="))).toEqual([]);
    expect(app.referers).toEqual([]);
  });

  /** A profile of its own: cookies and storage of no other. */
  async function profile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await strangeProfile(options);
    context.on("page", (page) => {
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        const isRefusal = message.text().startsWith("Failed to load resource");
        if (message.type() === "error" && !isRefusal) complaints.push(message.text());
      });
    });
    return context;
  }

  /** The same, of a program that does what no page foresees. */
  async function strangeProfile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(60_000);
    return context;
  }

  async function open(context: BrowserContext, path = "/"): Promise<Page> {
    const page = await context.newPage();
    await page.goto(path.startsWith("http") ? path : app.url + path);
    return page;
  }

  async function submit(page: Page, form: string, fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, value] of Object.entries(fields))
      await page.locator(`#${form} [name=${name}]`).fill(value);
    await page.locator(`#${form} button`).first().click();
  }

  /** The same with a form that asks for a mail, until the mail is on its way. */
  async function ask(page: Page, form: string, fields: Readonly<Record<string, string>>): Promise<void> {
    await submit(page, form, fields);
    await page.getByText("Check your mail").waitFor();
  }

  /** Reads the newest mail as its reader does: on the page of the inbox. */
  async function readMail(
    context: BrowserContext,
  ): Promise<{ readonly link: string; readonly code: string }> {
    const page = await open(context, "/dev/mail");
    const newest = page.locator("article").first();
    const link = (await newest.getByRole("link", { name: "Open the link" }).getAttribute("href")) ?? "";
    const [, code = ""] = /^@\S+ #(\d+)$/m.exec((await newest.locator("pre").textContent()) ?? "") ?? [];
    await page.close();
    return { link, code };
  }

  const isInside = (page: Page) => page.locator("#who").filter({ hasText: EMAIL }).waitFor();
  const says = (page: Page, text: string) => page.locator("#status").filter({ hasText: text }).waitFor();

  async function account(context: BrowserContext): Promise<Page> {
    const page = await open(context);
    await ask(page, "sign-up", { email: EMAIL, password: PASSWORD });
    const { code } = await readMail(context);
    await submit(page, "code", { code });
    await isInside(page);
    return page;
  }

  async function statusOfMe(context: BrowserContext): Promise<number> {
    return (await context.request.get(`${app.url}/auth/me`)).status();
  }

  test("a sign-up is confirmed by the code, in the page that waits for it", async () => {
    const page = await account(await profile());
    await page.getByText("This address is verified.").waitFor();
  });

  test("a sign-up is confirmed by the link, in another tab of the same browser", async () => {
    const context = await profile();
    const page = await open(context);
    await ask(page, "sign-up", { email: EMAIL, password: PASSWORD });
    const { link } = await readMail(context);
    const landing = await open(context, link);
    await says(landing, "Welcome. Your address is verified.");
    expect(landing.url()).toBe(`${app.url}/mail`);
    expect(await landing.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await landing.getByRole("link", { name: "Continue to Acme" }).click();
    await isInside(landing);
  });

  test("in another browser the link asks for a new password, and the first one is worth nothing", async () => {
    const stranger = await profile();
    const first = await open(stranger);
    await ask(first, "sign-up", { email: EMAIL, password: PASSWORD });
    const owner = await profile();
    const { link, code } = await readMail(owner);
    const landing = await open(owner, link);
    await submit(landing, "new-password", { password: "abc" });
    await says(landing, "Use at least");
    await submit(landing, "new-password", { password: NEXT });
    await says(landing, "Welcome. Your address is verified.");
    await submit(first, "code", { code });
    await says(first, "The code or link is wrong, used or too old.");
    await first.getByRole("button", { name: "Back" }).click();
    await submit(first, "sign-in", { email: EMAIL, password: PASSWORD });
    await says(first, "Email or password is wrong.");
    expect([await statusOfMe(stranger), await statusOfMe(owner)]).toEqual([401, 200]);
  });

  test("a forgotten password becomes a new one, and the sessions of before are over", async () => {
    const before = await profile();
    await account(before);
    const context = await profile();
    const page = await open(context);
    await ask(page, "forgot", { email: EMAIL });
    const landing = await open(await profile(), (await readMail(context)).link);
    await submit(landing, "new-password", { password: NEXT });
    await says(landing, "Your new password counts now.");
    expect([await statusOfMe(before), await statusOfMe(context)]).toEqual([401, 401]);
    await page.getByRole("button", { name: "Back" }).click();
    await submit(page, "sign-in", { email: EMAIL, password: NEXT });
    await isInside(page);
  });

  test("the code sets a new password, too, where it was asked for; it may be sent again", async () => {
    await account(await profile());
    const context = await profile();
    const page = await open(context);
    await ask(page, "forgot", { email: EMAIL });
    const { code } = await readMail(context);
    await page.getByRole("button", { name: "Send it again" }).click();
    await says(page, "The mail is on its way again.");
    expect(await readMail(context)).toMatchObject({ code });
    await submit(page, "code", { code, password: NEXT });
    await says(page, "Your new password counts now.");
    await submit(page, "sign-in", { email: EMAIL, password: NEXT });
    await isInside(page);
  });

  test("an unknown address looks the same, and no mail comes", async () => {
    const page = await open(await profile());
    await ask(page, "forgot", { email: "eve@example.com" });
    const inbox = await open(await profile(), "/dev/mail");
    await inbox.getByText("No mail yet.").waitFor();
  });

  test("a link that was cut off is pasted as a text", async () => {
    const context = await profile();
    await ask(await open(context), "sign-up", { email: EMAIL, password: PASSWORD });
    const { link } = await readMail(context);
    const landing = await open(context, "/mail");
    await submit(landing, "token", { text: "not it" });
    await says(landing, "This is not a line from one of our mails.");
    await submit(landing, "token", { text: link.split("#sallyport=")[1] ?? "" });
    await says(landing, "Welcome. Your address is verified.");
  });

  test("a scanner that opens the link, runs the page and presses everything uses nothing up", async () => {
    const context = await profile();
    const page = await open(context);
    const scan = async (link: string): Promise<void> => {
      const scanner = await open(await strangeProfile(), link);
      await scanner.locator("main > section:not([hidden])").first().waitFor();
      for (const button of await scanner.locator("button").all()) await button.dispatchEvent("click");
      for (const form of await scanner.locator("form").all())
        await form.evaluate((element) => (element as HTMLFormElement).requestSubmit());
      await scanner.waitForLoadState("networkidle");
      await scanner.goto(link.replace("#", "?"));
      await scanner.context().close();
    };
    await ask(page, "sign-up", { email: EMAIL, password: PASSWORD });
    const signup = await readMail(context);
    await scan(signup.link);
    const landing = await open(context, signup.link);
    await says(landing, "Welcome. Your address is verified.");
    const forgetful = await profile();
    await ask(await open(forgetful), "forgot", { email: EMAIL });
    const reset = await readMail(forgetful);
    await scan(reset.link);
    expect(await statusOfMe(context)).toBe(200);
    const setting = await open(await profile(), reset.link);
    await submit(setting, "new-password", { password: NEXT });
    await says(setting, "Your new password counts now.");
    // The scanner itself wrote this one into a request line.
    for (let at = app.answers.length - 1; at >= 0; at--)
      if (app.answers[at]?.startsWith("GET /mail?sallyport=")) app.answers.splice(at, 1);
  });

  test.each(["light", "dark"] as const)("no page has a fault that axe knows, %s", async (colorScheme) => {
    const context = await profile({ colorScheme, bypassCSP: true }); // axe is a script of its own
    const faultsOf = async (page: Page): Promise<readonly string[]> => {
      await page.addScriptTag({ path: AXE });
      const { violations, passes } = await page.evaluate<AxeResults>("axe.run()");
      expect(passes.map(({ id }) => id)).toContain("color-contrast");
      return violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`);
    };
    const page = await open(context);
    await page.locator("#sign-up").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await ask(page, "sign-up", { email: EMAIL, password: PASSWORD });
    await submit(page, "code", { code: "0" });
    await says(page, "The code or link is wrong, used or too old.");
    expect(await faultsOf(page)).toEqual([]);
    const { link } = await readMail(context);
    for (const path of ["/dev/mail", "/mail", link]) {
      const other = await open(context, path);
      await other.locator("h1").waitFor();
      if (path === link) await says(other, "Welcome. Your address is verified.");
      expect(await faultsOf(other)).toEqual([]);
    }
  });
});
