// What browsers send with sockets and forms, and what two applications on one host do to each other.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Browser, Page } from "playwright-core";
import { type AuthHandler, createHandler, toNodeHandler } from "sallyport/http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

/** An application on localhost: a page, the auth routes in cookie mode, and a socket that says who connects. */
interface App {
  readonly origin: string;
  /** What its routes answered, in order. */
  readonly answers: string[];
  close(): void;
}

const POLICY = { "referrer-policy": "no-referrer", "content-type": "text/html" } as const;
const FORM = (action: string): string =>
  `<!doctype html><title>Page</title><form method="post" action="${action}"><button>Sign out</button></form>`;

async function openApp(name?: string): Promise<App> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const { auth } = makeAuth({ secret: randomBytes(32).toString("base64url") });
  const handler = createHandler(auth, {
    transport: "cookie",
    origins: [origin],
    insecureLocalhost: true,
    ...(name !== undefined && { cookies: { name } }),
  });
  const serve = toNodeHandler(handler);
  const answers: string[] = [];
  const server = createServer((request, response) => {
    response.once("finish", () => answers.push(`${request.method} ${request.url} ${response.statusCode}`));
    serve(request, response, () => {
      const action = new URL(request.url ?? "", origin).searchParams.get("to") ?? "/auth/logout";
      response.writeHead(200, POLICY).end(FORM(action));
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => void greet(handler, request, socket));
  await once(server.listen(port, "127.0.0.1"), "listening");
  return { origin, answers, close: () => closeAll(server) };
}

function closeAll(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** The server's half of a WebSocket (RFC 6455, section 4.2.2), and one frame of text with the user's id. */
async function greet(handler: AuthHandler, request: IncomingMessage, socket: Duplex): Promise<void> {
  socket.on("error", () => {});
  const me = await handler.authenticate(request).catch(() => null);
  if (!me) return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const upgrade = "Upgrade: websocket\r\nConnection: Upgrade";
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.write(Buffer.concat([Buffer.from([0x81, me.userId.length]), Buffer.from(me.userId)]));
}

describe.skipIf(!hasChromium())("in a browser", () => {
  let browser: Browser;
  let page: Page;
  const apps: App[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(30_000);
  });
  afterEach(async () => {
    await page.context().close();
    for (const app of apps.splice(0)) app.close();
  });

  async function open(name?: string): Promise<App> {
    const app = await openApp(name);
    apps.push(app);
    return app;
  }

  /** The status and body of a call that the page makes itself. */
  function call(path: string, body?: object, method = body ? "POST" : "GET"): Promise<[number, string]> {
    return page.evaluate(
      async ([url = "", verb = "", text]) => {
        const headers = text === undefined ? {} : { "content-type": "application/json" };
        const response = await fetch(url, {
          method: verb,
          headers,
          ...(text !== undefined && { body: text }),
        });
        return [response.status, await response.text()];
      },
      [path, method, body && JSON.stringify(body)],
    );
  }

  async function signUp(app: App): Promise<string> {
    await page.goto(app.origin);
    const [status, text] = await call("/auth/signup", { email: EMAIL, password: PASSWORD });
    expect(status).toBe(201);
    return JSON.parse(text).user.id;
  }

  /** What a socket to an application tells this page: its first message, or that it was refused. */
  function socketTo(app: App): Promise<string> {
    return page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url);
          socket.onmessage = ({ data }) => resolve(String(data));
          socket.onerror = () => resolve("refused");
        }),
      `${app.origin.replace("http", "ws")}/live`,
    );
  }

  test("a socket opens for its own page, and for no page of another port, which the cookies do not know", async () => {
    const app = await open();
    const neighbour = await open("neighbour");
    const userId = await signUp(app);
    expect(await socketTo(app)).toBe(userId);
    await page.goto(neighbour.origin);
    const sent = await page.context().cookies(app.origin);
    expect(sent.map(({ name }) => name)).toContain("sp-access");
    expect(await socketTo(app)).toBe("refused");
    await page.goto(app.origin);
    expect(await socketTo(app)).toBe(userId);
  });

  test("a form of its own page is served, although the page's policy hides its origin", async () => {
    const app = await open();
    await signUp(app);
    await page.goto(app.origin);
    const posted = page.waitForRequest((request) => request.method() === "POST");
    await page.getByRole("button").click();
    const headers = await (await posted).allHeaders();
    expect([headers["origin"], headers["sec-fetch-site"]]).toEqual(["null", "same-origin"]);
    await expect.poll(() => app.answers.at(-1)).toBe("POST /auth/logout 204");
    expect((await call("/auth/me"))[0]).toBe(401);
  });

  test("the same form of another port's page is refused", async () => {
    const app = await open();
    const neighbour = await open("neighbour");
    await signUp(app);
    await page.goto(`${neighbour.origin}/?to=${encodeURIComponent(`${app.origin}/auth/logout`)}`);
    const posted = page.waitForRequest((request) => request.method() === "POST");
    await page.getByRole("button").click();
    const headers = await (await posted).allHeaders();
    expect([headers["origin"], headers["sec-fetch-site"]]).toEqual(["null", "same-site"]);
    await page.getByText("cross_site_request").waitFor();
    await page.goto(app.origin);
    expect((await call("/auth/me"))[0]).toBe(200);
  });

  test("two applications on one host, with names of their own, stay signed in beside each other", async () => {
    const shop = await open("shop");
    const admin = await open("admin");
    const ids = [await signUp(shop), await signUp(admin)];
    expect(ids[0]).not.toBe(ids[1]);
    for (const [index, app] of [shop, admin, shop, admin].entries()) {
      await page.goto(app.origin);
      const [status, text] = await call("/auth/me");
      expect([status, JSON.parse(text).user?.id]).toEqual([200, ids[index % 2]]);
      expect((await call("/auth/refresh", undefined, "POST"))[0]).toBe(200);
    }
    expect((await call("/auth/logout", undefined, "POST"))[0]).toBe(204);
    await page.goto(shop.origin);
    expect((await call("/auth/me"))[0]).toBe(200);
    expect((await page.context().cookies()).map(({ name }) => name).sort()).toEqual([
      "admin-device",
      "shop-access",
      "shop-device",
      "shop-refresh",
    ]);
  });
});
