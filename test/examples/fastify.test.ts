// The adapter for Fastify: what its own tests of the contract (test/http) do not ask.
import fastify, { type FastifyInstance } from "fastify";
import { AuthError } from "sallyport";
import { type FastifyAuth, fastifyAuth, frameworkErrors, sendAuthErrors } from "sallyport/fastify";
import { createHandler } from "sallyport/http";
import { afterEach, describe, expect, test } from "vitest";
import { EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";
import { rawExchange } from "../support/http.ts";
import { type Answer, type Call, call } from "./demo.ts";

let app: FastifyInstance | undefined;
let url: string;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** An application with auth routes and whatever a test adds. */
async function start(extend: (app: FastifyInstance, adapter: FastifyAuth) => void = () => {}): Promise<void> {
  const adapter = fastifyAuth(createHandler(makeAuth().auth));
  app = fastify({ frameworkErrors });
  app.setErrorHandler(sendAuthErrors);
  await app.register(adapter.routes);
  extend(app, adapter);
  url = await app.listen({ port: 0, host: "127.0.0.1" });
}

const send = (method: string, path: string, options?: Call): Promise<Answer> =>
  call(url + path, method, options);

async function signUp(): Promise<{ readonly token: string; readonly userId: string }> {
  const { json } = await send("POST", "/auth/signup", { body: { email: EMAIL, password: PASSWORD } });
  return { token: json.accessToken, userId: json.user.id };
}

describe("guards", () => {
  test("authOf is the caller that was proven, each time anew", async () => {
    await start((scope, { requireAuth, authOf, authOrNull }) => {
      scope.get("/mine", { onRequest: requireAuth() }, async (request) => ({
        same: authOf(request) === authOrNull(request),
        userId: authOf(request).userId,
      }));
    });
    const { token, userId } = await signUp();
    expect((await send("GET", "/mine", { token })).json).toEqual({ same: true, userId });
    expect((await send("GET", "/mine")).status).toBe(401);
  });

  test("no user is served without a guard, or by a guard for a parameter that the path does not have", async () => {
    await start((scope, { requireSameUser, authOf, authOrNull }) => {
      scope.get("/forgotten", async (request) => ({ userId: authOf(request).userId }));
      scope.get("/forgotten-too", async (request) => ({ userId: authOrNull(request)?.userId ?? null }));
      scope.get("/users/:id", { onRequest: requireSameUser("userId") }, async () => "in");
    });
    const { token, userId } = await signUp();
    for (const path of ["/forgotten", "/forgotten-too", `/users/${userId}`])
      expect((await send("GET", path, { token })).json).toMatchObject({ statusCode: 500 });
  });

  test("behind optionalAuth, authOf is a fault for a stranger, and authOrNull is null", async () => {
    await start((scope, { optionalAuth, authOf, authOrNull }) => {
      scope.get("/sure", { onRequest: optionalAuth }, async (request) => ({
        userId: authOf(request).userId,
      }));
      scope.get("/open", { onRequest: optionalAuth }, async (request) => ({
        userId: authOrNull(request)?.userId ?? null,
      }));
    });
    const { token, userId } = await signUp();
    expect((await send("GET", "/sure")).status).toBe(500);
    expect((await send("GET", "/open")).json).toEqual({ userId: null });
    for (const path of ["/sure", "/open"])
      expect((await send("GET", path, { token })).json).toEqual({ userId });
  });

  test("a stranger's body is not even read", async () => {
    let parsed = 0;
    await start((scope, { requireAuth }) => {
      scope.addContentTypeParser("text/csv", { parseAs: "string" }, async () => ++parsed);
      scope.post("/import", { onRequest: requireAuth() }, async ({ body }) => ({ body }));
    });
    const headers = { "content-type": "text/csv" };
    expect((await send("POST", "/import", { body: "a,b", headers })).status).toBe(401);
    expect(parsed).toBe(0);
    const { token } = await signUp();
    expect((await send("POST", "/import", { body: "a,b", headers, token })).json).toEqual({ body: 1 });
  });

  test("nothing is added to the requests of the application, so no name collides", async () => {
    app = fastify();
    const { auth } = makeAuth();
    await app.register(fastifyAuth(createHandler(auth)).routes);
    await app.register(fastifyAuth(createHandler(auth, { basePath: "/web/auth" })).routes);
    for (const name of ["principal", "auth", "user"]) expect(app.hasRequestDecorator(name)).toBe(false);
  });

  test("no one request has the principal of another, though they run at once", async () => {
    await start((scope, { requireAuth, authOf }) => {
      scope.get("/mine", { onRequest: requireAuth() }, async (request) => {
        await new Promise((resolve) => setImmediate(resolve));
        return { userId: authOf(request).userId };
      });
    });
    const { token, userId } = await signUp();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send("GET", "/mine", index % 2 ? { token } : {})),
    );
    for (const [index, { status, json }] of answers.entries())
      expect([status, json.userId]).toEqual(index % 2 ? [200, userId] : [401, undefined]);
  });

  test("two Authorization headers are one too many", async () => {
    await start((scope, { requireAuth }) => {
      scope.get("/mine", { onRequest: requireAuth() }, async () => "in");
    });
    const line = `Authorization: Bearer ${(await signUp()).token}\r\n`;
    const port = Number(new URL(url).port);
    const head = "GET /mine HTTP/1.1\r\nHost: x\r\n";
    expect(await rawExchange(port, `${head}${line}\r\n`)).toContain(" 200 ");
    expect(await rawExchange(port, `${head}${line}${line}\r\n`)).toContain(" 401 ");
  });
});

