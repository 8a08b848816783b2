// What only a real server shows: raw targets, streams, parsers in front, clients that go away.
import { once } from "node:events";
import { Readable } from "node:stream";
import express from "express";
import { AuthError } from "sallyport";
import { createHandler, problemResponse, sendNodeResponse, toNodeHandler } from "sallyport/http";
import { afterEach, describe, expect, test } from "vitest";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { listen, nodeServer, rawAnswer, rawExchange, type Server } from "../support/http.ts";

const JSON_TYPE = { "content-type": "application/json" };
const credentials = JSON.stringify({ email: EMAIL, password: PASSWORD });
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

function opened<T extends { close(): Promise<void> }>(server: T): T {
  open.push(server);
  return server;
}

describe("raw targets", () => {
  // Class: limits dodged through aliases of a path (Strapi CVE-2023-38507).
  const ALIASES = [
    "/auth/login/",
    "//auth/login",
    "/auth//login",
    "/AUTH/login",
    "/auth/Login",
    "/auth/./login",
    "/auth/x/../login",
    "/auth/%6cogin",
    "/auth%2flogin",
    "/auth/%2e/login",
    "/auth\\login",
    "/auth/login;x=1",
    "/auth/login%00",
    "/auth/login%20",
    "/auth/login#x",
    "http://127.0.0.1/auth/login",
    "*",
    "/auth",
    "/auth/",
    "/authlogin",
  ];

  test("no other spelling of a path reaches its route", async () => {
    const { port } = opened(await listen(toNodeHandler(createHandler(makeAuth().auth))));
    const head = `HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${credentials.length}\r\n\r\n`;
    for (const alias of ALIASES) {
      const line = await rawExchange(port, `POST ${alias} ${head}${credentials}`);
      expect([alias, line]).toEqual([alias, expect.stringMatching(/^HTTP\/1\.1 40[04] /)]);
    }
    expect(await rawExchange(port, `POST /auth/login?x=1 ${head}${credentials}`)).toContain(" 401 ");
  });

  test("what is escaped, or spelt as the contract spells a parameter, is no parameter", async () => {
    const { port } = opened(await listen(toNodeHandler(createHandler(makeAuth().auth))));
    const statusOf = async (path: string) =>
      (await rawExchange(port, `DELETE /auth/sessions/${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).split(" ")[1];
    expect(await statusOf("0")).toBe("401");
    for (const path of ["{id}", "%7Bid%7D", "%30", "a%2Fb", "%", "0%00", "{", "", "0/", "0/1"])
      expect([path, await statusOf(path)]).toEqual([path, "404"]);
  });

  test("a base path of one's own moves every route, behind an Express router too", async () => {
    const { auth } = makeAuth();
    const handler = toNodeHandler(createHandler(auth, { basePath: "/api/v1/auth" }));
    const app = express().use("/api", express.Router().use("/v1", handler));
    const server = opened(await nodeServer(app));
    const signup = { method: "POST", headers: JSON_TYPE, body: credentials };
    expect((await server.send({ ...signup, target: "/api/v1/auth/signup" })).status).toBe(201);
    expect((await server.send({ ...signup, target: "/auth/signup" })).status).toBe(404);
    const contract = JSON.parse((await server.send({ target: "/api/v1/auth/openapi.json" })).body);
    expect(Object.keys(contract.paths)).toContain("/api/v1/auth/login");
  });
});

describe("in Express", () => {
  test("paths beside the base path are the application's", async () => {
    const app = express().use(toNodeHandler(createHandler(makeAuth().auth)));
    app.get("/authors", (_request, response) => void response.send("mine"));
    const server = opened(await nodeServer(app));
    expect((await server.send({ target: "/authors" })).body).toBe("mine");
    expect((await server.send({ target: "/auth/authors" })).headers["content-type"]).toBe(
      "application/problem+json",
    );
  });

  test("a body parser in front changes no verdict: size, shape and prototype are judged here", async () => {
    const handler = toNodeHandler(createHandler(makeAuth().auth));
    const server = opened(
      await nodeServer(express().use(express.json({ limit: "1mb", strict: false }), handler)),
    );
    const login = (body: string) =>
      server.send({ method: "POST", target: "/auth/login", headers: JSON_TYPE, body });
    expect((await login(JSON.stringify({ email: EMAIL, password: "x".repeat(60_000) }))).status).toBe(413);
    expect((await login("null")).status).toBe(400);
    expect((await login('"text"')).status).toBe(400);
    expect((await login("[]")).status).toBe(422);
    expect((await login('{"email":"a@example.com","password":{"$ne":1}}')).status).toBe(422);
  });

  test("a form that a parser in front has read is still 415, deep nesting is refused, raw bytes are read", async () => {
    const handler = toNodeHandler(createHandler(makeAuth().auth));
    const parsers = [express.urlencoded(), express.json({ limit: "1mb", type: "application/json" })];
    const server = opened(await nodeServer(express().use(...parsers, handler)));
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const login = (headers: Record<string, string>, body: string) =>
      server.send({ method: "POST", target: "/auth/login", headers, body });
    expect((await login(form, "email=ada%40example.com&password=x")).status).toBe(415);
    expect((await login(JSON_TYPE, `${"[".repeat(8000)}${"]".repeat(8000)}`)).status).toBeLessThan(500);
    expect((await login(JSON_TYPE, `${"[".repeat(100_000)}${"]".repeat(100_000)}`)).status).toBeLessThan(500);
    const raw = opened(await nodeServer(express().use(express.raw({ type: "*/*" }), handler)));
    const answer = await raw.send({
      method: "POST",
      target: "/auth/login",
      headers: JSON_TYPE,
      body: credentials,
    });
    expect(answer.status).toBe(401);
  });

  test("a body that something in front has made counts, though no header tells of one", async () => {
    const app = express().use((request, _response, next) => {
      request.body = { email: EMAIL, password: PASSWORD };
      next();
    });
    const server = opened(await nodeServer(app.use(toNodeHandler(createHandler(makeAuth().auth)))));
    const signup = { method: "POST", target: "/auth/signup", headers: JSON_TYPE };
    expect((await server.send(signup)).status).toBe(201);
  });

  test("a body that something else has eaten is 400 with a hint, never a hang", async () => {
    const app = express().use(async (request, _response, next) => {
      for await (const _ of request);
      next();
    });
    const server = opened(await nodeServer(app.use(toNodeHandler(createHandler(makeAuth().auth)))));
    const answer = await server.send({
      method: "POST",
      target: "/auth/login",
      headers: JSON_TYPE,
      body: credentials,
    });
    expect([answer.status, JSON.parse(answer.body).title]).toEqual([
      400,
      expect.stringContaining("mount auth before"),
    ]);
  });

  test("a body that middleware decodes is 400 with a hint, and the server goes on", async () => {
    const app = express().use((request, _response, next) => {
      request.setEncoding("utf8");
      next();
    });
    const server = opened(await nodeServer(app.use(toNodeHandler(createHandler(makeAuth().auth)))));
    const call = { method: "POST", target: "/auth/login", headers: JSON_TYPE, body: credentials };
    for (const answer of [await server.send(call), await server.send(call)]) {
      expect(answer.status).toBe(400);
      expect(answer.body).toContain("mount auth before body parsers");
    }
  });

  test("a request that ended before its body is read does not wait for the body", async () => {
    const stream = new Readable({ read: () => {} });
    await once(stream.destroy(), "close");
    const headers = { ...JSON_TYPE, "content-length": "9" };
    const socket = { remoteAddress: "203.0.113.7" };
    const request = Object.assign(stream, { method: "POST", url: "/auth/login", headers, socket });
    const { promise: status, resolve } = Promise.withResolvers<number>();
    const ignored = () => undefined;
    const response = { appendHeader: ignored, getHeader: ignored, end: ignored, destroy: ignored };
    toNodeHandler(createHandler(makeAuth().auth))(request, { ...response, writeHead: resolve });
    expect(await status).toBe(400); // 408, if it waited
  });

  test("the application's own routes learn who calls, or answer with the same problems", async () => {
    const { auth } = makeAuth();
    const handler = createHandler(auth);
    const app = express().use(toNodeHandler(handler));
    app.get("/users/:id", async (request, response) => {
      await handler.authenticate(request, { userId: request.params.id as string }).then(
        (principal) => response.json({ hello: principal.userId }),
        (error) => sendNodeResponse(response, problemResponse(error)),
      );
    });
    const server = opened(await nodeServer(app));
    const { accessToken, user } = await auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
    const authorization = `Bearer ${accessToken}`;
    expect((await server.send({ target: `/users/${user.id}`, headers: { authorization } })).status).toBe(200);
    expect((await server.send({ target: "/users/someone", headers: { authorization } })).status).toBe(403);
    const anonymous = await server.send({ target: `/users/${user.id}` });
    expect([anonymous.status, anonymous.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
    const asRequest = new Request("http://localhost/", { headers: { authorization } });
    expect((await handler.authenticate(asRequest)).userId).toBe(user.id);
  });
});

describe("streams", () => {
  let server: Server & { port?: number };

  test("a chunked body without a length is cut at the cap with 413, and the connection closed", async () => {
    const { port } = opened(await listen(toNodeHandler(createHandler(makeAuth().auth))));
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const head =
      "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const answer = await rawAnswer(port, head + chunk + chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  test("a client that goes away in the middle of a body hurts nobody", async () => {
    const { auth, errors } = makeAuth();
    const { port } = opened(await listen(toNodeHandler(createHandler(auth))));
    const { connect } = await import("node:net");
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write("POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", () =>
          socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
    server = opened(await nodeServer(toNodeHandler(createHandler(auth))));
    expect((await server.send({ target: "/auth/me" })).status).toBe(401);
    expect(errors).toEqual([]);
  });

  test("ten thousand characters of header are 401, not 500", async () => {
    const { port } = opened(await listen(toNodeHandler(createHandler(makeAuth().auth))));
    const line = await rawExchange(
      port,
      `GET /auth/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${"é%\t".repeat(3000)}\r\n\r\n`,
    );
    expect(line).toMatch(/ 40[01] /);
  });
});

test("a fault of the library is 500 without any detail, and onError hears its cause", async () => {
  const errors: unknown[] = [];
  const { auth } = makeAuth();
  const broken = { ...auth, getUser: () => Promise.reject(new TypeError("secret detail")) };
  const handler = createHandler(broken, { onError: (error) => errors.push(error) });
  const server = opened(await nodeServer(toNodeHandler(handler)));
  const answer = await server.send({ target: "/auth/me", headers: { authorization: "Bearer x" } });
  expect(answer.status).toBe(500);
  expect(JSON.parse(answer.body)).toEqual({
    type: "tag:sallyport,2026:problem:internal_error",
    title: "Something went wrong on our side.",
    status: 500,
    code: "internal_error",
  });
  expect(errors.map(String)).toEqual(["TypeError: secret detail"]);
});

test("no 500 tells what is wrong inside, and onError is silent on refusals", async () => {
  const errors: unknown[] = [];
  const { auth } = makeAuth();
  const misconfigured = new AuthError("invalid_configuration", { message: "schema version 99" });
  const broken = { ...auth, getUser: () => Promise.reject(misconfigured) };
  const handler = createHandler(broken, { onError: (error) => errors.push(error) });
  const server = opened(await nodeServer(toNodeHandler(handler)));
  const answer = await server.send({ target: "/auth/me", headers: { authorization: "Bearer x" } });
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([500, "internal_error"]);
  expect(answer.body).not.toContain("schema");
  expect((await server.send({ target: "/auth/sessions" })).status).toBe(401);
  expect(errors).toEqual([]);
});

test("dispatch never rejects, whatever its caller left out: 500, and onError hears of it", async () => {
  const errors: unknown[] = [];
  const { dispatch } = createHandler(makeAuth().auth, {
    trustedProxies: 1,
    onError: (error) => errors.push(error),
  });
  const request = { method: "GET", target: "/auth/me", headers: {}, body: { kind: "none" } } as const;
  for (const left of [{ client: undefined }, { client: null }, { client: { ip: "::1" }, headers: undefined }])
    expect(await dispatch({ ...request, ...left } as never)).toMatchObject({ status: 500 });
  expect(errors).toHaveLength(3);
});

test("HEAD is answered as GET is, without the body, in plain values and in a Response too", async () => {
  const handler = createHandler(makeAuth().auth);
  const ask = (method: string) =>
    handler.dispatch({
      method,
      target: "/auth/me",
      headers: {},
      body: { kind: "none" },
      client: { ip: null },
    });
  const { body, ...rest } = await ask("GET");
  expect(body).toContain("token_missing");
  expect(await ask("HEAD")).toEqual({ ...rest, body: null });
  const response = await handler(new Request("http://localhost/auth/me", { method: "HEAD" }), { ip: null });
  expect([response.status, await response.text()]).toEqual([401, ""]);
});

test("two Authorization headers are one too many", async () => {
  const { auth } = makeAuth();
  const handler = createHandler(auth);
  const app = express().use(toNodeHandler(handler));
  app.get("/mine", (request, response) =>
    handler.authenticate(request).then(
      () => void response.end(),
      (error) => sendNodeResponse(response, problemResponse(error)),
    ),
  );
  const { port } = opened(await listen(app));
  const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
  const line = `Authorization: Bearer ${accessToken}\r\n`;
  for (const path of ["/auth/me", "/mine"]) {
    const head = `GET ${path} HTTP/1.1\r\nHost: x\r\n`;
    expect(await rawExchange(port, `${head}${line}\r\n`)).toContain(" 200 ");
    expect(await rawExchange(port, `${head}${line}Authorization: Bearer other\r\n\r\n`)).toContain(" 401 ");
  }
});

test("a Request whose body cannot be read is 400, never a rejection", async () => {
  const handler = createHandler(makeAuth().auth);
  const failing = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("broken pipe")),
  });
  const init = { method: "POST", headers: JSON_TYPE, body: failing, duplex: "half" } as RequestInit;
  expect((await handler(new Request("http://localhost/auth/login", init), { ip: null })).status).toBe(400);
  const used = new Request("http://localhost/auth/login", {
    method: "POST",
    headers: JSON_TYPE,
    body: credentials,
  });
  await used.text();
  const { status, title } = (await (await handler(used, { ip: null })).json()) as Record<string, unknown>;
  expect([status, title]).toEqual([400, expect.stringContaining("mount auth before")]);
});

test("a parsed body that cannot be written down again, and that no length is told of, is too large", async () => {
  let value: unknown = {};
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  const answer = await createHandler(makeAuth().auth).dispatch({
    method: "POST",
    target: "/auth/login",
    headers: JSON_TYPE,
    body: { kind: "parsed", value },
    client: { ip: null },
  });
  expect(answer.status).toBe(413);
});

test("503 carries Retry-After", async () => {
  const { auth } = makeAuth();
  const server = opened(await nodeServer(toNodeHandler(createHandler(auth))));
  const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
  await auth.close();
  const answer = await server.send({
    target: "/auth/me",
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect([answer.status, answer.headers["retry-after"], JSON.parse(answer.body).code]).toEqual([
    503,
    "5",
    "unavailable",
  ]);
});
