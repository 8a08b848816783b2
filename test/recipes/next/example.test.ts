// examples/next in Chromium, with and without script: as users would use it, and what other sites can do.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasChromium, launchChromium } from "../../browser/chromium.ts";
import { PASSWORD, SECRET } from "../../support/harness.ts";
import { type Application, buildFolder } from "./application.ts";
import { type Front, openFront } from "./front.ts";

describe.skipIf(!hasChromium())("the example in Chromium", () => {
  let application: Application;
  let front: Front;
  let foreign: Server;
  let browser: Browser;
  let context: BrowserContext;
  let complaints: string[];
  let users = 0;

  beforeAll(async () => {
    application = await buildFolder("examples/next");
    front = await openFront();
    const { port } = await application.start({ SALLYPORT_SECRET: SECRET, ORIGIN: front.origin });
    front.leadTo(port);
    foreign = createServer((_request, response) => {
      const page = `<!doctype html><title>Prizes</title><a href="${front.origin}/notes">Notes</a>
        <form method="post" action="${front.origin}/notes" enctype="multipart/form-data"><button>Win</button></form>`;
      response.writeHead(200, { "content-type": "text/html" }).end(page);
    }).listen(0, "127.0.0.1");
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    foreign?.close();
    await front?.close();
    await application?.remove();
  });
  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await context?.close();
    expect(complaints).toEqual([]);
  });

  async function newPage(javaScriptEnabled = true): Promise<Page> {
    context = await browser.newContext({ javaScriptEnabled });
    context.setDefaultTimeout(30_000);
    context.on("page", (page) => {
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          complaints.push(message.text());
      });
    });
    return context.newPage();
  }

  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  const isOnNotes = (page: Page) => page.getByRole("heading", { name: "Your notes" }).waitFor();
  const newEmail = (): string => `user${++users}@example.com`;
  /** As after a day. */
  const forgetAccess = () => context.clearCookies({ name: "sp-access" });

  async function send(page: Page, email: string, password: string): Promise<void> {
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.locator("form button").click();
  }

  async function signUp(page: Page, email: string = newEmail()): Promise<void> {
    await page.goto(`${front.origin}/sign-up`);
    await send(page, email, PASSWORD);
    await isOnNotes(page);
  }

  describe.each([
    ["with script", true],
    ["without script", false],
  ])("%s", (_how, hasScript) => {
    test("sign-up: refusals say what is wrong, and what was typed is in no address", async () => {
      const page = await newPage(hasScript);
      await page.goto(`${front.origin}/sign-up`);
      await send(page, newEmail(), "petit");
      await page.waitForURL(/error=weak_password/);
      expect(new URL(page.url()).searchParams.getAll("rule").sort()).toEqual([
        "missing_digit",
        "missing_upper",
        "too_short",
      ]);
      expect(await page.locator("#refusal").textContent()).toBe(
        "Please choose a stronger password. Use at least 8 characters. Add an upper-case letter. Add a digit.",
      );
      const email = newEmail();
      await send(page, email, PASSWORD);
      await isOnNotes(page);
      await context.clearCookies();
      await page.goto(`${front.origin}/sign-up`);
      await send(page, email, PASSWORD);
      await page.waitForURL(/error=email_taken/);
      expect(front.answered.filter((line) => /petit|Correct1horse|user\d+/.test(line))).toEqual([]);
    });

    test("out, and in again by way of a page for signed-in users", async () => {
      const page = await newPage(hasScript);
      const email = newEmail();
      await signUp(page, email);
      await page.locator(".menu summary").click();
      expect(await page.locator(".menu").textContent()).toContain(email);
      await button(page, "Sign out").click();
      await page.waitForURL(`${front.origin}/`);
      await page.goto(`${front.origin}/notes`);
      expect(page.url()).toBe(`${front.origin}/sign-in?returnTo=%2Fnotes`);
      await send(page, email, "Wrong1horse");
      await page.getByText("Email or password is wrong.").waitFor();
      expect(page.url()).toBe(`${front.origin}/sign-in?error=invalid_credentials&returnTo=%2Fnotes`);
      await send(page, email, PASSWORD);
      await isOnNotes(page);
    });

    test("a session of yesterday is renewed on the way to the page, also by a link from another site", async () => {
      const page = await newPage(hasScript);
      await signUp(page);
      for (const from of [
        `${front.origin}/notes`,
        `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`,
      ]) {
        await forgetAccess();
        const before = front.refreshTokens.size;
        await page.goto(from);
        if (!from.startsWith(front.origin)) await page.getByRole("link", { name: "Notes" }).click();
        if (!hasScript) await button(page, "Continue").click();
        await isOnNotes(page);
        expect([page.url(), front.refreshTokens.size - before]).toEqual([`${front.origin}/notes`, 1]);
      }
    });

    test("a link cannot write on the page, nor name another site as the next page", async () => {
      const page = await newPage(hasScript);
      const query = {
        error: "<b>Call 555</b>",
        rule: "<i>x</i>",
        wait: "<u>1",
        returnTo: "https://evil.example/",
      };
      const email = newEmail();
      await page.goto(`${front.origin}/sign-up?${new URLSearchParams(query)}`);
      expect(await page.locator("#refusal").textContent()).toBe("This did not work. Please try again.");
      await send(page, email, PASSWORD);
      await isOnNotes(page);
      expect(page.url()).toBe(`${front.origin}/notes`);
    });
  });

  test("six tabs that come back at once are one rotation", async () => {
    const page = await newPage();
    await signUp(page);
    await forgetAccess();
    const before = front.refreshTokens.size;
    const tabs = await Promise.all(Array.from({ length: 6 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, index) => tab.goto(`${front.origin}/notes?tab=${index}`)));
    await Promise.all(tabs.map(isOnNotes));
    expect(front.refreshTokens.size - before).toBe(1);
  });

  test("actions add and remove notes of their user, without a page between", async () => {
    const page = await newPage();
    await signUp(page);
    const documents = front.answered.filter((line) => line.startsWith("GET /notes")).length;
    for (const text of ["Water the plants", "<b>Bold</b>"]) {
      await page.getByLabel("New note").fill(text);
      await button(page, "Add").click();
      await page.getByText(text, { exact: true }).waitFor();
    }
    expect(await page.locator("li span").allTextContents()).toEqual(["<b>Bold</b>", "Water the plants"]);
    await button(page, "Remove: <b>Bold</b>").click();
    await expect.poll(() => page.locator("li span").allTextContents()).toEqual(["Water the plants"]);
    expect(front.answered.filter((line) => line.startsWith("GET /notes")).length).toBe(documents);
    await page.getByLabel("New note").fill("Second");
    await button(page, "Add").click();
    await button(page, "Remove all notes").click();
    await page.getByText("There is no note yet.").waitFor();
  });

  test("an action without a session leads to the sign-in, and one of yesterday's session to its renewal", async () => {
    const page = await newPage();
    await signUp(page);
    await forgetAccess();
    const [before, rotated] = [front.answered.length, front.refreshTokens.size];
    await page.getByLabel("New note").fill("Lost");
    await button(page, "Add").click();
    await expect
      .poll(() => front.answered.slice(before).join())
      .toMatch(/POST \/auth\/renew 303,(?:.*,)?GET \/notes 200/);
    await page.waitForLoadState();
    await isOnNotes(page);
    expect(front.refreshTokens.size - rotated).toBe(1);
    await context.clearCookies();
    await page.getByLabel("New note").fill("Lost");
    await button(page, "Add").click();
    await page.waitForURL(`${front.origin}/sign-in?returnTo=%2Fnotes`);
  });

  test("a link that is fetched ahead rotates nothing, and is renewed at the click", async () => {
    const page = await newPage();
    await signUp(page);
    await page.goto(front.origin);
    const link = page.getByRole("link", { name: "Open your notes" });
    await forgetAccess();
    const before = front.refreshTokens.size;
    await link.hover();
    await page.waitForLoadState("networkidle");
    expect(front.refreshTokens.size).toBe(before);
    await link.click();
    await isOnNotes(page);
    expect(front.refreshTokens.size).toBeLessThanOrEqual(before + 1);
  });

  test("after a sign-out the back button shows no note", async () => {
    const page = await newPage();
    await signUp(page);
    await page.getByLabel("New note").fill("My secret");
    await button(page, "Add").click();
    await page.getByText("My secret").waitFor();
    await page.locator(".menu summary").click();
    await button(page, "Sign out").click();
    await page.waitForURL(`${front.origin}/`);
    await page.goBack();
    await page.waitForURL(/sign-in/);
    expect(await page.content()).not.toContain("My secret");
  });

  test("a form of another site changes nothing", async () => {
    const page = await newPage();
    await signUp(page);
    const before = await context.cookies();
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    await button(page, "Win").click();
    await page.waitForURL(`${front.origin}/notes`);
    expect(await context.cookies()).toEqual(before);
    expect(front.answered.at(-1)).not.toMatch(/ 200$/);
  });
});
