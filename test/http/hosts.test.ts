// What hosts make of a request: middleware that writes headers, functions that make requests up, HTTP/2.
import { createServer, type IncomingMessage, type RequestListener, type ServerOptions } from "node:http";
import { type ClientHttp2Session, connect, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import express from "express";
import fastify from "fastify";
import { fastifyAuth } from "sallyport/fastify";
import {
  type AuthHandler,
  createHandler,
  type HandlerOptions,
  MAX_BODY_BYTES,
  toNodeHandler,
} from "sallyport/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { codeOf, EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { nodeServer, rawExchange } from "../support/http.ts";
import { AS_IT_STANDS } from "./fronts.ts";

const JSON_TYPE = { "content-type": "application/json" };
const CREDENTIALS = JSON.stringify({ email: EMAIL, password: PASSWORD });

let harness: Harness;
let handler: AuthHandler;
let token: string;
const closing: (() => unknown)[] = [];

beforeEach(async () => {
  harness = makeAuth();
  handler = createHandler(harness.auth);
  token = (await harness.auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null })).accessToken;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  expect(harness.errors).toEqual([]);
});

describe("middleware in front", () => {
  type Middleware = (headers: IncomingMessage["headers"]) => void;

  /** The status of `GET /auth/me` and of an own route, when `change` stands in front of both. */
  async function statuses(change: Middleware, lines: readonly string[], options: ServerOptions = {}) {
    const serve = toNodeHandler(handler);
    const listener: RequestListener = (request, response) => {
      change(request.headers);
      serve(request, response, async () => {
        response.statusCode = (await codeOf(handler.authenticate(request))) === "fulfilled" ? 200 : 401;
        response.end();
      });
    };
    const server = createServer(options, listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const { port } = server.address() as AddressInfo;
    const ask = async (path: string) =>
      Number(
        (await rawExchange(port, [`GET ${path} HTTP/1.1`, "Host: x", ...lines, "", ""].join("\r\n"))).split(
          " ",
        )[1],
      );
    return [await ask("/auth/me"), await ask("/mine")];
  }

  const good = () => `Authorization: Bearer ${token}`;
  const none: Middleware = () => {};

  test("what it sets counts", async () => {
    const set: Middleware = (headers) => {
      headers.authorization = `Bearer ${token}`;
    };
    expect(await statuses(set, [])).toEqual([200, 200]);
    expect(await statuses(set, ["Authorization: Bearer other"])).toEqual([200, 200]);
    expect(await statuses(set, ["Authorization: Bearer a", "Authorization: Bearer b"])).toEqual([200, 200]);
  });

  test("what it takes away is gone", async () => {
    const remove: Middleware = (headers) => {
      delete headers.authorization;
    };
    expect(await statuses(remove, [good()])).toEqual([401, 401]);
    expect(await statuses(remove, [good(), good()])).toEqual([401, 401]);
  });

  test("what it replaces is replaced", async () => {
    const spoil: Middleware = (headers) => {
      headers.authorization = "Bearer other";
    };
    expect(await statuses(spoil, [good()])).toEqual([401, 401]);
  });

  test("a header that came twice is still seen to have come twice, on every kind of server", async () => {
    for (const options of [{}, { joinDuplicateHeaders: true }]) {
      expect(await statuses(none, [good()], options)).toEqual([200, 200]);
      for (const other of ["Authorization: Bearer other", good()]) {
        expect(await statuses(none, [good(), other], options)).toEqual([401, 401]);
        expect(await statuses(none, [other, good()], options)).toEqual([401, 401]);
      }
    }
  });

  test("names that belong to every object are no headers", async () => {
    const lines = ["__proto__: a", "__proto__: b", "constructor: a", "constructor: b", "get: a", "get: b"];
    expect(await statuses(none, [...lines, good()])).toEqual([200, 200]);
  });

  test("the address that it writes into the proxies' header counts, and repeated lines are one list", async () => {
    const behind = createHandler(harness.auth, { trustedProxies: ["loopback"] });
    const socket = { remoteAddress: "127.0.0.1" };
    const rawHeaders = ["X-Forwarded-For", "192.0.2.1", "x-forwarded-for", "203.0.113.9, 127.0.0.1"];
    const joined = { "x-forwarded-for": "192.0.2.1, 203.0.113.9, 127.0.0.1" };
    expect(behind.clientAddress({ socket, headers: joined, rawHeaders })).toBe("203.0.113.9");
    const written = { "x-forwarded-for": "198.51.100.4" };
    expect(behind.clientAddress({ socket, headers: written, rawHeaders })).toBe("198.51.100.4");
  });
});

describe("a request that a host has made up", () => {
  interface Answer {
    readonly status: number;
    readonly body: string;
  }

  /** A response that returns nothing from any call, as that of some hosts. */
  function respond(request: object, options: HandlerOptions = {}): Promise<Answer> {
    const errors: unknown[] = [];
    const serve = toNodeHandler(
      createHandler(harness.auth, { onError: (error) => errors.push(error), ...options }),
    );
    return new Promise((resolve, reject) => {
      let status = 0;
      const response = {
        appendHeader: () => {},
        getHeader: () => undefined,
        writeHead(code: number) {
          status = code;
        },
        end: (body = "") => resolve({ status, body: body || String(errors[0] ?? "") }),
        destroy: () => reject(new Error("destroyed")),
      };
      serve(request as never, response);
    });
  }

  const made = (fields: object): object =>
    Object.assign(Readable.from([]), { method: "POST", url: "/auth/login", headers: {}, ...fields });
  const socket = { remoteAddress: "203.0.113.7" };

  test("without any lines, its headers count: numbers too", async () => {
    for (const headers of [
      { ...JSON_TYPE, "content-length": Buffer.byteLength(CREDENTIALS) },
      { ...JSON_TYPE, "content-length": String(Buffer.byteLength(CREDENTIALS)) },
      JSON_TYPE,
    ])
      for (const lines of [
        {},
        { rawHeaders: [] },
        { headersDistinct: {} },
        { rawHeaders: [], headersDistinct: {} },
      ]) {
        const body = Buffer.from(CREDENTIALS);
        const answer = await respond(made({ socket, headers, body, httpVersionMajor: "1", ...lines }));
        expect([answer.status, answer.body]).toEqual([200, expect.stringContaining("accessToken")]);
        harness.clock.advance("1m");
      }
  });

  test("an empty body is none, and a large one is too large, before any other look at it", async () => {
    const headers = { ...JSON_TYPE, "content-length": 0 };
    const empty = await respond(made({ socket, headers, body: Buffer.alloc(0) }));
    expect([empty.status, empty.body]).toEqual([400, expect.stringContaining("A JSON body is needed.")]);
    const large = await respond(made({ socket, headers: JSON_TYPE, body: Buffer.alloc(20_000) }));
    expect(large.status).toBe(413);
  });

  test("a body that was read as text is parsed as bytes are, the size first", async () => {
    const length = (text: string) => String(Buffer.byteLength(text));
    const send = async (body: unknown, headers: object = JSON_TYPE): Promise<number> => {
      harness.clock.advance("1m");
      return (await respond(made({ socket, headers, body }))).status;
    };
    expect(await send(CREDENTIALS)).toBe(200);
    expect(await send(` ${CREDENTIALS}\n`)).toBe(200);
    expect(await send(`\ufeff${CREDENTIALS}`)).toBe(200); // bytes may begin with this mark, too
    expect(await send(CREDENTIALS, { ...JSON_TYPE, "content-length": length(CREDENTIALS) })).toBe(200);
    for (const text of ["{", "x", `${CREDENTIALS}x`, '"text"', "null", "7", JSON.stringify(CREDENTIALS)])
      expect([text, await send(text)]).toEqual([text, 400]);
    expect(await send("[]")).toBe(422);
    expect(await send('{"email":"a@example.com","password":"x","__proto__":{}}')).toBe(422);
    const large = `${CREDENTIALS}${" ".repeat(MAX_BODY_BYTES)}`;
    const wide = JSON.stringify({ email: EMAIL, password: "é".repeat(MAX_BODY_BYTES / 2) }); // few characters, many bytes
    const nested = "[".repeat(1_000_000);
    for (const text of [large, wide, nested]) expect(await send(text)).toBe(413);
    const told = { ...JSON_TYPE, "content-length": String(MAX_BODY_BYTES + 1) };
    expect(await send(CREDENTIALS, told)).toBe(413);
    expect(await send(CREDENTIALS, { "content-type": "text/plain" })).toBe(415);
    expect(await send("", { ...JSON_TYPE, "content-length": "0" })).toBe(400);
  });

  test("behind a parser of text in Express, a body is JSON all the same", async () => {
    const server = await nodeServer(express().use(express.text({ type: "*/*" }), toNodeHandler(handler)));
    closing.push(() => server.close());
    const post = (target: string, body?: string) =>
      server.send({ method: "POST", target, headers: JSON_TYPE, ...(body !== undefined && { body }) });
    expect((await post("/auth/login", CREDENTIALS)).status).toBe(200);
    const empty = await post("/auth/login");
    expect([empty.status, empty.body]).toEqual([400, expect.stringContaining("A JSON body is needed.")]);
    const form = { "content-type": "text/plain" };
    const plain = await server.send({
      method: "POST",
      target: "/auth/login",
      headers: form,
      body: CREDENTIALS,
    });
    expect(plain.status).toBe(415);
  });

  test("without an address it is not served: it would have no limit, and no one else's", async () => {
    const body = Buffer.from(CREDENTIALS);
    for (const fields of [
      {},
      { socket: null },
      { socket: undefined },
      { socket: {} },
      { socket: { remoteAddress: null } },
    ]) {
      const answer = await respond(made({ headers: JSON_TYPE, body, ...fields }), {});
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([500, "internal_error"]);
      const forwarded = { ...JSON_TYPE, "x-forwarded-for": "203.0.113.50" };
      if (fields.socket === undefined || fields.socket === null) {
        const mixed = { trustedProxies: ["unix", "10.0.0.0/8"] };
        const refused = await respond(made({ headers: forwarded, body, ...fields }), mixed);
        expect(refused.status).toBe(500); // it may be a peer of either kind
      }
      const behind = await respond(made({ headers: forwarded, body, ...fields }), { trustedProxies: 1 });
      expect(behind.status).toBe(200);
      expect(harness.sink.events.at(-1)?.ip).toBe("203.0.113.50");
      harness.clock.advance("1m");
    }
  });

  test("with nothing but headers it is enough for an own route", async () => {
    const authorization = `Bearer ${token}`;
    for (const lines of [{}, { rawHeaders: [] }, { headersDistinct: {} }, { rawHeaders: undefined }])
      expect(
        await codeOf(handler.authenticate({ method: "GET", headers: { authorization }, ...lines })),
      ).toBe("fulfilled");
    const twice = { authorization: [authorization, authorization] };
    expect(await codeOf(handler.authenticate({ method: "GET", headers: twice }))).toBe("invalid_token");
    const likeFetch = {
      get: (name: string) => name,
      *[Symbol.iterator]() {
        yield ["authorization", authorization];
      },
    };
    expect(await codeOf(handler.authenticate({ method: "GET", headers: likeFetch as never }))).toBe(
      "fulfilled",
    );
  });

  test("by Fastify's inject it is answered like any other", async () => {
    const app = fastify();
    closing.push(() => app.close());
    await app.register(fastifyAuth(handler).routes);
    const payload = { email: EMAIL, password: PASSWORD };
    const signedIn = await app.inject({ method: "POST", url: "/auth/login", payload });
    expect(signedIn.statusCode).toBe(200);
    const { accessToken } = signedIn.json();
    const authorization = `Bearer ${accessToken}`;
    expect((await app.inject({ url: "/auth/me", headers: { authorization } })).statusCode).toBe(200);
    expect((await app.inject({ url: "/auth/me" })).statusCode).toBe(401);
  });
});

describe("HTTP/2", () => {
  let client: ClientHttp2Session;
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);

  beforeEach(async () => {
    process.on("warning", warn);
    const server = createHttp2Server(toNodeHandler(handler));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, AS_IT_STANDS);
    closing.push(
      () => client.destroy(),
      () => server.close(),
    );
  });
  afterEach(async () => {
    await new Promise(setImmediate);
    process.off("warning", warn);
    expect(warnings.splice(0)).toEqual([]);
  });

  interface Sent {
    readonly headers?: Readonly<Record<string, string | string[]>>;
    readonly body?: string;
  }

  async function send(method: string, path: string, { headers = {}, body }: Sent = {}) {
    const stream = client.request(
      { ":method": method, ":path": path, ...headers },
      { endStream: body === undefined },
    );
    const head = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      stream.on("response", resolve).on("error", reject);
    });
    if (body !== undefined) stream.end(body);
    const answer = await head;
    const text = Buffer.concat(await stream.toArray()).toString();
    return { status: answer[":status"], headers: answer, text };
  }

  test("a body needs no length: the end of the stream says that it is whole", async () => {
    const login = (headers: Readonly<Record<string, string>>, body = CREDENTIALS) =>
      send("POST", "/auth/login", { headers: { ...JSON_TYPE, ...headers }, body });
    expect((await login({})).status).toBe(200);
    expect((await login({ "content-length": String(CREDENTIALS.length) })).status).toBe(200);
    const missing = await send("POST", "/auth/login", { headers: JSON_TYPE });
    expect([missing.status, missing.text]).toEqual([400, expect.stringContaining("A JSON body is needed.")]);
    const empty = await login({}, "");
    expect([empty.status, empty.text]).toEqual([400, expect.stringContaining("A JSON body is needed.")]);
  });

  test("a logout needs none", async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect((await send("POST", "/auth/logout", { headers })).status).toBe(204);
    expect((await send("GET", "/auth/me", { headers })).status).toBe(401);
  });

  test("too large a body is 413 without a header of HTTP/1, and the connection goes on", async () => {
    for (const path of ["/auth/login", "/auth/nothing"]) {
      const answer = await send("POST", path, { headers: JSON_TYPE, body: "x".repeat(300_000) });
      expect([answer.status, answer.headers["connection"]]).toEqual([
        path === "/auth/login" ? 413 : 404,
        undefined,
      ]);
    }
    expect((await send("GET", "/auth/me", { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
  });

  test("two Authorization fields are one too many here, too", async () => {
    const good = `Bearer ${token}`;
    for (const authorization of [
      [good, "Bearer other"],
      ["Bearer other", good],
      [good, good],
    ])
      expect((await send("GET", "/auth/me", { headers: { authorization } })).status).toBe(401);
  });

  test("its own fields are no headers: they name no origin and no address", async () => {
    const pages = createHandler(harness.auth, { transport: "cookie", origins: ["https://app.example"] });
    const headers = { ":authority": "app.example", ":scheme": "https", ":path": "/x", ":method": "POST" };
    expect(await codeOf(pages.authenticate({ method: "POST", headers }))).toBe("cross_site_request");
  });
});
