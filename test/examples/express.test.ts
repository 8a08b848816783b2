import { once } from "node:events";
import { readdirSync } from "node:fs";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { AuthError, type AuthStore, createAuth, memoryStore } from "sallyport";
import { type ExpressAuth, expressAuth, sendAuthErrors } from "sallyport/express";
import { createHandler, type HandlerOptions } from "sallyport/http";
import { sqliteStore } from "sallyport/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answer, type Call, call, type Demo, SECRET, startDemo } from "./demo.ts";

const EXAMPLE = new URL("../../examples/express/", import.meta.url);
const PASSWORD = "Correct1horse";

const STORES: readonly (readonly [name: string, make: () => AuthStore])[] = [
  ["memory", () => memoryStore()],
  ["SQLite", () => sqliteStore(":memory:")],
];

let demo: Demo;

afterEach(async () => {
  await demo.stop();
  expect(demo.errors).toEqual([]);
});

const send = (method: string, path: string, options?: Call): Promise<Answer> =>
  call(demo.url + path, method, options);

async function signUp(email: string): Promise<{ userId: string; token: string; notes: string }> {
  const { status, json } = await send("POST", "/auth/signup", { body: { email, password: PASSWORD } });
  expect(status).toBe(201);
  return { userId: json.user.id, token: json.accessToken, notes: `/api/users/${json.user.id}/notes` };
}

describe.each(STORES)("the demo over the %s store", (_name, makeStore) => {
  beforeEach(async () => {
    demo = await startDemo(makeStore());
  });

  test("from sign-up to sign-out, after which the same token opens nothing", async () => {
    const { userId, token, notes } = await signUp("ada@example.com");

    const me = await send("GET", "/auth/me", { token });
    expect(me.status).toBe(200);
    expect(me.json.user).toMatchObject({ id: userId, email: "ada@example.com" });

    const trail = await send("GET", "/auth/events", { token, headers: { "user-agent": "Reader/1.0" } });
    expect(trail.json.events).toMatchObject([{ type: "signup", outcome: "success", ip: "127.0.0.1" }]);

    const logout = await send("POST", "/auth/logout", { token });
    expect([logout.status, logout.body]).toEqual([204, ""]);
    for (const path of ["/auth/me", "/auth/events", "/auth/sessions", notes]) {
      const after = await send("GET", path, { token });
      expect([path, after.status, after.json.code]).toEqual([path, 401, "session_revoked"]);
    }
  });

  test("a user's notes are theirs alone: others neither see nor change them", async () => {
    const ada = await signUp("ada@example.com");
    const eve = await signUp("eve@example.com");
    const added = await send("POST", ada.notes, {
      token: ada.token,
      body: { text: "  the key is under the mat  " },
    });
    expect(added.status).toBe(201);
    const { note } = added.json;
    expect(note.text).toBe("the key is under the mat");

    const token = eve.token;
    const attempts = [
      await send("GET", ada.notes, { token }),
      await send("POST", ada.notes, { token, body: { text: "eve was here" } }),
      await send("DELETE", `${ada.notes}/${note.id}`, { token }),
    ];
    expect(attempts.map(({ status, json }) => [status, json.code])).toEqual(
      Array(3).fill([403, "forbidden"]),
    );
    const throughOwnPath = await send("DELETE", `${eve.notes}/${note.id}`, { token });
    expect([throughOwnPath.status, throughOwnPath.json.code]).toEqual([404, "not_found"]);

    expect((await send("GET", eve.notes, { token })).json).toEqual({ notes: [] });
    expect((await send("GET", ada.notes, { token: ada.token })).json).toEqual({ notes: [note] });
    expect((await send("DELETE", `${ada.notes}/${note.id}`, { token: ada.token })).status).toBe(204);
    expect((await send("GET", ada.notes, { token: ada.token })).json).toEqual({ notes: [] });
  });
});

