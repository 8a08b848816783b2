// Who may open a socket in a real browser, and what closes it: the code of docs/sockets.md, with ws and Socket.IO.
// Class: cross-site WebSocket hijacking. Pages of another port are of the same site, so the cookies come with them.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { EMAIL, PASSWORD } from "../support/harness.ts";
import { type SocketKind, type SocketServer, socketServers } from "../support/socket-servers.ts";
import { hasChromium, launchChromium } from "./chromium.ts";

/** What a page tries, by its library. */
const LIBRARIES = ["ws", "socket.io"] as const satisfies readonly SocketKind[];

/** Where a foreign page may be. Its cookies are those of the host, whatever the port; another host has none. */
const FOREIGN = ["localhost", "127.0.0.1"] as const;

describe.skipIf(!hasChromium())("in a browser", () => {
  let browser: Browser;
  let page: Page;
  let servers: ReturnType<typeof socketServers>;
  let neighbour: Server;
  let neighbourPort: number;

  beforeAll(async () => {
    browser = await launchChromium();
    servers = socketServers();
    neighbourPort = await freePort();
    neighbour = createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Another page</title>");
    });
    await once(neighbour.listen(neighbourPort, "127.0.0.1"), "listening");
  });
  afterAll(async () => {
    await browser?.close();
    neighbour?.close();
    await servers?.remove();
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(30_000);
  });
  afterEach(() => page.context().close());

  /** What the server opened and refused. */
  const told = (server: SocketServer): readonly string[] =>
    server.said().match(/^(?:open|engine|refused).*$/gm) ?? [];
  const homeOf = ({ port }: SocketServer): string => `http://localhost:${port}`;

  async function post(path: string, body?: object): Promise<{ status: number; text: string }> {
    return page.evaluate(
      async ([url = "", sent]) => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(url, { method: "POST", ...(sent && { headers, body: sent }) });
        return { status: response.status, text: await response.text() };
      },
      [path, body && JSON.stringify(body)] as const,
    );
  }

  async function signUp(server: SocketServer): Promise<string> {
    await page.goto(homeOf(server));
    const { status, text } = await post("/auth/signup", { email: EMAIL, password: PASSWORD });
    expect(status).toBe(201);
    return JSON.parse(text).user.id;
  }

  /** What this page's socket was told first, or `refused`. Its end is noted on the page. */
  async function connect(kind: SocketKind, server: SocketServer, transport = "polling"): Promise<string> {
    const home = homeOf(server);
    if (kind === "ws") return page.evaluate(connectWs, home.replace("http", "ws"));
    await page.addScriptTag({ url: `${home}/socket.io/socket.io.js` });
    return page.evaluate(connectSocketIo, [home, transport] as const);
  }

  /** How the socket of this page was closed. */
  const ending = (): Promise<string> => page.evaluate(() => (window as unknown as SocketPage).ended);

  describe.each(LIBRARIES)("with %s", (kind) => {
    // With an hour between two checks, only the event can close it. Without events, only a check can.
    test.each([
      ["within its interval, when only checks can tell", "200", false],
      ["at once, when the process hears of it", "3600000", true],
    ] as const)(
      "a socket of its own page opens, and is closed after a sign-out %s",
      async (_how, everyMs, hears) => {
        const server = await servers.start(kind, { everyMs, hears, origin: "localhost" });
        const userId = await signUp(server);
        expect(await connect(kind, server)).toBe(userId);
        expect((await post("/auth/logout")).status).toBe(204);
        expect(await ending()).toBe(kind === "ws" ? "4401" : "io server disconnect");
        expect(await connect(kind, server)).toBe("refused");
      },
    );

    test.each(FOREIGN)(
      "a page at %s, on another port, is refused, and opens nothing on the server",
      async (host) => {
        const server = await servers.start(kind, { everyMs: "3600000", origin: "localhost" });
        const userId = await signUp(server);
        expect(await connect(kind, server)).toBe(userId);
        const before = told(server);
        await page.goto(`http://${host}:${neighbourPort}/`);
        expect((await page.context().cookies(homeOf(server))).map(({ name }) => name)).toContain("sp-access");
        for (const transport of kind === "ws" ? ["websocket"] : ["websocket", "polling"])
          expect(await connect(kind, server, transport)).toBe("refused");
        // The request went out, with the cookies if the host is the same: its origin alone is what was refused.
        if (kind === "socket.io") expect(told(server)).toContain(`refused ${host === "localhost"}`);
        expect(told(server).filter((line) => !line.startsWith("refused"))).toEqual(before);
        await page.goto(homeOf(server));
        expect(await connect(kind, server)).toBe(userId);
      },
    );
  });
});

interface SocketPage {
  ended: Promise<string>;
  io(
    url: string,
    options: object,
  ): { on(event: string, listener: (told: string) => void): unknown; disconnect(): void };
}

// The two run in the page.
function connectWs(url: string): Promise<string> {
  const socket = new WebSocket(`${url}/live`);
  (window as unknown as SocketPage).ended = new Promise((resolve) => {
    socket.onclose = ({ code }) => resolve(String(code));
  });
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onerror = () => resolve("refused");
  });
}

function connectSocketIo([url, transport]: readonly [url: string, transport: string]): Promise<string> {
  const here = window as unknown as SocketPage;
  const transports = transport === "polling" ? ["polling", "websocket"] : [transport];
  const socket = here.io(url, { transports, withCredentials: true, reconnection: false, forceNew: true });
  here.ended = new Promise((resolve) => socket.on("disconnect", resolve));
  return new Promise((resolve) => {
    socket.on("message", resolve);
    socket.on("connect_error", () => resolve("refused"));
  });
}
