import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createApp } from "../../examples/fastify/app.ts";
import { openNotes, type SqliteNotes } from "../../examples/shared/sqlite-notes.ts";
import { EMAIL, type Harness, makeAuth, PASSWORD } from "../support/harness.ts";
import { type Answer, type Call, call } from "./demo.ts";
import { followPage } from "./readme-commands.ts";
import { behavesAsProcess, useFolder } from "./server-process.ts";

describe("as a process", () => {
  useFolder();
  behavesAsProcess("fastify", "npm run demo:fastify");
});

describe("the application", () => {
  let app: FastifyInstance;
  let harness: Harness;
  let notes: SqliteNotes;
  let failures: unknown[];
  let url: string;

  beforeEach(async () => {
    harness = makeAuth();
    notes = openNotes(":memory:");
    failures = [];
    app = await createApp({ auth: harness.auth, notes, onError: (error) => failures.push(error) });
    url = await app.listen({ port: 0, host: "127.0.0.1" });
  });

  afterEach(() => app.close());

  const send = (method: string, path: string, options?: Call): Promise<Answer> =>
    call(url + path, method, options);

  async function signUp(): Promise<{ token: string; path: string }> {
    const { json } = await send("POST", "/auth/signup", { body: { email: EMAIL, password: PASSWORD } });
    return { token: json.accessToken, path: `/api/users/${json.user.id}/notes` };
  }

  test("the commands of its page do what they say", async () => {
    expect(await followPage("examples/fastify/README.md", url)).toBeGreaterThan(4);
  });

  test("whatever is wrong with a note is a problem, and nothing of it is kept", async () => {
    const { token, path } = await signUp();
    const add = (body: unknown, headers = {}) => send("POST", path, { token, body, headers });
    const answers = [
      await add("{"),
      await add('{"text":"a","__proto__":{"b":1}}'),
      await add(""),
      await add("text=a", { "content-type": "application/x-www-form-urlencoded" }),
      await add({ text: "x".repeat(5_000) }),
      await add({ text: "x".repeat(501) }),
      await add({ text: 5 }),
      await add({ text: "  " }),
      await add({ text: "a\0b" }),
      await add({}),
      await add({ text: "a", owner: "somebody" }),
      await add(null),
    ];
    const issue = ({ json }: Answer) => json.errors?.map(({ path, code }: never) => `${path}: ${code}`)[0];
    expect(answers.map((answer) => [answer.status, answer.json.code, issue(answer)])).toEqual([
      [400, "malformed_request", undefined],
      [400, "malformed_request", undefined],
      [400, "malformed_request", undefined],
      [415, "unsupported_media_type", undefined],
      [413, "payload_too_large", undefined],
      [422, "invalid_input", "text: maxLength"],
      [422, "invalid_input", "text: type"],
      [422, "invalid_input", "text: required"],
      [422, "invalid_input", "text: unsupported_characters"],
      [422, "invalid_input", "text: required"],
      [422, "invalid_input", ": unknown_field"],
      [422, "invalid_input", ": type"],
    ]);
    for (const { headers } of answers) expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect((await send("GET", path, { token })).json).toEqual({ notes: [] });
    expect(failures).toEqual([]);
  });

  test("who is not let in learns nothing of what a note must be", async () => {
    const { token, path } = await signUp();
    const foreign = path.replace(/users\/[^/]+/, "users/01900000-0000-7000-8000-000000000000");
    for (const body of ["{", { text: 5 }, { text: "x".repeat(5_000) }]) {
      const nobody = await send("POST", path, { body });
      expect([nobody.status, nobody.json.code]).toEqual([401, "token_missing"]);
      const other = await send("POST", foreign, { token, body });
      expect([other.status, other.json.code]).toEqual([403, "forbidden"]);
    }
  });

  test.each([
    ["GET", "/nothing", 404, "not_found"],
    ["GET", "/AUTH/me", 404, "not_found"],
    ["POST", "/health", 404, "not_found"],
    ["GET", "/auth/login", 405, "method_not_allowed"],
    ["GET", "/%", 404, "not_found"],
    ["GET", `/api/users/${"x".repeat(200)}/notes`, 404, "not_found"],
  ])("%s %s is a problem too", async (method, path, ...refusal) => {
    const answer = await send(method, path);
    expect([answer.status, answer.json.code]).toEqual(refusal);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  });

  test("a fault of the application is said inside, and outside it is an error without any detail", async () => {
    const { token, path } = await signUp();
    notes.close();
    const answer = await send("GET", path, { token });
    expect([answer.status, answer.json.code]).toEqual([500, "internal_error"]);
    expect(answer.body).not.toMatch(/database|sqlite/i);
    expect(failures).toHaveLength(1);
  });

  test("a load balancer hears whether it can serve, with HEAD as well", async () => {
    expect((await send("GET", "/health")).json).toEqual({ ready: true });
    const head = await fetch(`${url}/health`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    await harness.auth.close();
    const closed = await send("GET", "/health");
    expect([closed.status, closed.json]).toEqual([503, { ready: false }]);
  });

  test("slow and idle clients are bounded: nothing of it is left at Fastify's defaults", () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections } = app.server;
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxConnections }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 20_000,
      keepAliveTimeout: 5_000,
      maxConnections: 1000,
    });
  });
});