describe("beside the application", () => {
  test("what hooks have set stays: CORS, cookies, Vary", async () => {
    app = fastify();
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("access-control-allow-origin", "http://localhost:8080");
      reply.header("vary", "Accept-Encoding");
      reply.header("set-cookie", ["a=1", "b=2"]);
    });
    const origins = ["https://app.example"];
    await app.register(fastifyAuth(createHandler(makeAuth().auth, { transport: "cookie", origins })).routes);
    url = await app.listen({ port: 0, host: "127.0.0.1" });
    const { status, headers } = await send("POST", "/auth/signup", {
      body: { email: EMAIL, password: PASSWORD },
      headers: { origin: origins[0] as string },
    });
    expect([status, headers["access-control-allow-origin"], headers["cache-control"], headers.vary]).toEqual([
      201,
      "http://localhost:8080",
      "no-store",
      "Accept-Encoding, Origin, Cookie",
    ]);
    expect(headers["set-cookie"]?.map((line) => line.split("=")[0])).toEqual([
      "a",
      "b",
      "__Host-sp-access",
      "__Secure-sp-refresh",
      "__Secure-sp-device",
    ]);
  });

  test("inject, without a socket, is answered as a client is", async () => {
    await start((scope, { requireAuth, authOf }) => {
      scope.get("/mine", { onRequest: requireAuth() }, async (request) => authOf(request).userId);
    });
    const inject = async (method: "GET" | "POST", path: string, more: object = {}) =>
      (app as FastifyInstance).inject({ method, url: path, ...more });
    const payload = { email: EMAIL, password: PASSWORD };
    const created = await inject("POST", "/auth/signup", { payload });
    expect(created.statusCode).toBe(201);
    const headers = { authorization: `Bearer ${created.json().accessToken}` };
    expect((await inject("GET", "/mine", { headers })).body).toBe(created.json().user.id);
    const form = { payload: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } };
    expect((await inject("POST", "/auth/login", form)).statusCode).toBe(415);
    expect((await inject("POST", "/auth/login", { payload: "{" })).statusCode).toBe(415);
    expect((await inject("POST", "/auth/logout", { headers })).statusCode).toBe(204);
    expect((await inject("GET", "/auth/me", { headers })).json().code).toBe("session_revoked");
  });

  test("the application's parsers are its own", async () => {
    await start((scope) => {
      scope.post("/echo", async (request) => ({ body: request.body }));
    });
    expect((await send("POST", "/echo", { body: { a: 1 } })).json).toEqual({ body: { a: 1 } });
  });

  test.each(["onRequest", "preParsing", "preValidation", "preHandler"] as const)(
    "what a hook %s of the application refuses is refused for the auth routes too, on every path",
    async (name) => {
      app = fastify();
      app.setErrorHandler(sendAuthErrors);
      app.addHook(name as "onRequest", async () => {
        throw new AuthError("unavailable");
      });
      await app.register(fastifyAuth(createHandler(makeAuth().auth)).routes);
      url = await app.listen({ port: 0, host: "127.0.0.1" });
      const body = { email: EMAIL, password: PASSWORD };
      for (const [method, path] of [
        ["POST", "/auth/signup"],
        ["POST", "/auth/nothing"],
        ["PROPFIND", "/auth/me"],
      ])
        expect((await send(method as string, path as string, { body })).json.code).toBe("unavailable");
    },
  );

  test("two handlers live side by side", async () => {
    const { auth } = makeAuth();
    const [one, two] = ["/auth", "/web/auth"].map((basePath) =>
      fastifyAuth(createHandler(auth, { basePath })),
    );
    app = fastify();
    for (const adapter of [one, two]) await app.register((adapter as FastifyAuth).routes);
    app.get("/mine", { onRequest: two?.requireAuth() as never }, async (request) => two?.authOf(request));
    app.get("/other", { onRequest: two?.requireAuth() as never }, async (request) => one?.authOf(request));
    url = await app.listen({ port: 0, host: "127.0.0.1" });
    const { token, userId } = await signUp();
    expect((await send("GET", "/web/auth/me", { token })).json.user.id).toBe(userId);
    expect((await send("GET", "/mine", { token })).json.userId).toBe(userId);
    // Neither takes the word of the other.
    expect((await send("GET", "/other", { token })).status).toBe(500);
  });

  test("a base path that does not begin with the prefix does not start", async () => {
    const handler = createHandler(makeAuth().auth, { basePath: "/auth" });
    for (const prefix of ["/api", "/aut", "/auth/x"]) {
      app = fastify();
      const registered = app.register(fastifyAuth(handler).routes, { prefix });
      await expect(Promise.resolve(registered)).rejects.toThrow(`a basePath that begins with ${prefix}`);
    }
  });

  test.each(["/api", "/api/", "/api/v1", "/api/v1/auth"])(
    "behind the prefix %s it serves its path",
    async (prefix) => {
      const handler = createHandler(makeAuth().auth, { basePath: "/api/v1/auth" });
      app = fastify();
      await app.register(async (scope) => void (await scope.register(fastifyAuth(handler).routes)), {
        prefix,
      });
      url = await app.listen({ port: 0, host: "127.0.0.1" });
      expect((await send("GET", "/api/v1/auth/me")).json.code).toBe("token_missing");
      expect((await send("GET", "/auth/me")).json.statusCode).toBe(404);
    },
  );
});

