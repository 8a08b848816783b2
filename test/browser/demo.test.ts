import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Demo, startDemo } from "../examples/demo.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

const EMAIL = "ada@example.com";
const PASSWORD = "Correct1horse";
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const SMALL_PHONE = { width: 360, height: 640 };

describe.skipIf(!hasChromium())("the demo page", () => {
  let browser: Browser;
  let demo: Demo;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    demo = await startDemo();
    complaints = [];
    page = await openPage({ viewport: WIDE });
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await demo.stop();
    expect([...demo.errors, ...complaints]).toEqual([]);
  });

  async function openPage(options: BrowserContextOptions): Promise<Page> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(10_000);
    const opened = await context.newPage();
    opened.on("pageerror", (error) => complaints.push(String(error)));
    opened.on("console", (message) => {
      // A refusal is the server's answer, not a fault of the page; a broken policy is one.
      const isRefusal = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !isRefusal) complaints.push(message.text());
    });
    await opened.goto(demo.url);
    return opened;
  }

  const heading = (name: string): Locator => page.getByRole("heading", { name });
  const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
  const audit = (): Promise<string[]> => page.locator("#events .row-title").allTextContents();

  async function fillIn(form: "sign-in" | "sign-up", email: string, password: string): Promise<void> {
    await page.locator(`#${form}-tab`).click();
    const panel = page.locator(`#${form}-panel`);
    await panel.getByLabel("Email").fill(email);
    await panel.getByLabel("Password", { exact: true }).fill(password);
    await panel.locator("[type=submit]").click();
  }

  async function signUp(): Promise<void> {
    await fillIn("sign-up", EMAIL, PASSWORD);
    await page.locator("#events li").first().waitFor();
  }

  async function signOut(): Promise<void> {
    await button("Sign out").click();
    await heading("You are signed out").waitFor();
  }

  /** What a screen reader says of a field beside its name. */
  async function descriptionOf(input: Locator): Promise<string> {
    const ids = (await input.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const texts = await Promise.all(ids.map((id) => page.locator(`#${id}`).innerText()));
    return texts.filter(Boolean).join("\n");
  }

  test("a weak password is answered at its field, with every reason, and the field has the focus", async () => {
    await fillIn("sign-up", EMAIL, "abc");
    const field = page.locator("#sign-up-password");
    await page.locator("#sign-up-password[aria-invalid=true]").waitFor();
    const description = await descriptionOf(field);
    for (const reason of ["at least 8 characters", "upper-case letter", "digit"]) {
      expect(description).toContain(reason);
    }
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.locator("#sign-up-email").getAttribute("aria-invalid")).toBeNull();

    await field.fill(PASSWORD);
    await page.keyboard.press("Enter");
    await heading("You are in.").waitFor();
  });

  test("an email that has an account is named at the email's field", async () => {
    await signUp();
    await signOut();
    await fillIn("sign-up", EMAIL, PASSWORD);
    await page.locator("#sign-up-email[aria-invalid=true]").waitFor();
    expect(await page.locator("#sign-up-email-errors").innerText()).toContain("exists already");
  });

  test("sign-up, who am I, sessions, audit trail, sign-out, and the old token is refused", async () => {
    await signUp();
    expect(await page.locator("h1:focus").innerText()).toBe("You are in.");
    expect(await page.locator("#me").innerText()).toContain(EMAIL);
    expect(await page.locator("#sessions").innerText()).toMatch(/^Chrome on Linux\s*This one\s+127\.0\.0\.1/);
    expect(await audit()).toEqual(["Account created"]);

    await signOut();
    expect(await page.locator("h2:focus").innerText()).toBe("You are signed out");
    await button("Try the old token").click();
    const answer = page.locator("#proof-answer");
    await answer.getByText("session_revoked").waitFor();
    expect(await answer.innerText()).toMatch(/GET \/auth\/me\s+401\s*session_revoked\s+Refused\./);
  });

  test("a wrong password says so above the form, and stands in the owner's audit trail afterwards", async () => {
    await signUp();
    await signOut();
    await fillIn("sign-in", EMAIL, "Wrong1horse");
    const alert = page.locator("#sign-in [role=alert]");
    await alert.waitFor();
    expect(await alert.innerText()).toBe("Email or password is wrong.");
    await fillIn("sign-in", EMAIL, PASSWORD);
    await heading("You are in.").waitFor();
    await page.locator("#events li").nth(3).waitFor();
    expect(await audit()).toEqual(["Signed in", "Wrong password", "Signed out", "Account created"]);
  });

  test("too many sign-ins: the page says how long to wait, and holds its button until then", async () => {
    const alert = page.locator("#sign-in [role=alert]");
    for (let attempt = 1; attempt <= 5; attempt++) {
      await fillIn("sign-in", EMAIL, "Wrong1horse");
      await alert.getByText("Email or password is wrong.").waitFor();
    }
    await fillIn("sign-in", EMAIL, PASSWORD);
    await alert.getByText(/^Too many attempts\. You can try again in \d+ s\.$/).waitFor();
    const submit = page.locator("#sign-in [type=submit]");
    expect(await submit.innerText()).toMatch(/^Wait \d+ s$/);
    expect(await submit.getAttribute("aria-disabled")).toBe("true");
  });

  test("notes are added, kept over a reload, shown as text whatever they hold, and deleted", async () => {
    await signUp();
    const hostile = "<img src=x onerror='document.title=1'>";
    for (const text of ["Water the plants", hostile]) {
      await page.getByLabel("New note").fill(text);
      await page.keyboard.press("Enter");
      await page.locator("#notes p", { hasText: text }).waitFor();
    }
    expect(await page.getByRole("status").last().innerText()).toBe("Note added.");

    await page.reload();
    await page.locator("#notes .note").nth(1).waitFor();
    expect(await page.locator("#me").innerText()).toContain(EMAIL);
    expect(await page.locator("#notes p").allTextContents()).toEqual([hostile, "Water the plants"]);
    expect(await page.title()).toBe("Signed in · Sallyport demo");

    await button(`Delete note: ${hostile}`).click();
    await button("Delete note: Water the plants").click();
    await page.getByText("No notes yet").waitFor();
    expect(await page.locator("#note-text").evaluate((input) => input === document.activeElement)).toBe(true);
  });

  test("an audit trail longer than a page goes on where it ended", async () => {
    await signUp();
    for (let round = 1; round <= 4; round++) {
      await signOut();
      await fillIn("sign-in", EMAIL, PASSWORD);
      await page.locator("#events li").nth(2).waitFor();
    }
    expect(await page.locator("#events li").count()).toBe(8);
    await button("Show older").click();
    await page.locator("#events li").nth(8).waitFor();
    expect((await audit()).at(-1)).toBe("Account created");
    expect(await button("Show older").isVisible()).toBe(false);
  });

  test("a session that ended elsewhere ends here, and a reload does not bring it back", async () => {
    await signUp();
    await page.evaluate(async () => {
      const { accessToken } = JSON.parse(sessionStorage.getItem("sallyport-demo") ?? "{}");
      await fetch("/auth/logout", { method: "POST", headers: { authorization: `Bearer ${accessToken}` } });
    });
    await button("Refresh").click();
    const alert = page.locator("#sign-in [role=alert]");
    await alert.waitFor();
    expect(await alert.innerText()).toBe("The session was ended. Sign in again.");
    expect(await page.locator("#me, #notes, #events, #sessions").allTextContents()).toEqual(["", "", "", ""]);
    await page.reload();
    await page.locator("#door").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  test("a sign-out that the server did not confirm is not called one", async () => {
    await signUp();
    await page.route("**/auth/logout", (route) => route.abort());
    await button("Sign out").click();
    const alert = page.locator("#room-alert");
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/^You are still signed in\./);
    await page.unroute("**/auth/logout");
    await signOut();
  });

  test("a server that is away costs nobody their session: the page offers to try again", async () => {
    await signUp();
    await page.route("**/auth/me", (route) => route.abort());
    await page.reload();
    await heading("That did not work").waitFor();
    await page.unroute("**/auth/me");
    await button("Try again").click();
    await heading("You are in.").waitFor();
  });

  test("the password can be shown, and is hidden again before it is sent", async () => {
    await page.locator("#sign-up-email").fill(EMAIL);
    const field = page.locator("#sign-up-password");
    await field.fill("abc");
    await page.locator("#sign-up").getByRole("button", { name: "Show password" }).click();
    expect(await field.getAttribute("type")).toBe("text");
    await page.keyboard.press("Enter");
    await page.locator("#sign-up-password[aria-invalid=true]").waitFor();
    expect(await field.getAttribute("type")).toBe("password");
  });

  test("the forms can be used with the keyboard alone", async () => {
    await page.locator("#sign-up-tab").focus();
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator("#sign-in-panel").isVisible()).toBe(true);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Tab");
    await page.keyboard.type(EMAIL);
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await heading("You are in.").waitFor();
  });

  test.each([PHONE, SMALL_PHONE])("nothing scrolls sideways at $width pixels", async (viewport) => {
    page = await openPage({ viewport, hasTouch: true });
    const overhang = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

    await fillIn("sign-up", `${"a".repeat(60)}@${"b".repeat(60)}.example`, "abc");
    await page.locator("#sign-up-password[aria-invalid=true]").waitFor();
    expect(await overhang()).toBeLessThanOrEqual(0);
    await page.locator("#sign-up-password").fill(PASSWORD);
    await button("Create account").click();
    await page.locator("#events li").first().waitFor();
    await page.getByLabel("New note").fill("x".repeat(500));
    await button("Add").click();
    await page.locator("#notes .note").waitFor();
    expect(await overhang()).toBeLessThanOrEqual(0);
    await signOut();
    await button("Try the old token").click();
    await page.getByText("session_revoked").waitFor();
    expect(await overhang()).toBeLessThanOrEqual(0);
  });
});