describe("the demo", () => {
  beforeEach(async () => {
    demo = await startDemo();
  });

  test("a foreign user id answers like an unknown one, and nobody is let in without a token", async () => {
    const ada = await signUp("ada@example.com");
    const { token } = await signUp("eve@example.com");
    const foreign = await send("GET", ada.notes, { token });
    const unknown = await send("GET", "/api/users/01900000-0000-7000-8000-000000000000/notes", { token });
    expect(foreign.status).toBe(403);
    expect(sayable(unknown)).toEqual(sayable(foreign));

    const nobody = await send("GET", ada.notes);
    expect([nobody.status, nobody.json.code]).toEqual([401, "token_missing"]);
    expect(nobody.headers["www-authenticate"]).toBe("Bearer");
  });

  test("a wrong password and an unknown email are told apart by nothing", async () => {
    await signUp("ada@example.com");
    const wrong = await login("ada@example.com", "Wrong1horse");
    const unknown = await login("eve@example.com", "Wrong1horse");
    expect(wrong.status).toBe(401);
    expect(sayable(unknown)).toEqual(sayable(wrong));
  });

  test("a load balancer hears whether the demo can serve, and nothing else", async () => {
    const { status, headers, json } = await send("GET", "/health");
    expect([status, headers["cache-control"], json]).toEqual([200, "no-store", { ready: true }]);
  });

  test("the sixth sign-in within a minute has to wait, and is told how long", async () => {
    await signUp("ada@example.com");
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect((await login("ada@example.com", "Wrong1horse")).status).toBe(401);
    }
    const sixth = await login("ada@example.com", PASSWORD);
    expect([sixth.status, sixth.json.code]).toEqual([429, "rate_limited"]);
    expect(Number(sixth.headers["retry-after"])).toBeGreaterThan(0);
    // The rest of the minute, and at most a fifth more.
    expect(Number(sixth.headers["retry-after"])).toBeLessThanOrEqual(72);
  });

  test("notes are bounded in length and number, and what is wrong is said at the field", async () => {
    const { token, notes } = await signUp("ada@example.com");
    const refused = async (body: unknown): Promise<readonly unknown[]> => {
      const { status, json } = await send("POST", notes, { token, body });
      return [status, json.code, json.errors?.[0]?.path, json.errors?.[0]?.code];
    };
    expect(await refused({ text: "x".repeat(501) })).toEqual([422, "invalid_input", "text", "too_long"]);
    expect(await refused({ text: " " })).toEqual([422, "invalid_input", "text", "required"]);
    expect(await refused({ text: { toString: "x" } })).toEqual([422, "invalid_input", "text", "required"]);
    expect(await refused({ text: "a\0b" })).toEqual([422, "invalid_input", "text", "unsupported_characters"]);
    expect((await refused({ text: "x".repeat(5000) })).slice(0, 2)).toEqual([413, "payload_too_large"]);
    expect((await refused("{")).slice(0, 2)).toEqual([400, "malformed_request"]);

    for (let count = 1; count <= 100; count++) {
      expect((await send("POST", notes, { token, body: { text: "💚".repeat(500) } })).status).toBe(201);
    }
    expect(await refused({ text: "one more" })).toEqual([422, "invalid_input", "text", "too_many"]);
  });

  test("headers that no client of it has are refused before any of it is parsed", async () => {
    expect((await send("GET", "/auth/me", { headers: { "x-padding": "x".repeat(7 * 1024) } })).status).toBe(
      401,
    );
    expect((await send("GET", "/auth/me", { headers: { "x-padding": "x".repeat(8 * 1024) } })).status).toBe(
      431,
    );
  });

  test("the page runs its own files only: no inline script or style, and a policy that forbids both", async () => {
    const page = await send("GET", "/");
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    expect(policy).not.toContain("unsafe");
    expect(page.headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
    expect(page.headers["x-powered-by"]).toBeUndefined();
    expect(page.body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:|https?:/i);
    for (const [tag] of page.body.matchAll(/<script[^>]*>[^<]*/g)) expect(tag).toMatch(/ src="\/[^"]+">$/);
  });

  test("every file of the page comes with the policy, and none turns text into markup", async () => {
    for (const file of [...readdirSync(new URL("public", EXAMPLE)), "client.js"]) {
      const { status, headers, body } = await send("GET", `/${file}`);
      expect([file, status]).toEqual([file, 200]);
      expect(headers["content-security-policy"]).toContain("default-src 'none'");
      expect(body).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\.style\b/);
    }
  });

  test("what is not there is a problem, not a page of Express", async () => {
    for (const path of ["/nothing", "/.data/secret", "/..%2fserver.ts", "/%", "/AUTH/me", "/auth/me/"]) {
      const { status, headers, json } = await send("GET", path);
      expect([path, status, json.code]).toEqual([path, 404, "not_found"]);
      expect(headers["content-type"]).toBe("application/problem+json");
    }
    const undecodable = await send("GET", "/api/users/%/notes");
    expect([undecodable.status, undecodable.json.code]).toEqual([400, "malformed_request"]);
  });

  test("the page puts codes into words, and knows its way with codes of later versions", async () => {
    const { describeBrowser, describeEvent, describeWait, toDay } = await import(
      new URL("public/describe.js", EXAMPLE).href
    );
    const event = (type: string, outcome: string, reason: string | null = null): unknown =>
      describeEvent({ type, outcome, reason });
    expect(event("login", "success")).toEqual({ title: "Signed in", mark: "in", tag: null });
    const wrong = { title: "Wrong password at sign-in", mark: "fail", tag: "Failed" };
    expect(event("login", "failure", "wrong_password")).toEqual(wrong);
    const refused = { title: "Too many sign-ins", mark: "wait", tag: "Refused" };
    expect(event("login", "refused", "rate_limited")).toEqual(refused);
    const copied = event("refresh_repeated", "success");
    expect(copied).toMatchObject({ title: expect.stringContaining("another place"), mark: "fail" });
    const unknown = { title: "email_change: stale", mark: "fail", tag: "Failed" };
    expect(event("email_change", "failure", "stale")).toEqual(unknown);
    expect(describeBrowser(null)).toBe("Unknown client");
    expect(
      describeBrowser(
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
      ),
    ).toBe("Edge on Windows");
    expect(
      describeBrowser(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1",
      ),
    ).toBe("Safari on iPhone");
    expect([describeWait(60), describeWait(120), describeWait(121)]).toEqual(["60 s", "120 s", "3 min"]);
    const day = (...date: [year: number, month: number, day: number]): unknown =>
      toDay(new Date(...date, 23, 59).toISOString(), new Date(2026, 2, 1, 0, 30));
    expect(day(2026, 2, 1)).toBe("Today");
    expect(day(2026, 1, 28)).toBe("Yesterday");
    expect(day(2025, 11, 31)).toMatch(/^Wednesday,? 31 December 2025$/);
  });

  const login = (email: string, password: string): Promise<Answer> =>
    send("POST", "/auth/login", { body: { email, password } });
});

