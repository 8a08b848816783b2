// The HTTP contract, the same through node:http, Request/Response and Express 5, before and behind its
// body parser.
import express from "express";
import type { Refreshed, SignedIn } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ZodType } from "zod";
import {
  eventsOutput,
  jwksOutput,
  loginOutput,
  meOutput,
  problemOutput,
  reauthenticatedOutput,
  refreshedOutput,
  revokedOutput,
  sessionsOutput,
  signedInOutput,
} from "../../src/http/schemas.ts";
import { EMAIL, type Harness, makeAuth, PASSWORD, times } from "../support/harness.ts";
import { type Answer, fetchServer, nodeServer, type Server } from "../support/http.ts";

const JSON_TYPE = { "content-type": "application/json" };
const credentials = JSON.stringify({ email: EMAIL, password: PASSWORD });

/** The body of an answer, which the contract's schema must take. */
function read<T = unknown>(schema: ZodType, { body }: Answer): T {
  return schema.parse(JSON.parse(body)) as T;
}

const SERVERS: Readonly<Record<string, (harness: Harness) => Promise<Server>>> = {
  "node:http": ({ auth }) => nodeServer(toNodeHandler(createHandler(auth))),
  "Request/Response": async ({ auth }) => fetchServer(createHandler(auth)),
  "Express 5": ({ auth }) => nodeServer(express().use(toNodeHandler(createHandler(auth)))),
  "Express 5, on its path": ({ auth }) =>
    nodeServer(express().use("/auth", toNodeHandler(createHandler(auth)))),
  "Express 5, behind express.json()": ({ auth }) =>
    nodeServer(express().use(express.json(), toNodeHandler(createHandler(auth)))),
};

