// The proven caller of a request: its calls, what it costs, what it hides, and for how long it speaks.
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { type Auth, type ClientInfo, createAuth, memoryStore, type SignedIn } from "sallyport";
import {
  type AuthHandler,
  type Caller,
  createHandler,
  problemResponse,
  type RequestHead,
  type Requirements,
} from "sallyport/http";
import { afterEach, describe, expect, expectTypeOf, test } from "vitest";
import { cookieHandler, ORIGIN } from "../support/cookies.ts";
import {
  CALLERS,
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  SECRET,
  STORES,
  strangers,
  times,
} from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };

/** Each transport: its handler, and the headers that carry a token. */
const MODES = {
  bearer: {
    handlerOf: (auth: Auth): AuthHandler => createHandler(auth),
    headersFor: (token: string) => ({ authorization: `Bearer ${token}` }),
  },
  cookie: {
    handlerOf: cookieHandler,
    headersFor: (token: string) => ({ cookie: `__Host-sp-access=${token}`, origin: ORIGIN }),
  },
} as const;

type Headers = Readonly<Record<string, string>>;

/** Each form in which a request reaches a route. */
const HEADS: Readonly<Record<string, (headers: Headers) => Promise<RequestHead>>> = {
  "node:http": arrived,
  Request: async (headers) => new Request(`${ORIGIN}/notes`, { method: "POST", headers }),
  "{ method, headers }": async (headers) => ({ method: "POST", headers }),
  "{ method, Headers }": async (headers) => ({ method: "POST", headers: new Headers(headers) }),
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A request as a server of Node gets it. It stays open until the test ends. */
async function arrived(headers: Headers): Promise<IncomingMessage> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const server = createServer(resolve);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  httpRequest({ port, method: "POST", agent: false, headers })
    .on("error", () => {}) // the server closes without an answer
    .end();
  return promise;
}

interface Scene {
  readonly handler: AuthHandler;
  readonly made: SignedIn;
  /** A request with the user's token. */
  readonly request: RequestHead;
  readonly harness: ReturnType<typeof makeAuth>;
}

async function scene(mode: keyof typeof MODES, head: string, options = {}): Promise<Scene> {
  const harness = makeAuth(options);
  const made = await harness.auth.signup(right, CLIENT);
  const { handlerOf, headersFor } = MODES[mode];
  const headers = { ...headersFor(made.accessToken), "user-agent": "Caller/1.0" };
  return {
    harness,
    made,
    handler: handlerOf(harness.auth),
    request: (await HEADS[head]?.(headers)) as RequestHead,
  };
}

const MATRIX = Object.keys(MODES).flatMap((mode) =>
  Object.keys(HEADS).map((head) => [mode as keyof typeof MODES, head] as const),
);

