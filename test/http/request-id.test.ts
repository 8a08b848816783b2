// The id of a request, from every server to the audit log and to `onEvent`.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import fastify from "fastify";
import { expressAuth } from "sallyport/express";
import { fastifyAuth } from "sallyport/fastify";
import { createHandler, type HandlerOptions, headerOf, toNodeHandler } from "sallyport/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";

type RequestId = NonNullable<HandlerOptions["requestId"]>;
type Headers = Readonly<Record<string, string>>;

const closing: (() => unknown)[] = [];
let harness: Harness;
let errors: unknown[];
beforeEach(() => {
  harness = makeAuth();
  errors = [];
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const options = (requestId: RequestId | undefined): HandlerOptions => ({
  requestId,
  onError: (error) => errors.push(error),
});
const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
const login = (headers: Headers) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body,
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Send = (headers: Headers) => Promise<unknown>;

/** Each server, with middleware that gives a request the id `given`. */
const SERVERS: Readonly<Record<string, (requestId: RequestId | undefined) => Promise<Send>>> = {
  "node:http": async (requestId) => {
    const serve = toNodeHandler(createHandler(harness.auth, options(requestId)));
    const origin = await listen((request, response) =>
      serve(Object.assign(request, { id: "given" }), response),
    );
    return (headers) => fetch(`${origin}/auth/login`, login(headers));
  },
  Express: async (requestId) => {
    const app = express().use((request, _response, next) => {
      Object.assign(request, { id: "given" });
      next();
    });
    app.use(expressAuth(createHandler(harness.auth, options(requestId))).routes);
    const origin = await listen(app);
    return (headers) => fetch(`${origin}/auth/login`, login(headers));
  },
  Fastify: async (requestId) => {
    const app = fastify({ genReqId: () => "given" });
    closing.push(() => app.close());
    await app.register(fastifyAuth(createHandler(harness.auth, options(requestId))).routes);
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    return (headers) => fetch(`${origin}/auth/login`, login(headers));
  },
  "Request and Response": async (requestId) => {
    const handler = createHandler(harness.auth, options(requestId));
    return (headers) => {
      const request = new Request("http://localhost/auth/login", login(headers));
      return handler(Object.assign(request, { id: "given" }), { ip: "203.0.113.7" });
    };
  },
  "Request and Response, with clientAddress": async (requestId) => {
    const { trustedProxies: _, forwardedHeader: __, ...rest } = options(requestId);
    const handler = createHandler(harness.auth, { ...rest, clientAddress: () => "203.0.113.7" });
    return (headers) => {
      const request = new Request("http://localhost/auth/login", login(headers));
      return handler(Object.assign(request, { id: "given" }));
    };
  },
};

/** The id that the event of one failed login has. */
async function idIn(send: Send, headers: Headers = {}): Promise<unknown> {
  await send(headers);
  await new Promise((resolve) => setImmediate(resolve));
  expect(harness.sink.events.at(-1)).toMatchObject({ type: "login", outcome: "failure" });
  return harness.sink.events.at(-1)?.requestId;
}

describe.each(Object.entries(SERVERS))("%s", (_name, start) => {
  test("by default there is no id, whatever the headers say", async () => {
    expect(await idIn(await start(undefined), { "x-request-id": "forged" })).toBe(null);
  });

  test("a header, and what middleware wrote, reach the event", async () => {
    const byHeader = await start((request) => headerOf(request, "x-request-id"));
    expect(await idIn(byHeader, { "X-Request-Id": "r-1" })).toBe("r-1");
    expect(await idIn(byHeader)).toBe(null);
    expect(await idIn(await start(({ id }) => String(id)))).toBe("given");
  });

  test("it is cut and cleaned, as a user agent is", async () => {
    const hostile = `a\u0000b\r\nc\u202ed${"x".repeat(5000)}`;
    const id = await idIn(await start(() => hostile));
    expect(id).toBe(`a b  c d${"x".repeat(120)}`);
  });

  test("what is no text, and a fault, leave the request served and the operator told", async () => {
    const fault = new Error("no context");
    const faults: readonly (() => unknown)[] = [
      () => 7,
      () => null,
      async () => "r-1",
      () => {
        throw fault;
      },
    ];
    for (const requestId of faults) expect(await idIn(await start(requestId as RequestId))).toBe(null);
    const misused = expect.stringMatching(/^TypeError: requestId must return text/);
    expect(errors.map(String)).toEqual([misused, misused, misused, String(fault)]);
  });
});

test("an id that the caller of the handler gives goes before the option", async () => {
  const handler = createHandler(harness.auth, { requestId: () => "option" });
  const send: Send = () =>
    handler(new Request("http://localhost/auth/login", login({})), { ip: null, requestId: "caller" });
  expect(await idIn(send)).toBe("caller");
});

test("a refused request of another site has it, and so have calls of one's own", async () => {
  const handler = createHandler(harness.auth, {
    transport: "cookie",
    origins: ["https://app.example"],
    requestId: (request) => headerOf(request, "x-request-id"),
  });
  const headers = { origin: "https://evil.example", "x-request-id": "r-2" };
  await handler(new Request("http://localhost/auth/login", login(headers)), { ip: "203.0.113.7" });
  await new Promise((resolve) => setImmediate(resolve));
  const { type, requestId } = harness.sink.events.at(-1) ?? {};
  expect([type, requestId]).toEqual(["cross_site_request", "r-2"]);
  expect(handler.requestId({ headers: { "x-request-id": ["a", "b"] } })).toBe("a, b");
  const socket = { remoteAddress: "203.0.113.7" };
  const own = handler.client({ method: "GET", socket, headers: { "x-request-id": "r-3" } });
  expect(own).toEqual({ ip: "203.0.113.7", requestId: "r-3" });
});

test("a requestId that is no function does not start", () => {
  const start = () => createHandler(harness.auth, { requestId: "x-request-id" } as never);
  expect(start).toThrow(/^createHandler: requestId must be a function/);
});
