// The demo with mail in a real browser: each way from a mail to the account, and what a scanner of mails cannot do.
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { memoryStore } from "sallyport";
import { describe, expect, test } from "vitest";
import { call, startDemo, startMailDemo } from "../examples/demo.ts";
import { signUp } from "../examples/server-process.ts";
import { hasChromium } from "./chromium.ts";
import { askToReset, askToSignUp, isInsideAs, NEXT, PASSWORD, submit, useMailStage } from "./mail-stage.ts";
import { audit, button, fillIn, hasFocus, heading, isInside } from "./stage.ts";

const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));
const WRONG = "The code or link is wrong, used or too old.";
const NEW_PASSWORD = "Your new password counts now";
const WIDE = { width: 1280, height: 800 };
const LONG_EMAIL = `${"a".repeat(60)}@${"b".repeat(60)}.example`;

describe.skipIf(!hasChromium())("mail", () => {
  const stage = useMailStage();
  const { profile, strangeProfile, open, readMail, statusOfMe } = stage;

  const says = (page: Page, form: string, text: string): Promise<void> =>
    page.locator(`#${form} :is([role=alert], .errors)`, { hasText: text }).waitFor();

  const isVerified = (page: Page): Promise<void> =>
    page.locator("#me").getByText("Verified", { exact: true }).waitFor();

  test("a sign-up is confirmed by the code, as the inbox shows it; a wrong one is named at its field", async () => {
    const context = await profile();
    const page = await open(context);
    await askToSignUp(page, stage.email);
    expect(await hasFocus(heading(page, "Look into your mail"))).toBe(true);
    await submit(page, "asked-form", { code: "0" });
    await says(page, "asked-form", WRONG);
    const field = page.getByLabel("Code", { exact: true });
    expect(await hasFocus(field)).toBe(true);
    for (const [name, value] of [
      ["autocomplete", "one-time-code"],
      ["inputmode", "numeric"],
    ] as const)
      expect(await field.getAttribute(name)).toBe(value);
    const [inbox] = await Promise.all([
      context.waitForEvent("page"),
      page.getByRole("link", { name: "Open the inbox" }).click(),
    ]);
    const mail = inbox.locator("article", { hasText: `To ${stage.email}` });
    await submit(page, "asked-form", { code: await mail.locator(".mail-code").innerText() });
    await isInside(page);
    expect(await hasFocus(heading(page, "You are in."))).toBe(true);
    await isVerified(page);
    expect(await page.locator("#verify").isVisible()).toBe(false);
    expect(await audit(page)).toEqual(["Account created"]);
  });

  test("a sign-up is confirmed by the link, in another tab of the same browser, and both are in", async () => {
    const context = await profile();
    const page = await open(context);
    await askToSignUp(page, stage.email);
    const inbox = await open(context, "/dev/mail");
    const mail = inbox.locator("article", { hasText: `To ${stage.email}` });
    await mail.getByRole("link", { name: "Open the link" }).click();
    await heading(inbox, "Welcome").waitFor();
    expect(await hasFocus(heading(inbox, "Welcome"))).toBe(true);
    expect(inbox.url()).toBe(`${stage.demo.url}/mail`);
    await isInsideAs(page, stage.email);
    await inbox.getByRole("link", { name: "Continue" }).click();
    await isInsideAs(inbox, stage.email);
    // Neither the history nor its titles have the token.
    await inbox.goBack();
    expect(inbox.url()).toBe(`${stage.demo.url}/mail`);
  });

  test("in another browser the link asks for a new password, and the first one is worth nothing", async () => {
    const stranger = await profile();
    const first = await open(stranger);
    await askToSignUp(first, stage.email);
    const owner = await profile();
    const { link, code } = await readMail();
    const landing = await open(owner, link);
    await submit(landing, "new-password-form", { password: "abc" });
    await says(landing, "new-password-form", "Use at least");
    await submit(landing, "new-password-form", { password: NEXT });
    await heading(landing, "Welcome").waitFor();
    await submit(first, "asked-form", { code });
    await says(first, "asked-form", WRONG);
    await button(first, "Back").click();
    await fillIn(first, "sign-in", { email: stage.email, password: PASSWORD });
    await says(first, "sign-in", "Email or password is wrong.");
    expect([await statusOfMe(stranger), await statusOfMe(owner)]).toEqual([401, 200]);
  });

  test("a forgotten password becomes a new one, and the sessions of before are over", async () => {
    const before = await signUp(stage.demo.url, { email: stage.email, password: PASSWORD });
    const me = () => call(`${stage.demo.url}/auth/me`, "GET", { token: before.json.accessToken });
    expect((await me()).status).toBe(200);
    const context = await profile();
    const page = await open(context);
    await askToReset(page, stage.email);
    const landing = await open(await profile(), (await readMail()).link);
    await submit(landing, "new-password-form", { password: NEXT });
    await heading(landing, NEW_PASSWORD).waitFor();
    expect([(await me()).json.code, await statusOfMe(context)]).toEqual(["session_revoked", 401]);
    await button(page, "Back").click();
    await fillIn(page, "sign-in", { email: stage.email, password: NEXT });
    await isInsideAs(page, stage.email);
  });

  test("the code sets a new password, too, where it was asked for; it may be sent again", async () => {
    await signUp(stage.demo.url, { email: stage.email, password: PASSWORD });
    const page = await open(await profile());
    await askToReset(page, stage.email);
    const { code } = await readMail();
    await button(page, "Send it again").click();
    await page.getByText("The mail is on its way again.").waitFor();
    const mails = stage.demo.inbox.mails.length;
    expect(await readMail()).toMatchObject({ code });
    expect(stage.demo.inbox.mails).toHaveLength(mails + 1);
    await submit(page, "asked-form", { code, password: "abc" });
    await says(page, "asked-form", "Use at least");
    await submit(page, "asked-form", { code, password: NEXT });
    await page.locator("#notice", { hasText: NEW_PASSWORD }).waitFor();
    expect(await hasFocus(page.locator("#notice"))).toBe(true);
    await fillIn(page, "sign-in", { email: stage.email, password: NEXT });
    await isInside(page);
    expect(await audit(page)).toContain("Password reset by mail, every session ended");
  });

  test("an unknown address looks the same, no mail comes, and the page keeps no email when it is left", async () => {
    const page = await open(await profile());
    await askToReset(page, stage.email);
    expect(await readMail()).toEqual({ link: "no link", code: "no code" });
    await page.locator("#asked-code").fill("123456");
    await button(page, "Back").click();
    await page.locator("#door").waitFor();
    const values = await page
      .locator("input")
      .evaluateAll((inputs) => inputs.map((input) => Reflect.get(input, "value")).join(""));
    expect([values, (await page.content()).includes(stage.email)]).toEqual(["", false]);
  });

  test("a link that was cut off is pasted as a text; while the server is away, it may be tried again", async () => {
    const context = await profile();
    await askToSignUp(await open(context), stage.email);
    const { link } = await readMail();
    const landing = await open(context, "/mail");
    await submit(landing, "paste-form", { text: "not it" });
    await says(landing, "paste-form", "This is not a line from one of our mails.");
    await context.route("**/web/auth/signup/confirm", (route) => route.abort());
    await submit(landing, "paste-form", { text: link.split("#sallyport=")[1] ?? "" });
    await heading(landing, "That did not work").waitFor();
    await context.unroute("**/web/auth/signup/confirm");
    await button(landing, "Try again").click();
    await heading(landing, "Welcome").waitFor();
  });

  test("a scanner that opens the link, runs the page and presses everything uses nothing up", async () => {
    const context = await profile();
    const { answers } = stage.demo;
    const scan = async (link: string): Promise<void> => {
      const scanner = await open(await strangeProfile(), link);
      await scanner.locator(".screen:not(#waiting):not([hidden])").first().waitFor();
      await scanner.evaluate(() => {
        for (const control of document.querySelectorAll("button")) control.click();
        for (const form of document.forms) form.requestSubmit();
      });
      await scanner.waitForLoadState("networkidle");
      await scanner.goto(link.replace("#", "?"));
      await scanner.waitForLoadState("networkidle");
      await scanner.context().close();
    };
    await askToSignUp(await open(context), stage.email);
    const signup = await readMail();
    await scan(signup.link);
    await heading(await open(context, signup.link), "Welcome").waitFor();
    await askToReset(await open(await profile()), stage.email);
    const reset = await readMail();
    await scan(reset.link);
    expect(await statusOfMe(context)).toBe(200);
    const setting = await open(await profile(), reset.link);
    await submit(setting, "new-password-form", { password: NEXT });
    await heading(setting, NEW_PASSWORD).waitFor();
    // The scanner itself wrote its link into a request line.
    const own = answers.filter((line) => !line.startsWith("GET /mail?sallyport="));
    expect(answers.length).toBe(own.length + 2);
    answers.splice(0, answers.length, ...own);
  });

  type Look = (page: Page, screen: string) => Promise<void>;

  /** Opens every screen of mail, and has `look` look at each. */
  async function walk(context: BrowserContext, email: string, look: Look): Promise<void> {
    const page = await open(context);
    await page.locator("#door").waitFor();
    await page.locator("#sign-in-tab").click();
    await look(page, "the door");
    await button(page, "Forgot your password?").click();
    await look(page, "a forgotten password");
    await submit(page, "forgot-form", { email });
    await heading(page, "Look into your mail").waitFor();
    await look(page, "a mail that resets");
    await button(page, "Back").click();
    await askToSignUp(page, email);
    await submit(page, "asked-form", { code: "0" });
    await says(page, "asked-form", WRONG);
    await button(page, "Send it again").click();
    await page.getByText("The mail is on its way again.").waitFor();
    await look(page, "a wrong code");
    const landing = await open(context, "/dev/mail");
    await landing.locator("article").first().waitFor();
    await look(landing, "the inbox");
    const go = async (path: string, title: string): Promise<void> => {
      await landing.goto("about:blank"); // another fragment alone would not load the page
      await landing.goto(path);
      await heading(landing, title).waitFor();
    };
    const link = stage.demo.inbox.mails.find(({ to }) => to === email)?.link ?? "";
    for (const [path, title] of [
      [`${stage.demo.url}/mail`, "Was the link cut off?"],
      [link.replace("signup.", "login."), "Go back to where you began"],
      [link, "Welcome"],
    ] as const) {
      await go(path, title);
      await look(landing, title);
    }
    await isInside(page);
    await look(page, "the room");
    await go(link, "Choose a password"); // used
    await submit(landing, "new-password-form", { password: NEXT });
    await says(landing, "new-password-form", WRONG);
    await look(landing, "a used link");
  }

  test("no screen has a fault that axe knows, light or dark, and none scrolls sideways at 360 pixels", async () => {
    // axe is a script of its own. Without transitions it meets no colour that is on its way.
    const context = await profile({ bypassCSP: true, reducedMotion: "reduce", viewport: WIDE });
    const found: string[] = [];
    await walk(context, LONG_EMAIL, async (page, screen) => {
      await page.addScriptTag({ path: AXE });
      for (const [colorScheme, run] of [
        ["light", "axe.run()"],
        ["dark", "axe.run({ runOnly: ['color-contrast'] })"], // all else is the same
      ] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations, passes } = await page.evaluate<AxeResults>(run);
        expect(passes.map(({ id }) => id)).toContain("color-contrast");
        for (const { id, nodes } of violations)
          found.push(`${screen}, ${colorScheme}: ${id} ${nodes[0]?.html}`);
      }
      await page.setViewportSize({ width: 360, height: 740 });
      const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overhang > 0) found.push(`${screen}: ${overhang} pixels too wide`);
      await page.setViewportSize(WIDE);
    });
    expect(found).toEqual([]);
  });

  test("the page offers what its server has: no mail, mail that goes out, or an inbox", async () => {
    const silent = await startDemo();
    const offers = async (page: Page): Promise<readonly unknown[]> => {
      await page.locator("#door").waitFor();
      await page.locator("#sign-up-tab").click();
      const hint = await page.locator("#sign-up-email-hint").innerText();
      await page.locator("#sign-in-tab").click();
      const forgot = await button(page, "Forgot your password?").count();
      return [forgot, await page.getByRole("link", { name: "Inbox" }).count(), hint];
    };
    try {
      const context = await profile();
      expect(await offers(await open(context, silent.url))).toEqual([
        ...[0, 0, "This demo sends no mail. You can invent one."],
      ]);
      const hint = "You can invent one. Every mail of this demo is in its inbox.";
      expect(await offers(await open(context))).toEqual([1, 1, hint]);
      await context.route("**/setup.js", async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace('"inbox"', '"smtp"') });
      });
      expect(await offers(await open(context))).toEqual([1, 0, "We send a mail there."]);
    } finally {
      await silent.stop();
    }
  });

  test("a user who signed in before the email was proven verifies it by the code, or by the link", async () => {
    const later = await startMailDemo({ email: { verification: "later" } });
    try {
      for (const way of ["code", "link"] as const) {
        const email = `${way}@example.com`;
        const context = await profile();
        const page = await open(context, later.url);
        await page.locator("#door").waitFor();
        await fillIn(page, "sign-up", { email, password: PASSWORD });
        await isInsideAs(page, email);
        await page.locator("#me").getByText("Not verified", { exact: true }).waitFor();
        await button(page, "Send me a mail to verify it").click();
        await page.locator("#verify-code:focus").waitFor();
        await call(`${later.url}/dev/mail`, "GET");
        const mail = later.inbox.mails.find(({ to }) => to === email);
        if (way === "code") {
          await submit(page, "verify-form", { code: "0" });
          await page.locator("#verify-code-errors", { hasText: WRONG }).waitFor();
          await submit(page, "verify-form", { code: mail?.code ?? "" });
        } else {
          const landing = await open(context, mail?.link ?? "");
          await heading(landing, "Your email is verified").waitFor();
          await page.reload();
        }
        await isVerified(page);
        expect(await page.locator("#verify").isVisible()).toBe(false);
      }
    } finally {
      await later.stop();
    }
    expect(later.errors).toEqual([]);
  });

  test("an account from before the mail proves its email at the next sign-in, by the code or by the link", async () => {
    const store = memoryStore();
    const before = await startMailDemo({ store, email: { verification: "later" } });
    const now = await startMailDemo({ store });
    try {
      for (const way of ["code", "link"] as const) {
        const email = `${way}@example.com`;
        expect((await signUp(before.url, { email, password: PASSWORD })).status).toBe(201);
        const context = await profile();
        const page = await open(context, now.url);
        await page.locator("#door").waitFor();
        await fillIn(page, "sign-in", { email, password: PASSWORD });
        await page.getByText("Your email was never confirmed.").waitFor();
        await call(`${now.url}/dev/mail`, "GET");
        const mail = now.inbox.mails.find(({ to, kind }) => to === email && kind === "login");
        if (way === "code") await submit(page, "asked-form", { code: mail?.code ?? "" });
        else await heading(await open(context, mail?.link ?? ""), "Welcome back").waitFor();
        await isInsideAs(page, email);
        await isVerified(page);
      }
    } finally {
      await Promise.all([before.stop(), now.stop()]);
    }
    expect([...before.errors, ...now.errors]).toEqual([]);
  });
});
