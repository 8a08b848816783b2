import type { Locator, Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { hasChromium } from "./chromium.ts";
import { EMAIL, fillIn, hasFocus, heading, PASSWORD, signIn, signOut, signUp, useStage } from "./stage.ts";

describe.skipIf(!hasChromium())("at the door of the demo", () => {
  const stage = useStage();
  let page: Page;

  beforeEach(async () => {
    page = await stage.newBrowser();
  });

  const alert = (): Locator => page.locator("#sign-in [role=alert]");

  /** What a screen reader says of a field beside its name. */
  async function descriptionOf(input: Locator): Promise<string> {
    const ids = (await input.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const texts = await Promise.all(ids.map((id) => page.locator(`#${id}`).innerText()));
    return texts.filter(Boolean).join("\n");
  }

  test("a stranger is asked to create an account, and after a sign-out to sign in", async () => {
    await page.locator("#sign-up-panel").waitFor();
    await signUp(page);
    await signOut(page);
    expect(await page.locator("#sign-in-panel").isVisible()).toBe(true);
    await signIn(page);
    expect(await page.locator("h1:focus").innerText()).toBe("You are in.");
    expect(await page.locator("#me").innerText()).toContain(EMAIL);
  });

  test("a weak password is answered at its field, with every reason, and the field has the focus", async () => {
    await fillIn(page, "sign-up", { password: "abc" });
    const field = page.locator("#sign-up-password");
    await page.locator("#sign-up-password[aria-invalid=true]").waitFor();
    const description = await descriptionOf(field);
    for (const reason of ["at least 8 characters", "upper-case letter", "digit"]) {
      expect(description).toContain(reason);
    }
    expect(await hasFocus(field)).toBe(true);
    expect(await page.locator("#sign-up-email").getAttribute("aria-invalid")).toBeNull();

    await field.fill(PASSWORD);
    await page.keyboard.press("Enter");
    await heading(page, "You are in.").waitFor();
  });

  test("an email that has an account is named at the email's field", async () => {
    await signUp(page);
    await signOut(page);
    await fillIn(page, "sign-up", { password: PASSWORD });
    await page.locator("#sign-up-email[aria-invalid=true]").waitFor();
    expect(await page.locator("#sign-up-email-errors").innerText()).toContain("already exists");
    expect(await hasFocus(page.locator("#sign-up-email"))).toBe(true);
  });

  test("a wrong password says so above the form, and the same where there is no account", async () => {
    await signUp(page);
    await signOut(page);
    for (const email of [EMAIL, "nobody@example.com"]) {
      await fillIn(page, "sign-in", { email, password: "Wrong1horse" });
      await alert().getByText("Email or password is wrong.").waitFor();
      expect(await hasFocus(page.locator("#sign-in-password"))).toBe(true);
      await page.locator("#sign-up-tab").click();
    }
  });

  test("too many sign-ins: the page says how long to wait, and holds its button until then", async () => {
    for (let attempt = 1; attempt <= 5; attempt++) {
      await fillIn(page, "sign-in", { password: "Wrong1horse" });
      await alert().getByText("Email or password is wrong.").waitFor();
    }
    await page.clock.install();
    await fillIn(page, "sign-in", { password: PASSWORD });
    await alert()
      .getByText(/^Too many attempts\. You can try again in \d+ s\.$/)
      .waitFor();
    const submit = page.locator("#sign-in [type=submit]");
    expect(await submit.innerText()).toMatch(/^Wait \d+ s$/);
    expect(await submit.getAttribute("aria-disabled")).toBe("true");

    const asked = stage.demo.answers.length;
    await page.locator("#sign-in-password").press("Enter");
    await page.clock.runFor("01:01");
    await submit.getByText("Sign in", { exact: true }).waitFor();
    expect(await submit.getAttribute("aria-disabled")).toBeNull();
    expect(await alert().isVisible()).toBe(false);
    expect(stage.demo.answers.length).toBe(asked);
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

  test("a server that is away says nothing about a password, and takes nothing from the form", async () => {
    await page.route("**/web/auth/login", (route) => route.abort());
    await fillIn(page, "sign-in", { password: PASSWORD });
    await alert().getByText("The server cannot be reached.").waitFor();
    expect(await page.locator("#sign-in-password").inputValue()).toBe(PASSWORD);
  });

  test("without scripts the page says why there is nothing", async () => {
    page = await stage.newBrowser({ javaScriptEnabled: false });
    expect(await page.locator("main").innerText()).toContain("needs JavaScript");
  });
});
