// Class: cross-site WebSocket hijacking (OWASP WebSocket Security Cheat Sheet; RFC 6455, section 10.2). Any page may open
// a socket to any host. The browser sends the cookies with it, asks no question before, and lets the page read.
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, createServer as createHttp2Server, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { type AuthHandler, createHandler, type RequestHead } from "sallyport/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cookieHandler, fakeBrowser, ORIGIN } from "../support/cookies.ts";
import { codeOf, makeAuth } from "../support/harness.ts";

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Every way to ask for a connection that goes on. */
const OPENINGS: Readonly<Record<string, Headers>> = {
  "a WebSocket": { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "x" },
  "in capitals": { connection: "UPGRADE", upgrade: "WebSocket" },
  "kept alive": { connection: "keep-alive, Upgrade", upgrade: "websocket" },
  "several protocols": { connection: "Upgrade", upgrade: "h2c, websocket" },
  "several lines": { connection: "Upgrade", upgrade: ["h2c", "websocket"] },
  "another protocol": { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c" },
  "without Connection": { upgrade: "websocket" },
  "an empty Upgrade": { connection: "upgrade", upgrade: "" },
  "its mode alone": { "sec-fetch-mode": "websocket" },
  "its mode in capitals": { "sec-fetch-mode": "WebSocket" },
  "its mode twice": { "sec-fetch-mode": ["cors", "websocket"] },
  "the mode of WebTransport": { "sec-fetch-mode": "webtransport" },
  "its key alone": { "sec-websocket-key": "x" },
  "its version alone": { "sec-websocket-version": "13" },
  "its protocol alone": { "sec-websocket-protocol": "chat" },
  "HTTP/2": { ":protocol": "websocket", ":method": "CONNECT" },
};

/** Where a socket may come from: nothing but a page of the list. */
const ORIGINS: Readonly<Record<string, readonly [headers: Headers, allowed: boolean]>> = {
  own: [{ origin: ORIGIN }, true],
  "the other one of the list": [{ origin: "https://admin.example:8443" }, true],
  none: [{}, false],
  "none, and the browser calls it ours": [{ "sec-fetch-site": "same-origin" }, false],
  "another site": [{ origin: "https://evil.example" }, false],
  "a sibling": [{ origin: "https://other.app.example" }, false],
  "another port": [{ origin: `${ORIGIN}:8443` }, false],
  "without TLS": [{ origin: "http://app.example" }, false],
  hidden: [{ origin: "null" }, false],
  "hidden, and the browser calls it ours": [{ origin: "null", "sec-fetch-site": "same-origin" }, false],
  "own and another": [{ origin: [ORIGIN, "https://evil.example"] }, false],
};

let handler: AuthHandler;
let cookie: string;

beforeEach(async () => {
  handler = cookieHandler(makeAuth().auth);
  const page = fakeBrowser(handler);
  await page.signUp();
  cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join("; ");
});

const asFetch = (headers: Headers): Request => {
  const request = new Request(`${ORIGIN}/live`);
  for (const [name, value] of Object.entries(headers).filter(([key]) => !key.startsWith(":")))
    for (const line of [value].flat()) request.headers.append(name, line);
  return request;
};

describe.each(Object.entries(OPENINGS))("asked by %s", (_opening, opening) => {
  test.each(Object.entries(ORIGINS))("from a page of %s", async (_origin, [from, allowed]) => {
    const headers = { ...opening, ...from, cookie };
    const expected = allowed ? "fulfilled" : "cross_site_request";
    for (const method of ["GET", "HEAD", "POST", "CONNECT"])
      expect([method, await codeOf(handler.authenticate({ method, headers }))]).toEqual([method, expected]);
    if (!(":protocol" in opening))
      expect(await codeOf(handler.authenticate(asFetch(headers)))).toBe(expected);
  });
});

test("a tunnel needs an origin as well, whatever it is for", async () => {
  for (const [from, allowed] of Object.values(ORIGINS)) {
    const asked = codeOf(handler.authenticate({ method: "CONNECT", headers: { ...from, cookie } }));
    expect(await asked).toBe(allowed ? "fulfilled" : "cross_site_request");
  }
});

test("header names in other letters, as some hosts tell them, open nothing either", async () => {
  for (const opening of [{ Upgrade: "websocket" }, { "Sec-WebSocket-Key": "x" }])
    expect(await codeOf(handler.authenticate({ method: "GET", headers: { ...opening, cookie } }))).toBe(
      "cross_site_request",
    );
});

// Some proxies send `Connection: upgrade` with every request: without `Upgrade` it opens nothing.
test("a proxy's habit is no socket, but no foreign page passes by it", async () => {
  for (const connection of ["upgrade", "Upgrade", "keep-alive, Upgrade", ["close", "upgrade"]]) {
    const asked = (from: Headers) =>
      codeOf(handler.authenticate({ method: "GET", headers: { connection, ...from, cookie } }));
    expect(await asked({})).toBe("fulfilled");
    expect(await asked({ origin: ORIGIN })).toBe("fulfilled");
    expect(await asked({ origin: "https://evil.example" })).toBe("cross_site_request");
  }
});

test("every other read stays as it is, an event stream too", async () => {
  for (const headers of [
    {},
    { connection: "keep-alive" },
    { accept: "text/event-stream", origin: "https://evil.example" },
    { "upgrade-insecure-requests": "1", "sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site" },
    { "x-upgrade": "websocket", origin: "https://evil.example" },
    { upgrade: undefined, origin: "https://evil.example" },
  ])
    expect(await codeOf(handler.authenticate({ method: "GET", headers: { ...headers, cookie } }))).toBe(
      "fulfilled",
    );
});

test("the handler's own routes are no way round", async () => {
  for (const [from, allowed] of Object.values(ORIGINS)) {
    const { status } = await handler.dispatch({
      method: "GET",
      target: "/auth/me",
      headers: { upgrade: "websocket", ...from, cookie },
      body: { kind: "none" },
      client: { ip: null },
    });
    expect(status).toBe(allowed ? 200 : 403);
  }
});

test("with bearer tokens a page can send none, so any origin may ask", async () => {
  const { auth } = makeAuth();
  const { accessToken } = await auth.signup(
    { email: "ada@example.com", password: "Correct1horse" },
    { ip: null },
  );
  const bearer = createHandler(auth);
  const headers = { upgrade: "websocket", origin: "https://evil.example" };
  expect(await codeOf(bearer.authenticate({ method: "GET", headers: { ...headers, cookie } }))).toBe(
    "token_missing",
  );
  const authorization = `Bearer ${accessToken}`;
  expect(await codeOf(bearer.authenticate({ method: "GET", headers: { ...headers, authorization } }))).toBe(
    "fulfilled",
  );
});

describe("on a real server", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  const judge = async (request: RequestHead): Promise<string> => codeOf(handler.authenticate(request));

  test("the event upgrade of node:http", async () => {
    const server = createServer();
    server.on("upgrade", async (request: IncomingMessage, socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nX-Verdict: ${await judge(request)}\r\nContent-Length: 0\r\n\r\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const upgrade of ["websocket", "WebSocket", "h2c"]) {
      for (const [from, allowed] of Object.values(ORIGINS)) {
        const verdict = await new Promise((resolve, reject) => {
          const headers = { connection: "Upgrade", upgrade, ...from, cookie } as Record<string, string>;
          const asked = httpRequest({ host: "127.0.0.1", port, agent: false, headers });
          asked.on("response", ({ headers: answered }) => resolve(answered["x-verdict"]));
          asked.on("error", reject).end();
        });
        expect(verdict).toBe(allowed ? "fulfilled" : "cross_site_request");
      }
    }
  });

  test("the extended CONNECT of HTTP/2", async () => {
    const server = createHttp2Server({ settings: { enableConnectProtocol: true } });
    server.on("stream", async (stream, headers: IncomingHttpHeaders) => {
      const verdict = await judge({ method: headers[":method"] ?? "", headers });
      stream.respond({ ":status": 200, "x-verdict": verdict });
      stream.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    closing.push(
      () => client.destroy(),
      () => server.close(),
    );
    await new Promise((resolve) => client.once("remoteSettings", resolve));
    for (const [from, allowed] of Object.values(ORIGINS)) {
      const asked = client.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":path": "/live",
        ...from,
        cookie,
      });
      const answer = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
        asked.on("response", resolve).on("error", reject);
      });
      asked.close();
      expect(answer["x-verdict"]).toBe(allowed ? "fulfilled" : "cross_site_request");
    }
  });
});