describe("errors", () => {
  const schema = {
    body: {
      type: "object",
      additionalProperties: { type: "integer", minimum: 1 },
      required: ["text"],
      properties: {
        text: { type: "string", minLength: 1, maxLength: 5 },
        tags: {
          type: "array",
          items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
        },
      },
    },
  };

  test("what a schema refuses is a problem that names the field, and repeats no input", async () => {
    await start((scope) => {
      scope.post("/notes", { schema }, async () => "in");
    });
    const refused = async (body: unknown): Promise<unknown> => {
      const { status, json, body: text, headers } = await send("POST", "/notes", { body });
      expect([status, json.code, headers["content-type"]]).toEqual([
        422,
        "invalid_input",
        "application/problem+json",
      ]);
      expect(text).not.toContain("hunter2");
      return json.errors.map(({ path, code, message }: Record<string, string>) => [path, code, message]);
    };
    expect(await refused({})).toEqual([["text", "required", "This must have required property 'text'."]]);
    expect(await refused({ text: "hunter2" })).toEqual([
      ["text", "maxLength", "This must NOT have more than 5 characters."],
    ]);
    expect(await refused({ text: "x", tags: [{ name: "a" }, {}] })).toEqual([
      ["tags.1.name", "required", "This must have required property 'name'."],
    ]);
    expect(await refused({ text: "x", hunter2: 0 })).toEqual([["", "minimum", "This must be >= 1."]]);
  });

  test("a field that a strict schema does not know is not named", async () => {
    app = fastify({ ajv: { customOptions: { removeAdditional: false } } });
    app.setErrorHandler(sendAuthErrors);
    app.post(
      "/strict",
      { schema: { body: { type: "object", additionalProperties: false } } },
      async () => "in",
    );
    url = await app.listen({ port: 0, host: "127.0.0.1" });
    const { json } = await send("POST", "/strict", { body: { hunter2: 1 } });
    expect(json.errors).toEqual([
      { path: "", code: "unknown_field", message: "There is an unknown field here." },
    ]);
  });

  test("what Fastify's parsers refuse is a problem", async () => {
    await start((scope) => {
      scope.post("/notes", { bodyLimit: 100 }, async () => "in");
    });
    const json = { "content-type": "application/json" };
    for (const [body, headers, code] of [
      ["{hunter2", json, "malformed_request"],
      ["", json, "malformed_request"],
      ['{"__proto__":{"hunter2":1}}', json, "malformed_request"],
      ["x".repeat(200), json, "payload_too_large"],
      ["x", { "content-type": "text/csv" }, "unsupported_media_type"],
      ["x", { "content-type": "hunter2" }, "unsupported_media_type"],
    ] as const) {
      const answer = await send("POST", "/notes", { body, headers });
      expect([body, answer.json.code, answer.headers["content-type"]]).toEqual([
        body,
        code,
        "application/problem+json",
      ]);
      expect(answer.body).not.toContain("hunter2");
    }
  });

  test("errors that are not ours stay Fastify's", async () => {
    await start((scope) => {
      scope.get("/refused", async () => {
        throw new AuthError("forbidden");
      });
      scope.get("/broken", async () => {
        throw new TypeError("a fault of the application");
      });
      scope.get("/thrown", async () => {
        throw null;
      });
    });
    expect((await send("GET", "/refused")).json).toMatchObject({ code: "forbidden" });
    expect((await send("GET", "/broken")).json).toMatchObject({ statusCode: 500 });
    expect((await send("GET", "/thrown")).status).toBe(500);
  });

  test("a path that cannot be decoded is not there", async () => {
    await start((scope) => {
      scope.get("/notes/:id", async () => "in");
    });
    for (const path of ["/%", "/auth/%", "/notes/%zz", `/notes/${"a".repeat(200)}`]) {
      const { status, json } = await send("GET", path);
      expect([path, status, json.code]).toEqual([path, 404, "not_found"]);
    }
  });
});