describe.each(Object.entries(SERVERS))("through %s", (name, start) => {
  let harness: Harness;
  let server: Server;

  beforeEach(async () => {
    harness = makeAuth();
    server = await start(harness);
  });
  afterEach(() => server.close());

  const post = (target: string, body?: string, headers: Record<string, string> = JSON_TYPE) =>
    server.send({ method: "POST", target, headers, ...(body === undefined ? {} : { body }) });
  const get = (target: string, token?: string) =>
    server.send({ target, headers: token ? { authorization: `Bearer ${token}` } : {} });
  const signup = async () => JSON.parse((await post("/auth/signup", credentials)).body).accessToken as string;

  test("signup, me, sessions, events, login, logout; then the token is dead", async () => {
    const created = await post("/auth/signup", credentials);
    expect(created.status).toBe(201);
    expect(created.headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    const { accessToken } = signedInOutput.parse(JSON.parse(created.body)) as { accessToken: string };

    const me = await get("/auth/me", accessToken);
    expect([me.status, meOutput.parse(JSON.parse(me.body))]).toMatchObject([200, { user: { email: EMAIL } }]);
    const sessions = await get("/auth/sessions", accessToken);
    expect(sessionsOutput.parse(JSON.parse(sessions.body))).toMatchObject({
      sessions: [{ current: true, ip: "127.0.0.1" }],
    });
    const events = await get("/auth/events?limit=5", accessToken);
    expect(eventsOutput.parse(JSON.parse(events.body))).toMatchObject({
      events: [{ type: "signup" }],
      nextCursor: null,
    });
    const login = await post("/auth/login", credentials);
    expect([login.status, loginOutput.parse(JSON.parse(login.body))]).toMatchObject([
      200,
      { status: "signed_in" },
    ]);

    const out = await post("/auth/logout", undefined, { authorization: `Bearer ${accessToken}` });
    expect([out.status, out.body, out.headers["cache-control"]]).toEqual([204, "", "no-store"]);
    const dead = await get("/auth/me", accessToken);
    expect(dead.status).toBe(401);
    expect(dead.headers).toMatchObject({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "www-authenticate": 'Bearer error="invalid_token"',
    });
    expect(problemOutput.parse(JSON.parse(dead.body))).toMatchObject({
      status: 401,
      code: "session_revoked",
    });
  });

  test("refresh, a proof, a new password, ending sessions: each by its route", async () => {
    const first = read<SignedIn>(signedInOutput, await post("/auth/signup", credentials));
    const refreshed = await post("/auth/refresh", JSON.stringify({ refreshToken: first.refreshToken }));
    const { accessToken } = read<Refreshed>(refreshedOutput, refreshed);
    const bearer = { ...JSON_TYPE, authorization: `Bearer ${accessToken}` };
    const proven = await post("/auth/reauthenticate", JSON.stringify({ password: PASSWORD }), bearer);
    read(reauthenticatedOutput, proven);
    const phone = read<SignedIn>(loginOutput, await post("/auth/login", credentials));
    read(loginOutput, await post("/auth/login", credentials));

    const end = (target: string) => server.send({ method: "DELETE", target, headers: bearer });
    const ended = await end(`/auth/sessions/${phone.session.id}`);
    expect([ended.status, ended.body]).toEqual([204, ""]);
    expect((await get("/auth/me", phone.accessToken)).status).toBe(401);
    expect(read(revokedOutput, await end("/auth/sessions"))).toEqual({ revoked: 1 });

    const change = JSON.stringify({ currentPassword: PASSWORD, newPassword: "Another2staple" });
    const changed = read<SignedIn>(signedInOutput, await post("/auth/password", change, bearer));
    expect((await get("/auth/me", accessToken)).status).toBe(401);
    expect((await get("/auth/me", changed.accessToken)).status).toBe(200);
    const out = await post("/auth/logout", JSON.stringify({ refreshToken: changed.refreshToken }));
    expect([out.status, out.body]).toEqual([204, ""]);
    expect((await get("/auth/me", changed.accessToken)).status).toBe(401);
  });

  test("what is wrong with them is a problem, and ends no session", async () => {
    const signedIn = read<SignedIn>(signedInOutput, await post("/auth/signup", credentials));
    const { accessToken, refreshToken, session } = signedIn;
    const good = JSON.stringify({ refreshToken });
    const bearer = { authorization: `Bearer ${accessToken}` };
    const as = { ...JSON_TYPE, ...bearer };
    const end = (id: string) =>
      server.send({ method: "DELETE", target: `/auth/sessions/${id}`, headers: bearer });
    const rows: readonly (readonly [answer: Answer, status: number, code: string])[] = [
      [await post("/auth/refresh", '{"refreshToken":"forged"}'), 401, "invalid_token"],
      [await post("/auth/refresh", '{"refreshToken":1}'), 422, "invalid_input"],
      [await post("/auth/refresh", "{}"), 422, "invalid_input"],
      [await post("/auth/refresh", '["refreshToken"]'), 422, "invalid_input"],
      [await post("/auth/refresh", '{"refreshToken":"x","admin":1}'), 422, "invalid_input"],
      [await post("/auth/logout", '{"refreshToken":"forged"}'), 401, "invalid_token"],
      [await post("/auth/logout", undefined, {}), 401, "invalid_token"],
      [await post("/auth/logout", good, { ...JSON_TYPE, authorization: "Bearer y" }), 401, "invalid_token"],
      [await post("/auth/reauthenticate", '{"password":"wrong"}', as), 401, "invalid_credentials"],
      [await post("/auth/reauthenticate", '{"password":"wrong"}'), 401, "invalid_token"],
      [
        await post("/auth/password", '{"currentPassword":"x","newPassword":"weak"}', as),
        422,
        "weak_password",
      ],
      [await post("/auth/password", '{"newPassword":"Another2staple"}', as), 422, "invalid_input"],
      [await end("018f0000-0000-7000-8000-000000000000"), 404, "not_found"],
      [await end(session.id.toUpperCase()), 404, "not_found"],
      [await end(`${session.id}/`), 404, "not_found"],
      [await end(""), 404, "not_found"],
      [await end("{id}"), 404, "not_found"],
      [await end("%2e%2e"), 404, "not_found"],
      [await get(`/auth/sessions/${session.id}`, accessToken), 405, "method_not_allowed"],
    ];
    for (const [index, [answer, status, code]] of rows.entries()) {
      const problem = problemOutput.parse(JSON.parse(answer.body)) as { readonly code: string };
      expect([index, answer.status, problem.code]).toEqual([index, status, code]);
    }
    expect((await get("/auth/me", accessToken)).status).toBe(200);
  });

  test("the JWKS is public and cacheable; without signing keys it is empty", async () => {
    const answer = await get("/auth/jwks.json");
    expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "public, max-age=300"]);
    expect(read(jwksOutput, answer)).toEqual({ keys: [] });
  });

  test("every refusal is a problem with its code", async () => {
    await signup();
    const rows: readonly (readonly [answer: Answer, status: number, code: string])[] = [
      [await post("/auth/signup", credentials), 409, "email_taken"],
      [await post("/auth/signup", '{"email":"b@example.com","password":"weak"}'), 422, "weak_password"],
      [await post("/auth/signup", '{"email":1,"password":["a"]}'), 422, "invalid_input"],
      [await post("/auth/signup", '{"email":"b@example.com"}'), 422, "invalid_input"],
      [await post("/auth/signup", "[]"), 422, "invalid_input"],
      [
        await post("/auth/login", '{"email":"a@example.com","password":"x","admin":true}'),
        422,
        "invalid_input",
      ],
      [
        await post("/auth/login", '{"__proto__":{"admin":true},"email":"a@example.com","password":"x"}'),
        422,
        "invalid_input",
      ],
      [await post("/auth/login", '{"email":"a@example.com","password":"wrong"}'), 401, "invalid_credentials"],
      [await post("/auth/login", '{"email":"a\\u0000@example.com","password":"x"}'), 422, "invalid_input"],
      [await post("/auth/login", '{"email":"a@example.com","password":"\\ud800"}'), 422, "invalid_input"],
      [
        await post("/auth/login", credentials, { "content-type": "text/plain" }),
        415,
        "unsupported_media_type",
      ],
      [
        await post("/auth/login", credentials, { "content-type": "text/plain; application/json" }),
        415,
        "unsupported_media_type",
      ],
      [await get("/auth/me"), 401, "invalid_token"],
      [await get("/auth/login"), 405, "method_not_allowed"],
      [await post("/auth/me", "{}"), 405, "method_not_allowed"],
      [await post("/auth/nothing", "{}"), 404, "not_found"],
    ];
    for (const [index, [answer, status, code]] of rows.entries()) {
      const problem = problemOutput.parse(JSON.parse(answer.body)) as { errors?: unknown[] };
      expect({ index, status: answer.status, code: (problem as { code?: string }).code }).toEqual({
        index,
        status,
        code,
      });
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      if (status === 422) expect(problem.errors?.length).toBeGreaterThan(0);
    }
  });

  test("every failed rule is told at once, at its field", async () => {
    const { body } = await post("/auth/signup", '{"email":"nobody","password":""}');
    expect(
      JSON.parse(body).errors.map((error: { path: string; code: string }) => [error.path, error.code]),
    ).toEqual([
      ["email", "invalid_email"],
      ["password", "required"],
    ]);
    const both = JSON.parse((await post("/auth/signup", '{"email":"nobody","password":"qzvwkxjp1"}')).body);
    expect([both.code, both.errors.map((error: { code: string }) => error.code)]).toEqual([
      "invalid_input",
      ["invalid_email", "missing_upper"],
    ]);
    const weak = await post("/auth/signup", '{"email":"b@example.com","password":"abc"}');
    expect(JSON.parse(weak.body).errors.map((error: { code: string }) => error.code)).toEqual([
      "too_short",
      "missing_upper",
      "missing_digit",
    ]);
  });

  test("the sixth login in a minute is 429 with Retry-After", async () => {
    const statuses = [];
    for (const _ of times(5, (i) => i)) statuses.push((await post("/auth/login", credentials)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    const refused = await post("/auth/login", credentials);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "60"]);
    expect(JSON.parse(refused.body)).toMatchObject({ code: "rate_limited", retryAfterSeconds: 60 });
  });

  test("HEAD is GET without a body; OPTIONS and 405 name what is allowed", async () => {
    const token = await signup();
    const authorization = `Bearer ${token}`;
    const head = await server.send({ method: "HEAD", target: "/auth/me", headers: { authorization } });
    const full = await get("/auth/me", token);
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers["content-length"]).toBe(full.headers["content-length"]);

    const options = await server.send({ method: "OPTIONS", target: "/auth/login" });
    expect([options.status, options.headers["allow"], options.body]).toEqual([204, "POST, OPTIONS", ""]);
    const wrong = await server.send({ method: "DELETE", target: "/auth/me" });
    expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(
      Object.keys({ ...options.headers, ...full.headers }).filter((header) =>
        header.startsWith("access-control"),
      ),
    ).toEqual([]);
  });

  test("hostile tokens are 401, never a throw", async () => {
    const token = await signup();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const headers = [
      "",
      "Bearer",
      "Bearer ",
      "Bearer %",
      `Basic ${token}`,
      `Bearer  ${token}`,
      `Bearer ${token}=`,
      `Bearer ${token} `.replace(/ $/, "\t."),
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${payload}.${header}.${signature}`,
      `Bearer ${encode({ alg: "none" })}.${payload}.`,
      `Bearer ${encode({ alg: "none", typ: "at+jwt" })}.${payload}.${signature}`,
      `Bearer ${"a".repeat(9000)}`,
    ];
    for (const authorization of headers) {
      const answer = await server.send({ target: "/auth/me", headers: { authorization } });
      expect([authorization.slice(0, 40), answer.status, JSON.parse(answer.body).code]).toEqual([
        authorization.slice(0, 40),
        401,
        "invalid_token",
      ]);
    }
    const trailing = await server.send({ target: "/auth/me", headers: { authorization: `bearer ${token}` } });
    expect(trailing.status).toBe(200);
  });

  test("oversized bodies are 413, and the server goes on", async () => {
    if (name.includes("express.json")) return; // the parser in front has its own limit: see below
    const big = JSON.stringify({ email: EMAIL, password: "x".repeat(20_000) });
    expect((await post("/auth/login", big)).status).toBe(413);
    expect((await post("/auth/login", credentials)).status).toBe(401);
  });

  test("compressed bodies and other charsets are 415", async () => {
    if (name.includes("express.json")) return; // decoded by the parser in front
    const utf16 = { "content-type": "application/json; charset=utf-16" };
    const gzip = { ...JSON_TYPE, "content-encoding": "gzip" };
    for (const headers of [utf16, gzip])
      expect((await post("/auth/login", credentials, headers)).status).toBe(415);
    const utf8 = { "content-type": 'Application/JSON; Charset="UTF-8"' };
    expect((await post("/auth/login", credentials, utf8)).status).toBe(401);
  });

  test("a wrong password is no bearer failure", async () => {
    const answer = await post("/auth/login", credentials);
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, undefined]);
  });

  test("malformed JSON is 400 and repeats nothing", async () => {
    if (name.includes("express.json")) return; // answered by the parser in front: see below
    for (const body of ["{", '{"email":"hunter2"', "", "nul", "\u0000", "{}{}", "\ufffd{}"]) {
      const answer = await post("/auth/login", body);
      expect([body, answer.status, JSON.parse(answer.body).code]).toEqual([body, 400, "malformed_request"]);
      expect(answer.body).not.toContain("hunter2");
    }
    const latin1 = new Uint8Array([...Buffer.from('{"email":"'), 0xe9, ...Buffer.from('"}')]);
    const answer = await server.send({
      method: "POST",
      target: "/auth/login",
      headers: JSON_TYPE,
      body: latin1,
    });
    expect(answer.status).toBe(400);
  });

  test("query parameters are strict", async () => {
    const token = await signup();
    for (const query of [
      "limit=0",
      "limit=101",
      "limit=abc",
      "limit=1e1",
      "limit=-1",
      "limit=",
      "cursor=x",
      "user=1",
    ]) {
      expect([query, (await get(`/auth/events?${query}`, token)).status]).toEqual([query, 422]);
    }
    expect((await get("/auth/events?limit=1&limit=2", token)).status).toBe(400);
    expect((await get("/auth/events?limit=1", token)).status).toBe(200);
    expect((await get("/auth/me?anything=goes", token)).status).toBe(200);
  });
});
