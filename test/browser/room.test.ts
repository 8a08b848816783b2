import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { call } from "../examples/demo.ts";
import { hasChromium } from "./chromium.ts";
import {
  audit,
  button,
  changePassword,
  EMAIL,
  fillIn,
  hasFocus,
  heading,
  isEmptied,
  isInside,
  lookAgain,
  OTHER_PASSWORD,
  PASSWORD,
  signIn,
  signOut,
  signUp,
  useStage,
} from "./stage.ts";

const ENDED_ELSEWHERE =
  "A sign-out from another browser or a password change ended this session. Sign in again.";

describe.skipIf(!hasChromium())("in the room of the demo", () => {
  const stage = useStage({ auth: { limits: { login: { address: false } } } });
  let page: Page;

  beforeEach(async () => {
    page = await stage.newBrowser();
    await signUp(page);
  });

  /** A second browser, signed in; the page here has seen it. */
  async function signInElsewhere(): Promise<Page> {
    const other = await stage.newFirefox();
    await signIn(other);
    await lookAgain(page);
    return other;
  }

  /** What a browser does when somebody turns to its window. */
  const turnTo = (other: Page): Promise<boolean> =>
    other.evaluate(() => globalThis.dispatchEvent(new Event("focus")));

  const endsHere = (other: Page): Promise<void> =>
    other.locator("#notice", { hasText: ENDED_ELSEWHERE }).waitFor();

  test("it says who is in, from where, and what has happened", async () => {
    expect(await page.locator("h1:focus").innerText()).toBe("You are in.");
    expect(await page.locator("#me").innerText()).toContain(EMAIL);
    expect(await page.locator("#sessions").innerText()).toMatch(
      /^Chrome on Linux\s*This browser\s+127\.0\.0\.1/,
    );
    expect(await page.getByText("You are signed in here and nowhere else.").isVisible()).toBe(true);
    expect(await button(page, "Sign out the others").isVisible()).toBe(false);
    expect(await heading(page, "Today").isVisible()).toBe(true);
    expect(await audit(page)).toEqual(["Account created"]);
  });

  test("a session of another browser is named by its device, ended here, and over there", async () => {
    const other = await signInElsewhere();
    expect(await page.locator("#sessions .row-title").allTextContents()).toEqual([
      "Firefox on Windows",
      "Chrome on Linux This browser",
    ]);
    await page.getByRole("button", { name: /^Sign out Firefox on Windows, since/ }).click();
    await page.getByText("Firefox on Windows is signed out.").waitFor();
    await page.locator("#events", { hasText: "Session ended from another one" }).waitFor();
    expect(await page.locator("#sessions li").count()).toBe(1);
    expect(await hasFocus(page.locator("#sessions li"))).toBe(true);

    await turnTo(other);
    await endsHere(other);
    await isEmptied(other);
    expect(await hasFocus(other.locator("#notice"))).toBe(true);
    await other.reload();
    await isEmptied(other);
    await lookAgain(page);
  });

  test("all other sessions end at once, and this one goes on", async () => {
    const others = [await signInElsewhere(), await signInElsewhere()];
    await button(page, "Sign out the others").click();
    await page.getByText("2 sessions ended.").waitFor();
    expect(await page.locator("#sessions li").count()).toBe(1);
    expect(await hasFocus(heading(page, "My sessions"))).toBe(true);
    for (const other of others) {
      await button(other, "Look again").click();
      await endsHere(other);
    }
  });

  test("a session that ended meanwhile disappears without a complaint", async () => {
    const other = await signInElsewhere();
    await signOut(other);
    await page.getByRole("button", { name: /^Sign out Firefox on Windows, since/ }).click();
    await page.getByText("Firefox on Windows is signed out.").waitFor();
    expect(await page.locator("#room-alert").isVisible()).toBe(false);
  });

  test("what failed stands in the audit trail as well, with its mark and a word", async () => {
    await signOut(page);
    await fillIn(page, "sign-in", { password: "Wrong1horse" });
    await page.locator("#sign-in [role=alert]").waitFor();
    await signIn(page);
    expect(await audit(page)).toEqual([
      "Signed in",
      "Wrong password at sign-in",
      "Signed out",
      "Account created",
    ]);
    const failed = page.locator("#events li").nth(1);
    expect(await failed.innerText()).toContain("Failed");
    expect(await failed.locator("use").getAttribute("href")).toBe("#mark-fail");
  });

  test("an audit trail longer than a page goes on where it ended, under one heading for a day", async () => {
    for (let round = 1; round <= 4; round++) {
      await signOut(page);
      await signIn(page);
    }
    expect(await page.locator("#events li").count()).toBe(8);
    await button(page, "Show older").click();
    await page.locator("#events li").nth(8).waitFor();
    expect((await audit(page)).at(-1)).toBe("Account created");
    expect(await button(page, "Show older").isVisible()).toBe(false);
    expect(await hasFocus(page.locator("#events li").nth(8))).toBe(true);
    expect(await page.locator("#events h3").allTextContents()).toEqual(["Today"]);
  });

  test("a new password ends the other browser's session, and this one goes on in a new one", async () => {
    const other = await signInElsewhere();
    await changePassword(page, PASSWORD, OTHER_PASSWORD);
    await page.locator("#password-changed", { hasText: "All earlier sessions have ended" }).waitFor();
    expect(await hasFocus(page.locator("#password-changed"))).toBe(true);
    await page.locator("#events", { hasText: "Password changed, every session ended" }).waitFor();
    await button(page, "Sign out the others").waitFor({ state: "hidden" });
    expect(await page.locator("#sessions li").count()).toBe(1);

    await turnTo(other);
    await endsHere(other);
    await isEmptied(other);
    await lookAgain(page);
    await signOut(page);
    await fillIn(page, "sign-in", { password: PASSWORD });
    await page.locator("#sign-in [role=alert]").waitFor();
    await signIn(page, OTHER_PASSWORD);
  });

  test("a password change names a wrong current password and a weak new one at their fields", async () => {
    await changePassword(page, "Wrong1horse", OTHER_PASSWORD);
    await page.locator("#current-password[aria-invalid=true]").waitFor();
    expect(await page.locator("#current-password-errors").innerText()).toBe(
      "This is not your current password.",
    );
    expect(await hasFocus(page.locator("#current-password"))).toBe(true);
    await page.locator("#events", { hasText: "Wrong current password" }).waitFor();

    await changePassword(page, PASSWORD, "abc");
    await page.locator("#new-password[aria-invalid=true]").waitFor();
    expect(await page.locator("#new-password-errors li").count()).toBe(3);
    expect(await page.locator("#current-password").getAttribute("aria-invalid")).toBeNull();
    await lookAgain(page);
  });

  test("notes are added, kept over a reload, shown as text whatever they hold, and deleted", async () => {
    const hostile = "<img src=x onerror='document.title=1'>";
    expect(await page.getByText("No notes yet").isVisible()).toBe(true);
    for (const text of ["Water the plants", hostile]) {
      await page.getByLabel("New note").fill(text);
      await page.keyboard.press("Enter");
      await page.locator("#notes p", { hasText: text }).waitFor();
    }
    expect(await page.getByRole("status").last().innerText()).toBe("Note added.");

    await page.reload();
    await isInside(page);
    expect(await page.locator("#notes p").allTextContents()).toEqual([hostile, "Water the plants"]);
    expect(await page.title()).toBe("Signed in · Sallyport demo");

    await button(page, `Delete note: ${hostile}`).click();
    await button(page, "Delete note: Water the plants").click();
    await page.getByText("No notes yet").waitFor();
    expect(await hasFocus(page.locator("#note-text"))).toBe(true);
  });

  test("after a sign-out the server knows nobody here, and a copy of the cookie is worth nothing", async () => {
    const cookies = await page.context().cookies();
    const copy = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const withCopy = { headers: { cookie: copy } };
    expect((await call(`${stage.demo.url}/web/auth/me`, "GET", withCopy)).status).toBe(200);

    await signOut(page);
    expect(await hasFocus(heading(page, "You are signed out"))).toBe(true);
    await isEmptied(page);
    await button(page, "Ask the server").click();
    const answer = page.locator("#proof-answer");
    await answer.getByText("token_missing").waitFor();
    expect(await answer.innerText()).toMatch(/GET \/web\/auth\/me\s+401\s+token_missing\s/);
    expect(stage.demo.answers.at(-1)).toBe("GET /web/auth/me 401");

    await page.getByText("Prove it with a copy of the cookie").click();
    const command = await page.locator("#proof-command").innerText();
    const [, url, name] = /curl -i (\S+) .*cookie: (\S+)=/s.exec(command) ?? [];
    expect(cookies.map((cookie) => cookie.name)).toContain(name);
    const { status, json } = await call(url ?? "", "GET", withCopy);
    expect([status, json.code]).toEqual([401, "session_revoked"]);
  });

  test("a sign-out that the server did not confirm is not called one", async () => {
    await page.route("**/web/auth/logout", (route) => route.abort());
    await button(page, "Sign out").click();
    const alert = page.locator("#room-alert");
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/^You are still signed in\./);
    await page.unroute("**/web/auth/logout");
    await signOut(page);
  });

  test("the commands for a terminal make a session that can be ended here", async () => {
    await page.getByText("Sign in from a terminal, too").click();
    const command = await page.locator("#terminal-command").innerText();
    expect(command).toContain(`${stage.demo.url}/auth/login`);
    const body = { email: EMAIL, password: PASSWORD };
    const headers = { "user-agent": "curl/8.5.0" };
    const { json } = await call(`${stage.demo.url}/auth/login`, "POST", { body, headers });
    await lookAgain(page);
    await page.getByRole("button", { name: /^Sign out curl, since/ }).click();
    await page.getByText("curl is signed out.").waitFor();
    const after = await call(`${stage.demo.url}/auth/me`, "GET", { token: json.accessToken });
    expect([after.status, after.json.code]).toEqual([401, "session_revoked"]);
  });
});