describe("the adapter", () => {
  beforeEach(async () => {
    demo = await startDemo();
  });

  test("fails closed: a route without a guard, or with a misspelt parameter, serves no user", async () => {
    const { url, token, userId } = await startAdapter((app, adapter) => {
      const { routes, requireAuth, requireSameUser, optionalAuth, authOf, authOrNull } = adapter;
      const answer = (request: Request, response: Response): void => void response.json(authOf(request));
      app.use(routes);
      app.get("/unguarded", answer);
      app.get("/unguarded-too", (request, response) => void response.json(authOrNull(request)));
      app.get("/optional", optionalAuth, answer);
      app.get("/guarded", requireAuth(), answer);
      app.get("/users/:id", requireSameUser("userId"), answer);
      app.get("/files/*userId", requireSameUser("userId"), answer); // a wildcard is several segments, and no one user
    });
    for (const path of ["/unguarded", "/unguarded-too", `/users/${userId}`, `/files/${userId}`])
      expect((await call(url + path, "GET", { token })).status).toBe(500);
    expect((await call(`${url}/guarded`, "GET")).status).toBe(401);
    expect((await call(`${url}/optional`, "GET")).status).toBe(500);
    for (const path of ["/guarded", "/optional"])
      expect((await call(url + path, "GET", { token })).json.userId).toBe(userId);
  });

  test("two factories in one application do not take the word of each other", async () => {
    const other = expressAuth(createHandler(createAuth({ secret: SECRET, store: memoryStore() })));
    const { url, token, userId } = await startAdapter((app, { routes, requireAuth, authOf }) => {
      app.use(routes);
      app.get("/own", requireAuth(), (request, response) => void response.json(authOf(request).userId));
      app.get(
        "/other",
        requireAuth(),
        (request, response) => void response.json(other.authOf(request).userId),
      );
    });
    expect((await call(`${url}/own`, "GET", { token })).json).toBe(userId);
    expect((await call(`${url}/other`, "GET", { token })).status).toBe(500);
  });

  test.each([
    ["/api", "/auth", "/api/auth"],
    ["/api/auth", "/auth", "/api/auth"],
    ["/api/v1", "/v1/auth", "/api/v1/auth"],
  ])(
    "mounted below %s with the base path %s it says once that %s is needed",
    async (mount, basePath, full) => {
      const faults: unknown[] = [];
      const { url } = await startAdapter(
        (app, { routes }) => {
          app.use(routes); // where the user of this test signs up
          app.use(mount, routes);
          // biome-ignore lint/complexity/useMaxParams: four parameters make an error handler in Express
          app.use((error: Error, _request: Request, _response: Response, next: NextFunction) => {
            faults.push(error.message);
            next(error);
          });
        },
        { basePath },
      );
      const others = [`${mount}/other`, `/x${full}/me`, `${mount}/x${basePath}/me`, `${full}ority/me`];
      for (const path of [...others, `${mount}ority?x=${basePath}/me`, `${basePath}/nothing`]) {
        if (`${path}/`.startsWith(`${full}/`)) continue; // that one is meant
        expect([path, (await call(url + path, "GET")).status]).toEqual([path, 404]);
      }
      expect(faults).toEqual([]);
      const statuses: number[] = [];
      for (let turn = 0; turn < 3; turn++) statuses.push((await call(`${url}${full}/me?x=1`, "GET")).status);
      expect(statuses).toEqual([500, 404, 404]);
      expect(faults).toEqual([expect.stringContaining(`createHandler needs { basePath: "${full}" }`)]);
    },
  );

  test("what a body parser refuses is a problem, in front of the auth routes and of one's own", async () => {
    const { url } = await startAdapter((app, { routes }) => {
      app.use(express.json({ limit: 500 }));
      app.use(routes);
      app.post("/notes", (request, response) => void response.json({ body: request.body }));
    });
    const json = { "content-type": "application/json" };
    for (const path of ["/auth/login", "/notes"])
      for (const [body, headers, code] of [
        ["{hunter2", json, "malformed_request"],
        [`{"a":"${"x".repeat(600)}"}`, json, "payload_too_large"],
        ["{}", { "content-type": "application/json; charset=hunter2" }, "unsupported_media_type"],
        ["{}", { ...json, "content-encoding": "hunter2" }, "unsupported_media_type"],
        ["hunter2", { ...json, "content-encoding": "gzip" }, "malformed_request"],
      ] as const) {
        const answer = await call(url + path, "POST", { body, headers });
        expect([body, answer.json.code]).toEqual([body, code]);
        expect(answer.headers["content-type"]).toBe("application/problem+json");
        expect(answer.body).not.toContain("hunter2");
      }
    // An empty body is the application's own to read, as its parser left it.
    expect((await call(`${url}/notes`, "POST", { body: "", headers: json })).json).toEqual({ body: {} });
  });

  test("errors that are not a parser's go on to the next handler, whatever status they claim", async () => {
    const { url } = await startAdapter((app, { routes }) => {
      app.use(routes);
      app.use((request, _response, next) => {
        const claims = { status: 400, type: request.query["type"], code: request.query["code"] };
        next(Object.assign(new TypeError("a fault of the application"), claims));
      });
    });
    for (const query of [
      "",
      "?type=entity",
      "?type=tenant.unknown",
      "?code=EZ_",
      "?type=stream.encoding.set",
    ]) {
      const { status, headers } = await call(`${url}/mine${query}`, "GET");
      expect([status, headers["content-type"]]).toEqual([400, "text/html; charset=utf-8"]);
    }
  });

  test("a refusal that comes when the answer has begun goes on to the next handler", async () => {
    const seen: unknown[] = [];
    const { url } = await startAdapter((app, { routes }) => {
      app.use(routes);
      app.get("/late", (_request, response) => {
        response.write("begun");
        throw new AuthError("forbidden");
      });
      app.use(sendAuthErrors);
      // biome-ignore lint/complexity/useMaxParams: four parameters make an error handler in Express
      app.use((error: AuthError, _request: Request, response: Response, _next: NextFunction) => {
        seen.push(error.code);
        response.end();
      });
    });
    expect((await call(`${url}/late`, "GET")).body).toBe("begun");
    expect(seen).toEqual(["forbidden"]);
  });

  test("it says of no answer which framework made it, and mounts on a router as well", async () => {
    const { url, token } = await startAdapter((app, { routes, requireAuth }) => {
      const router = express.Router();
      router.use(routes);
      router.get("/mine", requireAuth(), (_request, response) => void response.json("in"));
      app.use(router);
    });
    for (const path of ["/auth/me", "/mine", "/auth/nothing"])
      for (const given of [token, undefined])
        expect((await call(url + path, "GET", { token: given })).headers["x-powered-by"]).toBeUndefined();
  });

  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** An application with the adapter, the error handler at its end, and a user who has signed up. */
  async function startAdapter(
    extend: (app: Express, adapter: ExpressAuth) => void,
    options: Pick<HandlerOptions, "basePath"> = {},
  ) {
    const auth = createAuth({ secret: SECRET, store: memoryStore() });
    const app = express();
    app.set("env", "test"); // Express writes what it ends with to the console, but not in tests
    extend(app, expressAuth(createHandler(auth, options)));
    app.use(sendAuthErrors);
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(async () => {
      server.close();
      await auth.close();
    });
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address?.port}`;
    const body = { email: "ada@example.com", password: PASSWORD };
    const { json } = await call(`${url}${options.basePath ?? "/auth"}/signup`, "POST", { body });
    return { url, token: json.accessToken as string, userId: json.user.id as string };
  }
});

/** All but what is left of the address's rule: it counts the attempts of one address, for whomever they are. */
function sayable({ status, rawHeaders, body }: Answer): unknown {
  return { status, rawHeaders: rawHeaders.map((text) => text.replace(/;r=\d+;/, ";r=n;")), body };
}
