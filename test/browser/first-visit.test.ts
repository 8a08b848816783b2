// A page with the client in cookie mode, in a browser that has never seen it: what it asks, and what the console says.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { AuthClient } from "sallyport/client";
import { createHandler, toNodeHandler } from "sallyport/http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundledClient } from "../examples/bundled-client.ts";
import { freePort } from "../support/free-port.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

declare const client: AuthClient;

const PAGE = `<!doctype html><title>Page</title><link rel="icon" href="data:,">
<script type="module">
  import { createAuthClient } from "/client.js";
  globalThis.client = createAuthClient({ transport: "cookie" });
  const show = () => document.body.append(JSON.stringify(client.snapshot()), " ");
  client.subscribe(show);
  show();
</script><body></body>`;

const CREDENTIALS = { email: EMAIL, password: PASSWORD };

describe.skipIf(!hasChromium())("in a browser that has never seen the page", () => {
  let browser: Browser;
  let context: BrowserContext;
  let server: Server;
  let origin: string;
  let script: string;
  let asked: string[];
  let said: string[];

  beforeAll(async () => {
    [browser, script] = await Promise.all([launchChromium(), bundledClient()]);
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    [asked, said] = [[], []];
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const handler = createHandler(makeAuth({ limits: { login: { address: false } } }).auth, {
      ...{ transport: "cookie", origins: [origin], insecureLocalhost: true },
    });
    const serve = toNodeHandler(handler);
    server = createServer((request, response) => {
      if (request.url?.startsWith("/auth"))
        response.once("finish", () => asked.push(`${request.method} ${request.url} ${response.statusCode}`));
      serve(request, response, () => {
        const isScript = request.url === "/client.js";
        response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
        response.end(isScript ? readFileSync(script) : PAGE);
      });
    });
    await once(server.listen(port, "127.0.0.1"), "listening");
    context = await browser.newContext();
    context.setDefaultTimeout(30_000);
  });
  afterEach(async () => {
    await context.close();
    server.close();
    server.closeAllConnections();
  });

  async function open(): Promise<Page> {
    const page = await context.newPage();
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(String(error)));
    await page.goto(origin);
    await page.waitForFunction(() => "client" in globalThis);
    return page;
  }

  const signIn = (page: Page): Promise<string> =>
    page.evaluate(async (credentials) => (await client.signup(credentials)).status, CREDENTIALS);
  const me = (page: Page): Promise<string> =>
    page.evaluate(() =>
      client.me().then(
        ({ user }) => user.email,
        ({ code }) => code,
      ),
    );
  const shown = (page: Page): Promise<readonly (string | null)[]> =>
    page.evaluate(() => [client.snapshot().state, client.snapshot().user?.email ?? null]);

  test("it asks one question, and no line of the console is red", async () => {
    const page = await open();
    expect(await shown(page)).toEqual(["unknown", null]);
    expect(await me(page)).toBe("token_missing");
    expect([asked, said]).toEqual([["GET /auth/me?optional 200"], []]);
    expect(await shown(page)).toEqual(["signed_out", null]);
    expect(await me(page)).toBe("token_missing");
    expect([asked.length, said]).toEqual([2, []]);
  });

  test("a user whose storage was cleared is found by one question, and by a refresh when the token is gone", async () => {
    const page = await open();
    await signIn(page);
    for (const ended of [[], ["sp-access"]]) {
      for (const name of ended) await context.clearCookies({ name });
      await page.evaluate(() => localStorage.clear());
      asked.length = 0;
      await page.reload();
      await page.waitForFunction(() => "client" in globalThis);
      expect([await me(page), said]).toEqual([EMAIL, []]);
      const [question, ...rest] = asked;
      expect(question).toBe("GET /auth/me?optional 200");
      expect(rest).toEqual(ended.length > 0 ? ["POST /auth/refresh 200", "GET /auth/me 200"] : []);
    }
  });

  test("a sign-in shows in the other tab, and a sign-out there empties the user here", async () => {
    const [one, two] = [await open(), await open()];
    await signIn(one);
    await two.getByText('{"state":"signed_in","user":null}').waitFor();
    expect(await me(two)).toBe(EMAIL);
    expect([await shown(one), await shown(two)]).toEqual([
      ["signed_in", EMAIL],
      ["signed_in", EMAIL],
    ]);
    await two.evaluate(() => client.logout());
    await one.getByText('{"state":"signed_out","user":null}').waitFor();
    expect([await shown(one), await shown(two), said]).toEqual([
      ["signed_out", null],
      ["signed_out", null],
      [],
    ]);
  });
});
