// Pages without script in a real browser: forms, renewal by tabs and links, and what other sites' forms may do.
import type { Server } from "node:http";
import fc from "fast-check";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { localPath } from "../../src/http/pages/local-path.ts";
import { EMAIL, PASSWORD } from "../support/harness.ts";
import { HOSTILE_PATHS, PIECES } from "../support/hostile-paths.ts";
import { hasChromium, launchChromium } from "./chromium.ts";
import { closeServer, listening, openPagesApp, type PagesApp, portOf } from "./pages-app.ts";

describe.skipIf(!hasChromium())("pages without script", () => {
  let browser: Browser;
  let app: PagesApp;
  let site: string;
  let foreign: Server;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    complaints = [];
    app = await openPagesApp();
    site = app.site;
    foreign = await listening((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(foreignPage());
    });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    app.close();
    closeServer(foreign);
    expect(complaints).toEqual([]);
  });

  /** Forms that an attacker would send, with all fields, and a link. */
  function foreignPage(): string {
    const form = (name: string, fields: Readonly<Record<string, string>>): string => {
      const inputs = Object.entries(fields).map(
        ([field, value]) => `<input name="${field}" value="${value}">`,
      );
      return `<form method="post" action="${site}/auth/${name}" id="${name}">${inputs.join("")}<button>Win</button></form>`;
    };
    const eve = { email: "eve@example.com", password: PASSWORD };
    const change = { currentPassword: PASSWORD, newPassword: "Another2horse" };
    const forms = [
      form("login", eve),
      form("signup", eve),
      form("logout", {}),
      form("renew", {}),
      form("password", change),
    ];
    return `<!doctype html><title>Prizes</title>${forms.join("")}<a href="${site}/notes?from=afar">Notes</a>`;
  }

  async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options);
    context.on("page", (page) => {
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !message.text().startsWith("Failed to load"))
          complaints.push(message.text());
      });
    });
    return context;
  }

  async function signUp(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${site}/notes`);
    await page.locator("[name=email]").fill(EMAIL);
    await page.locator("[name=password]").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    return page;
  }

  /** As after a day. */
  const forgetAccess = (context: BrowserContext) => context.clearCookies({ name: "sp-access" });

  test("sign up, sign out, sign in wrongly and well, all without script", async () => {
    const page = await signUp(await newContext({ javaScriptEnabled: false }));
    expect(page.url()).toBe(`${site}/notes`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${site}/sign-in?out`);
    await page.locator("[name=email]").fill(EMAIL);
    await page.locator("[name=password]").fill("Wrong1horse");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${site}/sign-in?error=invalid_credentials`);
    await page.locator("[name=email]").fill(EMAIL);
    await page.locator("[name=password]").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`${site}/notes`);
  });

  test("without script a session is renewed by one button", async () => {
    const context = await newContext({ javaScriptEnabled: false });
    const page = await signUp(context);
    await forgetAccess(context);
    await page.goto(`${site}/notes?page=2`);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${site}/notes?page=2`);
    expect([app.renewals(), app.rotations()]).toEqual([["POST /auth/renew 303"], 1]);
  });

  test("with script it is renewed by itself, and the way back leads past the page between", async () => {
    const context = await newContext();
    const page = await signUp(context);
    await forgetAccess(context);
    await page.goto(`${site}/notes?page=2`);
    await page.waitForURL(`${site}/notes?page=2`);
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    expect([app.renewals(), app.rotations()]).toEqual([["POST /auth/renew 303"], 1]);
  });

  test("six tabs that come back at once are one rotation", async () => {
    const context = await newContext();
    await signUp(context);
    await forgetAccess(context);
    const tabs = await Promise.all(Array.from({ length: 6 }, () => context.newPage()));
    await Promise.all(tabs.map((tab, index) => tab.goto(`${site}/notes?tab=${index}`)));
    await Promise.all(tabs.map((tab) => tab.getByRole("heading", { name: "Notes" }).waitFor()));
    expect(tabs.map((tab) => tab.url())).toEqual(tabs.map((_, index) => `${site}/notes?tab=${index}`));
    expect(app.rotations()).toBe(1);
  });

  test("a link from another site finds the session, whose cookie did not come with it", async () => {
    const context = await newContext();
    await signUp(context);
    await forgetAccess(context);
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${portOf(foreign)}/`);
    await page.getByRole("link", { name: "Notes" }).click();
    await page.waitForURL(`${site}/notes?from=afar`);
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    expect(app.rotations()).toBe(1);
  });

  test("a link that the browser fetches ahead rotates nothing", async () => {
    const context = await newContext();
    const page = await signUp(context);
    await forgetAccess(context);
    const fetched = page.evaluate((url) => {
      const link = document.createElement("link");
      link.rel = "prefetch";
      link.href = url;
      document.head.append(link);
      return new Promise((resolve) => {
        link.addEventListener("load", resolve);
        link.addEventListener("error", resolve);
      }).then(() => true);
    }, `${site}/notes?ahead`);
    expect(await fetched).toBe(true);
    expect([app.answered.includes("GET /notes?ahead 303"), app.renewals(), app.rotations()]).toEqual([
      true,
      [],
      0,
    ]);
  });

  test("a page that the browser fetches ahead by speculation rules is renewed at the click, once", async () => {
    const context = await newContext();
    const page = await signUp(context);
    await forgetAccess(context);
    await page.evaluate(() => {
      const rules = document.createElement("script");
      rules.type = "speculationrules";
      rules.textContent = JSON.stringify({ prefetch: [{ urls: ["/notes?ahead"], eagerness: "immediate" }] });
      document.head.append(rules);
    });
    const between = "GET /auth/renew?returnTo=%2Fnotes%3Fahead 200";
    await expect.poll(() => app.answered).toContain(between);
    expect([app.renewals(), app.rotations()]).toEqual([[], 0]);
    await page.getByRole("link", { name: "Next notes" }).click();
    await page.waitForURL(`${site}/notes?ahead`);
    await page.getByRole("heading", { name: "Notes" }).waitFor();
    // What was fetched ahead is used: it is not asked for again.
    expect(app.answered.filter((line) => line === between)).toHaveLength(1);
    expect([app.renewals(), app.rotations()]).toEqual([["POST /auth/renew 303"], 1]);
  });

  test.each(["127.0.0.1", "localhost"])("forms of a page at %s change nothing", async (host) => {
    const context = await newContext();
    await signUp(context);
    const before = await context.cookies();
    const page = await context.newPage();
    for (const name of ["login", "signup", "logout", "renew", "password"]) {
      await page.goto(`http://${host}:${portOf(foreign)}/`);
      await page.locator(`#${name} button`).click();
      await page.getByText("cross_site_request").waitFor();
      expect(app.answered.at(-1)).toBe(`POST /auth/${name} 403`);
    }
    expect(await context.cookies()).toEqual(before);
    await page.goto(`${site}/notes`);
    await page.getByRole("heading", { name: "Notes" }).waitFor();
  });

  test("a visitor without cookies is not sent round", async () => {
    const context = await newContext();
    const page = await context.newPage();
    await page.goto(`${site}/notes`);
    expect(page.url()).toBe(`${site}/sign-in?returnTo=%2Fnotes`);
    await context.addCookies([{ name: "sp-renew", value: "1", url: site }]); // a hint, and nothing behind it
    await page.goto(`${site}/notes`);
    await page.waitForURL(`${site}/sign-in?returnTo=%2Fnotes`);
    expect(app.renewals()).toEqual(["POST /auth/renew 303"]);
    await page.goto(`${site}/notes`);
    expect([page.url(), app.renewals().length]).toEqual([`${site}/sign-in?returnTo=%2Fnotes`, 1]);
  });

  test("what a form or link names as the next page never leads this browser off the site", async () => {
    const page = await signUp(await newContext());
    for (const typed of HOSTILE_PATHS) {
      await page.goto(`${site}/auth/renew?${new URLSearchParams({ returnTo: typed })}`);
      expect(page.url(), JSON.stringify(typed)).toBe(`${site}/notes`);
    }
    const typed = fc
      .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 })
      .map((all) => `/${all.join("")}`);
    const kept = fc.sample(typed, 5_000).flatMap((text) => localPath(text, "/auth") ?? []);
    const seen = await page.evaluate(
      (paths) => paths.map((path) => new URL(path, `${location.origin}/auth/login`)).map(({ href }) => href),
      kept,
    );
    expect(kept.length).toBeGreaterThan(100);
    expect(seen).toEqual(kept.map((path) => site + path));
    expect(seen.filter((href) => /^\/+auth(?:\/|$)/i.test(new URL(href).pathname))).toEqual([]);
  });
});
