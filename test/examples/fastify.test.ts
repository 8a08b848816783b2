import { readFileSync } from "node:fs";
import fastify, { type FastifyInstance } from "fastify";
import { AuthError } from "sallyport";
import { createHandler } from "sallyport/http";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  authRoutes,
  principalOf,
  requireAuth,
  sendAuthErrors,
} from "../../examples/fastify/sallyport-fastify.ts";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { rawExchange } from "../support/http.ts";
import { type Call, call } from "./demo.ts";

let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  const handler = createHandler(makeAuth().auth);
  app = fastify();
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("access-control-allow-origin", "http://localhost:8080");
  });
  app.setErrorHandler(sendAuthErrors);
  await app.register(authRoutes(handler));
  app.get("/mine", { preHandler: requireAuth(handler) }, async (request) => ({
    userId: principalOf(request).userId,
  }));
  app.get("/forgotten", async (request) => ({ userId: principalOf(request).userId }));
  app.get("/refused", async () => {
    throw new AuthError("forbidden");
  });
  app.post("/echo", async (request) => ({ body: request.body }));
  url = await app.listen({ port: 0, host: "127.0.0.1" });
});

afterEach(() => app.close());

const send = (method: string, path: string, options?: Call) => call(url + path, method, options);

test("from sign-up to sign-out, after which the same token opens nothing", async () => {
  const { status, json } = await send("POST", "/auth/signup", { body: { email: EMAIL, password: PASSWORD } });
  expect(status).toBe(201);
  const token = json.accessToken;
  expect((await send("GET", "/mine", { token })).json).toEqual({ userId: json.user.id });
  const logout = await send("POST", "/auth/logout", {
    token,
    headers: { "content-type": "application/json" },
  });
  expect([logout.status, logout.body]).toEqual([204, ""]); // an empty JSON body is nothing to Fastify's parser
  const after = await send("GET", "/mine", { token });
  expect([after.status, after.json.code, after.headers["content-type"]]).toEqual([
    401,
    "session_revoked",
    "application/problem+json; charset=utf-8", // Fastify says it of every JSON
  ]);
});

test("every refusal of the auth routes is a problem: no parser of Fastify is in front", async () => {
  const login = (type: string, body: string) =>
    fetch(`${url}/auth/login`, { method: "POST", headers: { "content-type": type }, body });
  for (const [type, body, status, code] of [
    ["application/json", "{", 400, "malformed_request"],
    ["text/plain", "{}", 415, "unsupported_media_type"],
    ["application/x-www-form-urlencoded", "a=b", 415, "unsupported_media_type"],
    [
      "application/json",
      JSON.stringify({ email: EMAIL, password: "x".repeat(60_000) }),
      413,
      "payload_too_large",
    ],
    ["application/json", '{"email":"a@example.com","password":"x","__proto__":{}}', 422, "invalid_input"],
  ] as const) {
    const answer = await login(type, body);
    expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
  }
  for (const path of ["/auth", "/auth/nothing", "/auth/%6cogin"]) {
    const answer = await send("GET", path);
    expect([answer.status, answer.json.code]).toEqual([404, "not_found"]);
  }
});

test("what hooks have set stays, and the application's own parsers are untouched", async () => {
  const me = await send("GET", "/auth/me");
  expect(me.headers["access-control-allow-origin"]).toBe("http://localhost:8080");
  expect(me.headers["cache-control"]).toBe("no-store");
  expect((await send("POST", "/echo", { body: { a: 1 } })).json).toEqual({ body: { a: 1 } });
});

test("a route without the check in front answers nobody, and errors that are not ours stay Fastify's", async () => {
  expect((await send("GET", "/forgotten")).json).toMatchObject({ statusCode: 500 });
  expect((await send("GET", "/refused")).json).toMatchObject({ code: "forbidden" });
});

test("two Authorization headers are one too many", async () => {
  const { json } = await send("POST", "/auth/signup", { body: { email: EMAIL, password: PASSWORD } });
  const line = `Authorization: Bearer ${json.accessToken}\r\n`;
  const port = Number(new URL(url).port);
  const head = "GET /mine HTTP/1.1\r\nHost: x\r\n";
  expect(await rawExchange(port, `${head}${line}\r\n`)).toContain(" 200 ");
  expect(await rawExchange(port, `${head}${line}${line}\r\n`)).toContain(" 401 ");
});

test("the adapter has less than a hundred lines", () => {
  const file = new URL("../../examples/fastify/sallyport-fastify.ts", import.meta.url);
  expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(100);
});