describe.each(MATRIX)("%s mode, %s", (mode, head) => {
  test("the caller is the principal, with the user, their sessions and their events", async () => {
    const { harness, handler, made, request } = await scene(mode, head);
    const { auth } = harness;
    const other = await auth.login(right, CLIENT);
    const me = await handler.authenticate(request);
    expect(me).toMatchObject(await auth.verifyToken(made.accessToken));
    expect(await me.user()).toEqual(await auth.getUser(made.accessToken));
    expect((await me.user()).user.email).toBe(EMAIL);
    expect(me.accessToken()).toBe(made.accessToken);
    expect(await me.sessions.list()).toEqual(await auth.sessions.list(made.accessToken));
    expect(await me.events.list()).toEqual(await auth.events.list(made.accessToken));
    expect((await me.events.list({ limit: 1 })).events).toHaveLength(1);
    expect(await me.sessions.revokeOthers()).toEqual({ revoked: 1 });
    expect(await codeOf(auth.verifyToken((other as SignedIn).accessToken))).toBe("session_revoked");
    expect(await me.sessions.revoke(made.session.id)).toEqual({ current: true });
    expect(await codeOf(me.user())).toBe("session_revoked");
  });

  test("its client goes into the events of its calls", async () => {
    const { harness, handler, made, request } = await scene(mode, head);
    await harness.auth.login(right, CLIENT);
    const me = await handler.authenticate(request);
    const ip = "socket" in request ? "127.0.0.1" : null;
    expect(me.client).toEqual({ ip, userAgent: "Caller/1.0" });
    await me.sessions.revokeOthers();
    const [event] = (await harness.auth.events.list(made.accessToken, { limit: 1 })).events;
    expect(event).toMatchObject({ type: "revoke_other_sessions", ip, userAgent: "Caller/1.0" });
  });

  test("the token is in no JSON, no log and no copy", async () => {
    const { handler, made, request } = await scene(mode, head);
    const me = await handler.authenticate(request);
    const deep = { depth: null, showHidden: true, getters: true } as const;
    const shown = [
      JSON.stringify(me),
      JSON.stringify({ ...me }),
      inspect(me, deep),
      inspect({ me }, deep),
      String(me),
    ];
    for (const text of shown) {
      expect(text).not.toContain(made.accessToken);
      expect(text).not.toContain(made.accessToken.split(".")[2]);
    }
    expect(shown[0]).toContain(made.user.id);
  });

  test("a proof becomes old for the caller, too", async () => {
    const { harness, handler, request } = await scene(mode, head);
    const me = await handler.authenticate(request);
    me.requireFresh();
    harness.clock.advance(300_001);
    expect(() => me.requireFresh()).toThrow("Enter your password again to do this.");
    me.requireFresh("6m");
    expect(() => me.requireFresh("soon" as never)).toThrow("Some fields are not valid.");
  });

  test("a refusal of its calls asks for no header that the transport refuses", async () => {
    const { harness, handler, made, request } = await scene(mode, head, {
      session: { check: "never", accessTtl: "15m" },
    });
    const me = await handler.authenticate(request);
    await harness.auth.logout(made.accessToken);
    const calls = [
      me.user,
      me.sessions.list,
      me.sessions.revokeOthers,
      () => me.sessions.revoke("x"),
      me.events.list,
    ];
    for (const call of calls) {
      const error = await (call as () => Promise<unknown>)().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      const { status, headers } = problemResponse(error);
      expect([status, headers["www-authenticate"]]).toEqual([
        401,
        mode === "bearer" ? 'Bearer error="invalid_token"' : undefined,
      ]);
    }
  });
});

describe.each(STORES)("statements, on %s", (_name, makeStore) => {
  async function counted(
    options: object,
  ): Promise<{ verbs: string[]; handler: AuthHandler; request: RequestHead }> {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store, ...options });
    const { accessToken } = await auth.signup(right, CLIENT);
    const request = { method: "GET", headers: { authorization: `Bearer ${accessToken}` } };
    verbs.length = 0;
    return { verbs, handler: createHandler(auth), request };
  }

  test("where each check reads the session, the user costs no statement beside it", async () => {
    const { verbs, handler, request } = await counted({});
    const me = await handler.authenticate(request);
    expect(verbs).toEqual(["sessions.find"]);
    const users = await Promise.all(times(CALLERS, () => me.user()));
    expect(users.map(({ user }) => user.email)).toEqual(times(CALLERS, () => EMAIL));
    expect(verbs).toEqual(["sessions.find"]);
    await (await handler.identify(request))?.user();
    expect(verbs).toEqual(["sessions.find", "sessions.find"]);
  });

  test("where a check may be remembered, the user costs one statement", async () => {
    const { verbs, handler, request } = await counted({ session: { check: { atMostEvery: "5s" } } });
    await (await handler.authenticate(request)).user();
    expect(verbs).toEqual(["sessions.find", "sessions.find"]);
    await (await handler.authenticate(request)).user();
    expect(verbs).toHaveLength(3); // the check was remembered
  });

  test("where no check reads, the user costs one statement", async () => {
    const { verbs, handler, request } = await counted({ session: { check: "never", accessTtl: "15m" } });
    const me = await handler.authenticate(request);
    expect(verbs).toEqual([]);
    await me.user();
    expect(verbs).toEqual(["sessions.find"]);
  });

  test("an Auth with a check of its own around verifyToken loses none of it, and pays one statement", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(right, CLIENT);
    const seen: string[] = [];
    const strict: Auth = {
      ...auth,
      verifyToken: async (token, options) => {
        seen.push(token);
        return auth.verifyToken(token, options);
      },
    };
    verbs.length = 0;
    const headers = { authorization: `Bearer ${accessToken}` };
    const me = await createHandler(strict).authenticate({ method: "GET", headers });
    expect((await me.user()).user.email).toBe(EMAIL);
    expect([seen, verbs]).toEqual([[accessToken], ["sessions.find", "sessions.find"]]);
  });
});

