// A body that does not end holds no answer for longer than ten seconds, and no answer that needs no body at all.
import { createServer } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type AuthHandler, createHandler, toNodeHandler } from "sallyport/http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cookieHandler } from "../support/cookies.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";

const JSON_TYPE = { "content-type": "application/json" };
const CREDENTIALS = JSON.stringify({ email: EMAIL, password: PASSWORD });
const LIMIT_MS = 10_000;
const TIMED_OUT = { status: 408, code: "request_timeout", title: "The request did not arrive in time." };

/** What is answered without any body: by its path, its method or its missing token. */
const WITHOUT_BODY = [
  ["POST", "/auth/nothing", 404],
  ["POST", "/auth/login/", 404],
  ["POST", "/auth", 404],
  ["PUT", "/auth/login", 405],
  ["PROPFIND", "/auth/me", 405],
  ["OPTIONS", "/auth/login", 204],
  ["DELETE", "/auth/sessions", 401],
  ["POST", "/auth/password", 401],
  ["POST", "/auth/reauthenticate", 401],
] as const;

let handler: AuthHandler;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  handler = createHandler(makeAuth().auth);
});
afterEach(() => vi.useRealTimers());

/** Until the handler waits for a body. */
async function waits(): Promise<void> {
  while (vi.getTimerCount() === 0) await new Promise(setImmediate);
}

describe("a Request", () => {
  const asRequest = (path: string, body: ReadableStream, init: RequestInit = {}): Request =>
    new Request(`https://app.example${path}`, {
      method: "POST",
      headers: JSON_TYPE,
      body,
      duplex: "half",
      ...init,
    } as RequestInit);
  const send = (path: string, body: ReadableStream, init?: RequestInit) =>
    handler(asRequest(path, body, init), { ip: "203.0.113.7" });
  const silent = () => new ReadableStream();

  test.each(WITHOUT_BODY)("%s %s is answered while its body is on its way", async (method, path, status) => {
    expect((await send(path, silent(), { method })).status).toBe(status);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of another site is refused while its body is on its way", async () => {
    const request = asRequest("/auth/login", silent(), { headers: { origin: "https://evil.example" } });
    expect((await cookieHandler(makeAuth().auth)(request, { ip: null })).status).toBe(403);
  });

  test.each(["/auth/signup", "/auth/login", "/auth/refresh", "/auth/logout"])(
    "to %s without an end is 408 after ten seconds, and no timer is left",
    async (path) => {
      let answered = false;
      const answer = send(path, silent()).finally(() => {
        answered = true;
      });
      await waits();
      await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
      expect(answered).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(await (await answer).json()).toMatchObject(TIMED_OUT);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test("in cookie mode it is 408 too, and no cookie ends", async () => {
    const request = asRequest("/auth/logout", silent(), { headers: { origin: "https://app.example" } });
    const answer = cookieHandler(makeAuth().auth)(request, { ip: null });
    await waits();
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    const { status, headers } = await answer;
    expect([status, headers.getSetCookie()]).toEqual([408, []]);
  });

  test("that goes on drop by drop has the same ten seconds in all", async () => {
    let push: (text: string) => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        push = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    const answer = send("/auth/login", body);
    await waits();
    for (let second = 0; second < 10; second++) {
      push(" ");
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect((await answer).status).toBe(408);
  });

  test("that ends just in time is served", async () => {
    let finish: () => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(CREDENTIALS));
        finish = () => controller.close();
      },
    });
    const answer = send("/auth/signup", body);
    await waits();
    await vi.advanceTimersByTimeAsync(LIMIT_MS - 1);
    finish();
    expect((await answer).status).toBe(201);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of empty chunks alone ends without any timer: they could run for ever", async () => {
    const empty = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(0)) });
    expect((await send("/auth/login", empty)).status).toBe(413);
  });

  test("whose stream fails after the answer disturbs nothing", async () => {
    let fail: () => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        fail = () => controller.error(new TypeError("gone"));
      },
    });
    const answer = send("/auth/login", body);
    await waits();
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect((await answer).status).toBe(408);
    fail();
    await new Promise(setImmediate);
  });
});

describe("on node:http", () => {
  let port: number;
  const closing: (() => void)[] = [];

  beforeEach(async () => {
    const server = createServer(toNodeHandler(handler));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Sends the head and half a body, and collects what comes back. */
  function begin(method: string, path: string, framing: string): { socket: Socket; all: Promise<string> } {
    const socket = connect(port, "127.0.0.1");
    const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}${framing}\r\n\r\n${framing.startsWith("T") ? "1\r\n{\r\n" : "{"}`);
    const all = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      for (const end of ["close", "error"]) socket.on(end, () => resolve(text));
    });
    return { socket, all };
  }

  const FRAMINGS = ["Transfer-Encoding: chunked", "Content-Length: 100"];

  test.each(FRAMINGS)(
    "an unfinished body (%s) is 408 after ten seconds, and the connection ends",
    async (framing) => {
      const { all } = begin("POST", "/auth/login", framing);
      await waits();
      await vi.advanceTimersByTimeAsync(LIMIT_MS);
      const answer = await all;
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer.toLowerCase()).toContain("connection: close");
      expect(answer).toContain("request_timeout");
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test.each(WITHOUT_BODY)(
    "%s %s is answered at once, and an endless body holds no connection",
    async (method, path, status) => {
      const { all } = begin(method, path, "Transfer-Encoding: chunked");
      expect(await all).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe("on HTTP/2", () => {
  test("a stream without an end is 408 after ten seconds, and closed; a wrong path is answered at once", async () => {
    const server = createHttp2Server(toNodeHandler(handler));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const begin = (path: string) => {
      const stream = client.request({ ":method": "POST", ":path": path, ...JSON_TYPE }, { endStream: false });
      const status = new Promise((resolve, reject) => {
        stream.on("response", (headers) => resolve(headers[":status"])).on("error", reject);
      });
      const closed = new Promise((resolve) => stream.on("close", () => resolve(stream.rstCode)));
      stream.resume();
      stream.write("{");
      return { status, closed };
    };
    const lost = begin("/auth/nothing");
    expect([await lost.status, await lost.closed]).toEqual([404, 0]);
    const late = begin("/auth/login");
    await waits();
    await vi.advanceTimersByTimeAsync(LIMIT_MS);
    expect([await late.status, await late.closed]).toEqual([408, 0]);
    client.destroy();
    server.close();
  });
});
