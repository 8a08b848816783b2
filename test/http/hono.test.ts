// The adapter for Hono: what the suites of the contract do not ask.
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import { honoAuth, sendAuthErrors } from "sallyport/hono";
import { type AuthHandler, createHandler } from "sallyport/http";
import { httpSuite } from "sallyport/testing";
import { afterEach, describe, expect, test } from "vitest";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { nodeServer, type Server } from "../support/http.ts";
import { honoListener, MOUNTS, open } from "./servers.ts";

const NODE = { overrideGlobalObjects: false } as const;

let server: Server | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type App = Hono;
type Extend = (app: App, adapter: ReturnType<typeof honoAuth>) => void;

/** An application with the auth routes and what a test adds, without its own error handler. */
async function start(extend: Extend, handler: AuthHandler = createHandler(makeAuth().auth)): Promise<Server> {
  const app = new Hono();
  const adapter = honoAuth(handler);
  app.all(`${handler.basePath}/*`, adapter.routes);
  extend(app, adapter);
  server = await nodeServer(getRequestListener(app.fetch, NODE));
  return server;
}

async function signUp({ send }: Server): Promise<{ readonly userId: string; readonly token: string }> {
  const { body } = await send({
    method: "POST",
    target: "/auth/signup",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const { accessToken, user } = JSON.parse(body);
  return { userId: user.id, token: accessToken };
}

describe("what the bridge to Node answers before us", () => {
  test("in the whole suite it is two paths, each with a backslash", async () => {
    const refused = new Set<string | undefined>();
    const listener = (handler: AuthHandler) =>
      honoListener(handler, { refused: (target) => void refused.add(target) });
    const start = async (handler: AuthHandler): Promise<{ origin: string; close(): Promise<unknown> }> => {
      const http = createServer(listener(handler));
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      const address = http.address();
      const port = typeof address === "object" ? address?.port : 0;
      const close = async (): Promise<void> => void http.close().closeAllConnections();
      return { origin: `http://127.0.0.1:${port}`, close };
    };
    const promises: (() => Promise<void>)[] = [];
    const mount = { ...(MOUNTS["Hono 4"] as (typeof MOUNTS)[string]), start };
    httpSuite({
      test: (title, run) => void (/^paths: /.test(title) && promises.push(run)),
      open: () => open(mount),
    });
    expect(promises.length).toBeGreaterThan(2);
    for (const prove of promises) await prove();
    expect([...refused]).toEqual(["/auth/login\\", "/auth\\/login"]);
  });

  test("it is 400 without a body, and reaches no route", async () => {
    const { send } = await start((app) => void app.get("*", (c) => c.text("in")));
    for (const target of ["/auth/login\\", "/auth\\/login"])
      expect(await send({ target })).toMatchObject({ status: 400, body: "" });
  });
});

test("a path that only resolves to a route is not there, with and without an error handler", async () => {
  const { send } = await start(() => {});
  for (const target of [
    "/x/../auth/me",
    "/./auth/me",
    "/auth/%2e/me",
    "http://localhost/auth/me",
    "/auth/me#x",
  ]) {
    const { status, body } = await send({ target });
    expect([target, status, JSON.parse(body).code]).toEqual([target, 404, "not_found"]);
  }
  expect((await send({ target: "/auth/me?a='" })).status).not.toBe(404); // a query may be spelled as it likes
});

test("the limits count the address of the peer, whatever headers say", async () => {
  const { send } = await start(() => {});
  const statuses: number[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const headers = { "content-type": "application/json", "x-forwarded-for": `203.0.113.${turn}` };
    const body = JSON.stringify({ email: `u${turn}@example.com`, password: PASSWORD });
    statuses.push((await send({ method: "POST", target: "/auth/login", headers, body })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
});

test("without the bridge nothing tells the address, so no attempt is served without its limit", async () => {
  const app = new Hono();
  app.onError((error, c) => c.text(error.message, 500));
  app.all("/auth/*", honoAuth(createHandler(makeAuth().auth)).routes);
  for (const env of [undefined, {}, { ip: "203.0.113.7" }, { incoming: {} }]) {
    const answer = await app.request("/auth/jwks.json", {}, env);
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining("client.ip must be")]);
  }
});

test("with clientAddress the platform's own word tells the address, here and in the log", async () => {
  const { auth } = makeAuth();
  interface Env {
    readonly peer: string;
  }
  const handler = createHandler(auth, { clientAddress: (_request, { peer }: Env) => peer });
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.onError(sendAuthErrors);
  app.all("/auth/*", honoAuth(handler).routes);
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body };
  const created = await app.request("/auth/signup", init, { peer: "203.0.113.7" });
  expect(created.status).toBe(201);
  const { accessToken } = (await created.json()) as { accessToken: string };
  const { events } = await auth.events.list(accessToken);
  expect(events).toMatchObject([{ type: "signup", ip: "203.0.113.7" }]);
});

test("with clientAddress the guards know the address of their callers, too", async () => {
  const warnings: unknown[] = [];
  const { auth } = makeAuth({ onWarning: (warning) => warnings.push(warning) });
  const { accessToken, user } = await auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
  const handler = createHandler(auth, {
    clientAddress: (_request: Request, { peer }: { readonly peer: string }) => peer,
  });
  const { requireAuth, requireSameUser, optionalAuth } = honoAuth(handler);
  const app = new Hono();
  app.get("/required", requireAuth(), (c) => c.text(String(c.var.auth.client.ip)));
  app.get("/users/:userId", requireSameUser("userId", {}), (c) => c.text(String(c.var.auth.client.ip)));
  app.get("/optional", optionalAuth, (c) => c.text(String(c.var.auth?.client.ip)));
  const headers = { authorization: `Bearer ${accessToken}` };
  for (const path of ["/required", `/users/${user.id}`, "/optional"]) {
    const answer = await app.request(path, { headers }, { peer: "203.0.113.7" });
    expect([path, await answer.text()]).toEqual([path, "203.0.113.7"]);
  }
  expect(warnings).toEqual([]);
});

test("a caller knows its address, and the guards read what middleware has left", async () => {
  const { auth } = makeAuth();
  const running = await start((app, { requireAuth }) => {
    app.use(async (c, next) => {
      const token = c.req.header("x-token");
      if (token) c.req.raw = new Request(c.req.url, { headers: { authorization: `Bearer ${token}` } });
      await next();
    });
    app.get("/mine", requireAuth(), (c) => c.json({ ip: c.var.auth.client.ip, userId: c.var.auth.userId }));
  }, createHandler(auth));
  const { token, userId } = await signUp(running);
  const { body } = await running.send({ target: "/mine", headers: { "x-token": token } });
  expect(JSON.parse(body)).toEqual({ ip: "127.0.0.1", userId });
});

test("a misspelt parameter is a fault, and serves no user", async () => {
  const running = await start((app, { requireSameUser }) => {
    app.onError((error, c) => c.text(String(error), 500));
    app.get("/users/:id", requireSameUser("userId"), (c) => c.text("in"));
  });
  const { token, userId } = await signUp(running);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await running.send({ target: `/users/${userId}`, headers });
  expect([answer.status, answer.body]).toEqual([500, "TypeError: This path has no parameter :userId"]);
});

test("headers of middleware stay on answers of the auth routes, cookies apart", async () => {
  const origins = ["https://app.example"];
  const clientAddress = (): null => null;
  const handler = createHandler(makeAuth().auth, { transport: "cookie", origins, clientAddress });
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("x-own", "1");
  });
  app.all("/auth/*", honoAuth(handler).routes);
  const answer = await app.request("/auth/signup", {
    method: "POST",
    headers: { "content-type": "application/json", origin: origins[0] as string },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  expect([answer.status, answer.headers.get("x-own")]).toEqual([201, "1"]);
  expect(answer.headers.getSetCookie().map((line) => line.split("=")[0])).toEqual([
    "__Host-sp-access",
    "__Secure-sp-refresh",
    "__Secure-sp-device",
  ]);
});

test("headers that middleware has set before neither replace ours nor get lost", async () => {
  const origins = ["https://app.example"];
  const handler = createHandler(makeAuth().auth, { transport: "cookie", origins, clientAddress: () => null });
  const { routes, requireAuth } = honoAuth(handler);
  const app = new Hono();
  app.onError((error, c) => sendAuthErrors(error, c));
  app.use(cors({ origin: origins[0] as string, credentials: true })); // it makes a response before any route does
  app.use(async (c, next) => {
    setCookie(c, "theme", "dark");
    c.header("cache-control", "public, max-age=60");
    c.header("x-own", "1");
    await next();
  });
  app.all("/auth/*", routes);
  app.get("/mine", requireAuth(), (c) => c.text(c.var.auth.userId));
  const headers = { "content-type": "application/json", origin: origins[0] as string };
  const body = JSON.stringify({ email: EMAIL, password: PASSWORD });
  const signedUp = await app.request("/auth/signup", { method: "POST", headers, body });
  expect(signedUp.status).toBe(201);
  const names = signedUp.headers.getSetCookie().map((line) => line.split("=")[0]);
  const ours = ["__Host-sp-access", "__Secure-sp-refresh", "__Secure-sp-device"];
  expect(names.sort()).toEqual([...ours, "theme"].sort());
  const refused = [await app.request("/mine"), await app.request("/auth/me"), await app.request("/auth/x")];
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 404]);
  for (const answer of [signedUp, ...refused]) {
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-own")).toBe("1");
    expect(answer.headers.get("vary")).toMatch(/^Origin/);
    expect(answer.headers.get("content-type")).toMatch(/json$/);
  }
  expect(signedUp.headers.get("vary")).toMatch(/cookie/i);
});

test("errors that are not ours are thrown on", () => {
  for (const error of [new TypeError("a fault"), new HTTPException(418)])
    expect(() => sendAuthErrors(error, {} as Context)).toThrow(error);
});