describe("a read that is handed on speaks for this request alone", () => {
  const bearerRequest = (token: string): RequestHead => ({
    method: "GET",
    headers: { authorization: `Bearer ${token}` },
  });

  test("the next request with the same token reads again, also with the same request object", async () => {
    const { auth } = makeAuth();
    const { accessToken, user } = await auth.signup(right, CLIENT);
    const handler = createHandler(auth);
    const request = bearerRequest(accessToken);
    const before = await handler.authenticate(request);
    await before.user();
    await auth.users.disable(user.id);
    expect(await codeOf(handler.authenticate(request))).toBe("session_revoked");
    expect(await handler.identify(request)).toBe(null);
  });

  test("a caller that is kept for longer than a request asks the store, and is refused", async () => {
    const { auth, clock } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const me = await createHandler(auth).authenticate(bearerRequest(accessToken));
    await auth.logout(accessToken);
    clock.advance(4_999);
    expect((await me.user()).user.email).toBe(EMAIL); // as it was when the request came
    clock.advance(1);
    expect(await codeOf(me.user())).toBe("session_revoked");
  });

  test("a clock that was set back makes no read young again", async () => {
    const { auth, clock } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const me = await createHandler(auth).authenticate(bearerRequest(accessToken));
    await auth.logout(accessToken);
    clock.set(new Date(clock.now().getTime() - 1));
    expect(await codeOf(me.user())).toBe("session_revoked");
    clock.advance(1);
    expect(await codeOf(me.user())).toBe("session_revoked");
  });

  test("what a route does to one answer does not reach the next", async () => {
    const { auth } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const me = await createHandler(auth).authenticate(bearerRequest(accessToken));
    const first = await me.user();
    Object.assign(first.user, { email: "eve@example.com" });
    Object.assign(first.session, { ip: "changed" });
    expect(await me.user()).toEqual(await auth.getUser(accessToken));
  });

  test("50 callers at once each get their own user", async () => {
    const { auth } = makeAuth();
    const stranger = strangers();
    const handler = createHandler(auth);
    const made = await Promise.all(
      times(CALLERS, (index) =>
        auth.signup({ email: `user${index}@example.com`, password: PASSWORD }, stranger()),
      ),
    );
    const callers = await Promise.all(
      made.map(({ accessToken }) => handler.authenticate(bearerRequest(accessToken))),
    );
    const users = await Promise.all(callers.map((me) => me.user()));
    expect(users.map(({ user }) => user.id)).toEqual(made.map(({ user }) => user.id));
    expect(users.map(({ session }) => session.id)).toEqual(made.map(({ session }) => session.id));
  });

  test("of 50 requests around a sign-out, none that comes after it is let in", async () => {
    const { auth } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const handler = createHandler(auth);
    const ask = (): Promise<unknown> =>
      handler.authenticate(bearerRequest(accessToken)).then((me) => me.user());
    const around = [...times(CALLERS / 2, ask), auth.logout(accessToken), ...times(CALLERS / 2, ask)];
    const codes = await Promise.all(around.map(codeOf));
    expect(codes.filter((code) => code !== "fulfilled" && code !== "session_revoked")).toEqual([]);
    const after = await Promise.all(times(CALLERS, () => codeOf(ask())));
    expect(after).toEqual(times(CALLERS, () => "session_revoked"));
  });
});

describe("verifyToken tells what it read", () => {
  test.each([
    ["always", {}, 1],
    ["a cached check", { session: { check: { atMostEvery: "5s" } } }, 0],
    ["no check", { session: { check: "never", accessTtl: "15m" } }, 0],
  ] as const)("%s", async (_name, options, reads) => {
    const { auth } = makeAuth(options as object);
    const { accessToken, user } = await auth.signup(right, CLIENT);
    const told: unknown[] = [];
    await auth.verifyToken(accessToken, { userId: user.id }, (current) => told.push(current));
    expect(told).toEqual(times(reads, () => expect.objectContaining({ user })));
  });

  test("not for a token that it refuses", async () => {
    const { auth, clock } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const told: unknown[] = [];
    const verify = (options?: { userId: string }): Promise<string> =>
      codeOf(auth.verifyToken(accessToken, options, (current) => told.push(current)));
    expect(await verify({ userId: "another" })).toBe("forbidden");
    clock.advance(86_400_000);
    expect(await verify()).toBe("token_expired");
    expect(told).toEqual([]);
  });
});

describe("the client of a request", () => {
  const socket = { remoteAddress: "203.0.113.7" };

  test("is the peer, and its user agent", () => {
    const { auth } = makeAuth();
    const request = { socket, headers: { "user-agent": "Tests/1.0", "x-forwarded-for": "198.51.100.4" } };
    expect(createHandler(auth).client(request)).toEqual({ ip: "203.0.113.7", userAgent: "Tests/1.0" });
    const behind = createHandler(auth, { trustedProxies: ["203.0.113.7"] });
    expect(behind.client(request)).toEqual({ ip: "198.51.100.4", userAgent: "Tests/1.0" });
  });

  test("an unknown address is no address that a sign-in may have", () => {
    const { auth } = makeAuth();
    const handler = createHandler(auth);
    const headers = { "x-forwarded-for": "198.51.100.4" };
    const unknown: readonly RequestHead[] = [
      new Request(ORIGIN, { headers }),
      { method: "GET", headers },
      { socket: {}, headers }, // on a Unix socket
      { socket: { destroyed: true }, headers }, // the peer is gone
    ];
    for (const request of unknown) expect(() => handler.client(request)).toThrow(/address is not known/);
    const counted = createHandler(auth, { trustedProxies: 1 });
    expect(counted.client(new Request(ORIGIN, { headers }))).toEqual({
      ip: "198.51.100.4",
      userAgent: undefined,
    });
    expect(() => counted.client(new Request(ORIGIN))).toThrow(TypeError);
    expect(() => counted.client({ socket: { destroyed: true }, headers })).toThrow(TypeError);
  });

  test("a head without a socket passes for one on a Unix socket only where every trusted peer is on one", () => {
    const { auth } = makeAuth();
    const headers = { "x-forwarded-for": "198.51.100.4" };
    const tell = (trustedProxies: readonly string[], head: object = { method: "GET" }): unknown => {
      try {
        return createHandler(auth, { trustedProxies }).client({ ...head, headers } as never).ip;
      } catch (error) {
        return String(error).slice(0, 9);
      }
    };
    expect(tell(["unix"])).toBe("198.51.100.4");
    for (const more of [["unix", "10.0.0.0/8"], ["loopback", "unix"], ["10.0.0.0/8"]]) {
      expect(tell(more)).toBe("TypeError");
      expect(tell(more, { socket: undefined })).toBe("TypeError");
      expect(tell(more, { socket: null })).toBe("TypeError");
    }
    expect(tell(["unix", "10.0.0.0/8"], { socket: {} })).toBe("198.51.100.4");
    expect(tell(["unix", "10.0.0.0/8"], { socket: { remoteAddress: "10.0.0.1" } })).toBe("198.51.100.4");
  });

  test("a peer that leaves during a request keeps its address", async () => {
    const { auth } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const leaving: { remoteAddress?: string } = { ...socket };
    const headers = { authorization: `Bearer ${accessToken}` };
    const asked = createHandler(auth).authenticate({ socket: leaving, headers });
    delete leaving.remoteAddress;
    expect((await asked).client.ip).toBe("203.0.113.7");
  });

  test("a request without a socket warns of no proxy", async () => {
    const warnings: unknown[] = [];
    const { auth } = makeAuth({ onWarning: (warning) => warnings.push(warning) });
    const { accessToken } = await auth.signup(right, CLIENT);
    const headers = { authorization: `Bearer ${accessToken}`, "x-forwarded-for": "198.51.100.4" };
    const before = warnings.length;
    await createHandler(auth).authenticate(new Request(ORIGIN, { headers }));
    expect(warnings.length).toBe(before);
    await createHandler(auth).authenticate({ socket, headers });
    expect(warnings.length).toBe(before + 1);
  });
});

describe("requirements", () => {
  async function asked(): Promise<{ handler: AuthHandler; made: SignedIn; request: RequestHead }> {
    const { handler, made, request } = await scene("bearer", "{ method, headers }");
    return { handler, made, request };
  }

  test("the user's own id passes, and every other spelling of it is refused", async () => {
    const { handler, made, request } = await asked();
    const { id } = made.user;
    expect((await handler.authenticate(request, { userId: id })).userId).toBe(id);
    for (const userId of [id.toUpperCase(), `${id} `, "", [id], Object(id)])
      expect(await codeOf(handler.authenticate(request, { userId: userId as string }))).toBe("forbidden");
  });

  test("what changes after the call changes nothing", async () => {
    const { handler, request } = await asked();
    const requirements: { allow?: () => boolean } = { allow: () => false };
    const verdict = codeOf(handler.authenticate(request, requirements));
    delete requirements.allow;
    expect(await verdict).toBe("forbidden");
  });

  test("requirements that are undefined refuse every user, and a missing argument asks for nothing", async () => {
    const { handler, request } = await asked();
    const rules: Readonly<Record<string, Requirements>> = { admin: { fresh: true } };
    expect(await codeOf(handler.authenticate(request))).toBe("fulfilled");
    expect(await codeOf(handler.authenticate(request, rules["amdin"] as Requirements))).toBe("forbidden");
    expect(await codeOf(handler.authenticate(request, undefined as never))).toBe("forbidden");
    expect(await codeOf(handler.authenticate(request, {}, undefined as never))).toBe("forbidden");
  });

  test("of several, each must be met, whatever the order", async () => {
    const { handler, made, request } = await asked();
    const [own, other] = [{ userId: made.user.id }, { userId: "another" }];
    const codes = [own, other].flatMap((first) =>
      [own, other].map((second) => codeOf(handler.authenticate(request, first, second))),
    );
    expect(await Promise.all(codes)).toEqual(["fulfilled", "forbidden", "forbidden", "forbidden"]);
    expect(await codeOf(handler.authenticate(request, {}, { allow: () => false }))).toBe("forbidden");
  });

  test.each([[undefined], [{ fresh: true }], [null], [0]])(
    "an optional sign-in takes no requirements, not even %j",
    async (requirements) => {
      const { handler, request } = await asked();
      const identify: (...args: unknown[]) => Promise<unknown> = handler.identify as never;
      await expect(identify(request, requirements)).rejects.toThrow(
        /^identify\(request\) takes no requirements/,
      );
      await expect(identify({ method: "GET", headers: {} }, requirements)).rejects.toThrow(TypeError);
      expect(await identify(request)).not.toBe(null);
    },
  );

  test("a polluted prototype adds no requirement and removes none", async () => {
    const { handler, request } = await asked();
    Object.defineProperty(Object.prototype, "fresh", { value: true, configurable: true });
    try {
      expect(await codeOf(handler.authenticate(request, { allow: () => true }))).toBe("forbidden");
    } finally {
      delete (Object.prototype as { fresh?: unknown }).fresh;
    }
    expect(await codeOf(handler.authenticate(request, { allow: () => true }))).toBe("fulfilled");
  });

  test("a predicate cannot change who is asked about", async () => {
    const { handler, made, request } = await asked();
    const rename = (principal: object): boolean => Reflect.set(principal, "userId", "another");
    expect(await codeOf(handler.authenticate(request, { allow: rename }))).toBe("forbidden");
    const kept = await handler.authenticate(request, { allow: (principal) => !rename(principal) });
    expect(kept.userId).toBe(made.user.id);
  });

  test("the user comes before the freshness of the proof", async () => {
    const { harness, handler, request } = await scene("bearer", "{ method, headers }");
    harness.clock.advance(600_000);
    expect(await codeOf(handler.authenticate(request, { userId: "another", fresh: true }))).toBe("forbidden");
    expect(await codeOf(handler.authenticate(request, { fresh: true }))).toBe("reauthentication_required");
  });

  test("50 calls with different requirements do not mix them up", async () => {
    const { handler, request } = await asked();
    const codes = await Promise.all(
      times(CALLERS, (index) => codeOf(handler.authenticate(request, { allow: () => index % 2 === 0 }))),
    );
    expect(codes).toEqual(times(CALLERS, (index) => (index % 2 === 0 ? "fulfilled" : "forbidden")));
  });
});

describe("types", () => {
  interface Roles {
    readonly roles: readonly string[];
  }

  test("the claims of the application reach the caller and the predicate", () => {
    const options = { secret: SECRET, store: memoryStore(), onWarning: () => {} };
    const auth = createAuth({ ...options, hooks: { claims: (): Roles => ({ roles: [] }) } });
    const handler = createHandler(auth);
    expectTypeOf(handler.authenticate).returns.resolves.toEqualTypeOf<Caller<Roles>>();
    expectTypeOf(handler.identify).returns.resolves.toEqualTypeOf<Caller<Roles> | null>();
    expectTypeOf(handler.client).returns.toEqualTypeOf<ClientInfo>();
    expectTypeOf<Parameters<NonNullable<Requirements<Roles>["allow"]>>[0]["claims"]>().toEqualTypeOf<Roles>();
    expectTypeOf(handler).toExtend<AuthHandler>();
    const ask = (request: Request): Promise<Caller<Roles>> =>
      handler.authenticate(request, { allow: ({ claims }) => claims.roles.includes("admin"), fresh: "5m" });
    const misspelt = (request: Request): readonly Promise<unknown>[] => [
      // @ts-expect-error: there is no such claim
      handler.authenticate(request, { allow: ({ claims }) => claims.role === "admin" }),
      // @ts-expect-error: there is no such requirement
      handler.authenticate(request, { userid: "x" }),
      // @ts-expect-error: it comes with second factors
      handler.authenticate(request, { secondFactor: true }),
      // @ts-expect-error: a promise would always count as true
      handler.authenticate(request, { allow: async () => true }),
      // @ts-expect-error: present but undefined
      handler.authenticate(request, { allow: undefined }),
      // @ts-expect-error: requirements that may be undefined
      handler.authenticate(request, undefined as Requirements<Roles> | undefined),
      // @ts-expect-error: they would be ignored
      handler.identify(request, { fresh: true }),
      // @ts-expect-error: no duration
      handler.authenticate(request, { fresh: "5 minutes" }),
      // @ts-expect-error: to leave it out is to say no
      handler.authenticate(request, { checkOrigin: false }),
    ];
    expect([ask, misspelt]).toHaveLength(2);
  });

  test("every framework's request is a head, and headers alone are not", () => {
    expectTypeOf<Request>().toExtend<RequestHead>();
    expectTypeOf<IncomingMessage>().toExtend<RequestHead>();
    expectTypeOf<import("node:http2").Http2ServerRequest>().toExtend<RequestHead>();
    expectTypeOf<import("express").Request>().toExtend<RequestHead>();
    expectTypeOf<import("fastify").FastifyRequest["raw"]>().toExtend<RequestHead>();
    expectTypeOf<{ method: "GET"; headers: NextHeaders }>().toExtend<RequestHead>();
    expectTypeOf<{ method: string; headers: Readonly<Record<string, string>> }>().toExtend<RequestHead>();
    expectTypeOf<{ headers: NextHeaders }>().not.toExtend<RequestHead>();
    expectTypeOf<{ headers: Record<string, string> }>().not.toExtend<RequestHead>();
    expectTypeOf<{ method?: string; headers: Record<string, string> }>().not.toExtend<RequestHead>();
  });
});

/** The headers of Next.js, which no code can change. */
declare class NextHeaders extends Headers {
  override append(...args: never): never;
  override set(...args: never): never;
  override delete(...args: never): never;
}
