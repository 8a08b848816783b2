// The client in bearer mode, over fetch against a real server.
import { type AuthProblem, isAuthProblem } from "sallyport/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { codeOf, EMAIL, PASSWORD, tally, times } from "../support/harness.ts";
import { listen } from "../support/http.ts";
import { CREDENTIALS, count, fakeStorage, makeWorld, REFRESH, type World } from "./support.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const problem = (status: number, code: string) =>
  Response.json(
    { code, title: "No.", status },
    { status, headers: { "content-type": "application/problem+json" } },
  );

test("from sign-up to sign-out, and the page is never handed a token", async () => {
  const client = world.tab();
  expect(client.state()).toBe("signed_out");
  const created = await client.signup(CREDENTIALS);
  expect(Object.keys(created).sort()).toEqual([
    ...["accessTokenExpiresAt", "refreshTokenExpiresAt", "session", "status", "user"],
  ]);
  expect(client.state()).toBe("signed_in");
  const { user, session } = await client.me();
  expect([user.email, typeof session.createdAt]).toEqual([EMAIL, "string"]);
  expect(await client.reauthenticate({ password: PASSWORD })).toEqual({
    accessTokenExpiresAt: expect.any(String),
    refreshTokenExpiresAt: expect.any(String),
  });
  expect(await client.sessions.list()).toMatchObject([{ id: session.id, current: true }]);
  expect(await client.sessions.revokeOthers()).toEqual({ revoked: 0 });
  const newPassword = "Another2horse";
  const changed = await client.password.change({ currentPassword: PASSWORD, newPassword });
  expect(JSON.stringify(changed)).not.toMatch(/[a-z]+Token"/);
  const { events, nextCursor } = await client.events.list({ limit: 1 });
  expect([events.length, events[0]?.type]).toEqual([1, "change_password"]);
  expect((await client.events.list({ limit: 2, cursor: nextCursor ?? "" })).events.length).toBe(2);
  const signIns = { type: ["signup", "login"], outcome: ["success"], limit: undefined } as const;
  expect((await client.events.list(signIns)).events.map(({ type }) => type)).toEqual(["signup"]);
  await client.logout();
  expect(client.state()).toBe("signed_out");
  expect(await codeOf(client.me())).toBe("token_missing");
  expect((await client.login({ email: EMAIL, password: newPassword })).status).toBe("signed_in");
});

test("after a logout a copy of what the client held is worth nothing", async () => {
  const storage = fakeStorage();
  const client = world.tab({ storage });
  await client.signup(CREDENTIALS);
  const [[key = "", text = ""] = []] = storage.items;
  await client.logout();
  for (const call of ["me", "refresh"] as const) {
    storage.items.set(key, text);
    expect(await codeOf(world.tab({ storage })[call]())).toBe("session_revoked");
  }
});

test("of 20 tabs whose token has ended one refreshes, and all go on", async () => {
  const storage = fakeStorage();
  const tabs = times(20, () => world.tab({ storage }));
  await tabs[0]?.signup(CREDENTIALS);
  for (const round of [1, 2]) {
    world.clock.advance("25h");
    const all = tabs.flatMap((tab) => [tab.me(), tab.fetch(`${world.origin}/notes`)]);
    expect(await tally(all)).toEqual({ fulfilled: 40 });
    expect(count(world.calls, REFRESH)).toBe(round);
  }
  expect(await tally(tabs.map((tab) => tab.refresh()))).toEqual({ fulfilled: 20 });
  expect(count(world.calls, REFRESH)).toBe(3);
});

test("without locks one tab refreshes once, and a tab that loses the race takes what the other got", async () => {
  const storage = fakeStorage();
  const tabs = times(2, () => world.tab({ storage, locks: null }));
  await tabs[0]?.signup(CREDENTIALS);
  world.clock.advance("25h");
  expect(await tally(tabs.flatMap((tab) => times(10, () => tab.me())))).toEqual({ fulfilled: 20 });
  expect(count(world.calls, REFRESH)).toBe(2);
  expect(tabs.map((tab) => tab.state())).toEqual(["signed_in", "signed_in"]);
});

test("a tab that slept while another refreshed goes on with the newer token, long after the grace", async () => {
  const storage = fakeStorage();
  const [first, second] = times(2, () => world.tab({ storage, locks: null }));
  await first?.signup(CREDENTIALS);
  await second?.me();
  for (const tab of [first, second, first]) {
    world.clock.advance("1h");
    await tab?.refresh();
  }
  world.clock.advance("1h");
  expect(await tally([second?.me(), second?.refresh(), first?.me()] as Promise<unknown>[])).toEqual({
    fulfilled: 3,
  });
});

test("an application that answers 401 for reasons of its own causes one refresh a call at most", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.intercept = ({ url }) =>
    url.endsWith("/notes") ? problem(401, world.calls.length % 2 ? "invalid_token" : "not_yours") : undefined;
  for (const wait of ["0s", "1m", "1m"] as const) {
    if (wait !== "0s") world.clock.advance(wait);
    const before = world.calls.length;
    expect((await client.fetch(`${world.origin}/notes`)).status).toBe(401);
    expect(world.calls.length - before).toBeLessThanOrEqual(3); // the call, one refresh, the call again
  }
  expect(client.state()).toBe("signed_in");
});

test("the token is refreshed a minute before it ends, and a page that does nothing refreshes nothing", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.clock.advance("23h");
  world.clock.advance("58m");
  await client.me();
  expect(count(world.calls, REFRESH)).toBe(0);
  world.clock.advance("61s");
  expect(await client.fetch(`${world.origin}/notes`).then(({ status }) => status)).toBe(200);
  expect(count(world.calls, REFRESH)).toBe(1);
});

test.each([-7_200_000, 7_200_000, 172_800_000])(
  "a clock that is off by %d ms changes nothing",
  async (skewMs) => {
    world.skewMs = skewMs;
    const client = world.tab();
    await client.signup(CREDENTIALS);
    await client.me();
    expect(count(world.calls, REFRESH)).toBe(0);
    world.clock.advance("25h");
    world.calls.length = 0;
    await client.me();
    expect(world.calls).toEqual([REFRESH, "GET /auth/me"]);
  },
);

test("where the server's time cannot be read, a wrong clock neither refreshes all the time nor loses the session", async () => {
  world.intercept = async (request) => {
    const { status, body, headers } = await fetch(request);
    const visible = { "content-type": headers.get("content-type") ?? "" };
    return new Response(status === 204 ? null : body, { status, headers: visible });
  };
  for (const skewMs of [-172_800_000, 172_800_000, 86_399_000]) {
    world.skewMs = skewMs;
    const client = world.tab();
    await client.login(CREDENTIALS).catch(() => client.signup(CREDENTIALS));
    const before = count(world.calls, REFRESH);
    for (let call = 0; call < 5; call++) await client.me();
    expect(count(world.calls, REFRESH) - before).toBe(0);
    world.clock.advance("25h");
    await client.me();
    expect(count(world.calls, REFRESH) - before).toBe(1);
  }
});

test("a request that was refused for its token is sent once more with its body, and only once", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.skewMs = -172_800_000; // the token is thought to be good
  world.clock.advance("25h");
  const note = new Request(`${world.origin}/notes`, { method: "POST", body: "a note" });
  expect(await client.fetch(note).then((response) => response.text())).toBe("echo a note");
  expect(world.calls.slice(-3)).toEqual(["POST /notes", REFRESH, "POST /notes"]);

  world.skewMs = -345_600_000;
  world.clock.advance("25h");
  world.calls.length = 0;
  world.intercept = ({ url }) => (url.endsWith("/notes") ? problem(401, "token_expired") : undefined);
  const refused = await client.fetch(`${world.origin}/notes`);
  expect([refused.status, ((await refused.json()) as AuthProblem).code]).toEqual([401, "token_expired"]);
  expect(world.calls).toEqual(["GET /notes", REFRESH, "GET /notes"]);
  // The new token is refused as well: another one would not help.
  await client.fetch(`${world.origin}/notes`);
  expect(count(world.calls, REFRESH)).toBe(1);
});

test("the token goes to the origin of basePath and to no other", async () => {
  const foreign: (string | undefined)[] = [];
  const elsewhere = await listen((request, response) => {
    foreign.push(request.headers.authorization);
    response.end();
  });
  try {
    const { host } = new URL(world.origin);
    const client = world.tab();
    await client.signup(CREDENTIALS);
    await client.fetch(`${world.origin}/notes`);
    expect(world.seen).toEqual([expect.stringMatching(/^Bearer ey/)]);

    const there = `127.0.0.1:${elsewhere.port}`;
    await client.fetch(`http://${there}/notes`);
    await client.fetch(new URL(`//${there}/auth/me`, world.origin));
    await client.fetch(new Request(`http://${there}/${host}/auth`));
    expect(await codeOf(client.fetch(`http://${host}@${there}/notes`))).not.toBe("fulfilled");
    expect(foreign).toEqual([undefined, undefined, undefined]);

    // What only looks like the origin.
    const sent: Request[] = [];
    const https = world.tab({
      basePath: "https://app.example/auth",
      fetch: async (request) => {
        sent.push(request);
        return request.url.endsWith("/login") ? signedIn() : new Response();
      },
    });
    await https.login(CREDENTIALS);
    const others = [
      "https://app.example.org/",
      "https://app.example:8443/",
      "http://app.example/",
      "https://x.app.example/",
    ];
    for (const url of others) await https.fetch(url);
    await https.fetch("https://APP.example:443/notes");
    expect(sent.slice(1).map(({ headers }) => headers.has("authorization"))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  } finally {
    await elsewhere.close();
  }
});

const signedIn = () =>
  Response.json({
    ...{ status: "signed_in", user: {}, session: { id: "one" } },
    ...{ accessToken: "secret-access", refreshToken: "secret-refresh", deviceToken: "secret-device" },
    accessTokenExpiresAt: "2026-01-02T12:00:00.000Z",
  });

test("a redirect to another origin does not take the token, nor the password, along", async () => {
  const foreign: string[] = [];
  const elsewhere = await listen((request, response) => {
    foreign.push(`${request.method} ${request.headers.authorization}`);
    response.end();
  });
  const home = await listen((request, response) => {
    const status = request.url === "/auth/login" ? 307 : 302;
    response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
  });
  try {
    const storage = fakeStorage();
    const basePath = `http://127.0.0.1:${home.port}/auth`;
    const seeded = world.tab({ storage, basePath, fetch: async () => signedIn() });
    await seeded.login(CREDENTIALS);
    const client = world.tab({ storage, basePath });
    await client.fetch(`http://127.0.0.1:${home.port}/notes`);
    expect(foreign).toEqual(["GET undefined"]);
    expect(await codeOf(client.login(CREDENTIALS))).toBe("unreachable");
    expect(foreign.length).toBe(1);
  } finally {
    await Promise.all([elsewhere.close(), home.close()]);
  }
});

test("a logout that the server did not confirm leaves the session, and says so", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const failures = [
    () => problem(503, "unavailable"),
    () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
    () => new Response("<h1>Who are you?</h1>", { status: 401 }),
    () => Promise.reject(new TypeError("fetch failed")),
  ];
  for (const fail of failures) {
    world.intercept = fail;
    expect(await codeOf(client.logout())).not.toBe("fulfilled");
    expect(client.state()).toBe("signed_in");
  }
  world.intercept = undefined;
  await client.me();
  await client.logout();
  expect(client.state()).toBe("signed_out");
});

test.each([
  ["with locks", undefined],
  ["without locks", null],
])("a refresh in flight brings no session back that a logout ended, %s", async (_, locks) => {
  const storage = fakeStorage();
  const shared = locks === undefined ? { storage } : { storage, locks };
  const [one, other] = [world.tab(shared), world.tab(shared)];
  await one.signup(CREDENTIALS);
  const { arrived, gate } = holdAnswer("/refresh");
  const refreshing = codeOf(one.refresh());
  await arrived.promise;
  const leaving = other.logout();
  if (locks === null) await leaving;
  gate.resolve();
  await leaving;
  expect(await refreshing).toBe(locks === null ? "session_changed" : "fulfilled");
  expect([one.state(), other.state()]).toEqual(["signed_out", "signed_out"]);
  expect([...storage.items.values()].join()).not.toMatch(/access|refresh/);
});

test("a refresh in flight does not overwrite the login of somebody else", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage, locks: null }));
  await other?.signup({ email: "grace@example.com", password: PASSWORD });
  await one?.signup(CREDENTIALS);
  const gate = Promise.withResolvers<void>();
  world.intercept = async (request) => {
    if (request.url.endsWith("/refresh")) await gate.promise;
    return undefined;
  };
  world.clock.advance("25h");
  const mine = codeOf(one?.me() ?? Promise.resolve());
  await other?.login({ email: "grace@example.com", password: PASSWORD });
  gate.resolve();
  // Begun for Ada: it is not answered, and not even sent, for Grace.
  expect(await mine).toBe("session_changed");
  expect((await one?.me())?.user.email).toBe("grace@example.com");
  expect(count(world.calls, "GET /auth/me")).toBe(1);
});

test("a call that waited while somebody else signed in is not sent in their name", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage }));
  const grace = { email: "grace@example.com", password: PASSWORD };
  await other?.signup(grace);
  await one?.signup(CREDENTIALS);
  const { arrived, gate } = holdAnswer("/login");
  const signingIn = other?.login(grace);
  await arrived.promise;
  const change = codeOf(
    one?.password.change({ currentPassword: PASSWORD, newPassword: "Another2horse" }) ?? Promise.resolve(),
  );
  await expect.poll(async () => (await navigator.locks.query()).pending?.length).toBe(1);
  gate.resolve();
  await signingIn;
  expect(await change).toBe("session_changed");
  expect(count(world.calls, "POST /auth/password")).toBe(0);
});

test("what is only read waits for no other tab", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage }));
  await one?.signup(CREDENTIALS);
  const { arrived, gate } = holdAnswer("/reauthenticate");
  const asking = other?.reauthenticate({ password: PASSWORD });
  await arrived.promise;
  expect((await one?.me())?.user.email).toBe(EMAIL);
  gate.resolve();
  await asking;
});

test("an answer that comes after the sign-out is not handed on", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const { arrived, gate } = holdAnswer("/sessions");
  const list = codeOf(client.sessions.list());
  await arrived.promise;
  await client.logout();
  gate.resolve();
  expect(await list).toBe("session_changed");
});

test("a logout in a tab without locks does not end here what another tab signed in meanwhile", async () => {
  const storage = fakeStorage();
  const [one, other] = times(2, () => world.tab({ storage, locks: null }));
  await one?.signup(CREDENTIALS);
  const { arrived, gate } = holdAnswer("/logout");
  const leaving = one?.logout();
  await arrived.promise;
  await other?.login(CREDENTIALS);
  gate.resolve();
  await leaving;
  expect((await one?.me())?.user.email).toBe(EMAIL);
});

/** The server acts, and its answer waits for the gate. */
function holdAnswer(path: string) {
  const [arrived, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  world.intercept = async (request) => {
    if (!request.url.endsWith(path)) return undefined;
    const response = await fetch(request);
    arrived.resolve();
    await gate.promise;
    return response;
  };
  return { arrived, gate };
}

test("a session that ended elsewhere signs out here, at the next call or the next refresh", async () => {
  for (const advance of [false, true]) {
    const [phone, client] = [world.tab(), world.tab()];
    await client.login(CREDENTIALS).catch(() => client.signup(CREDENTIALS));
    await phone.login(CREDENTIALS);
    await phone.sessions.revokeOthers();
    if (advance) world.clock.advance("25h");
    expect(await codeOf(client.me())).toBe("session_revoked");
    expect(client.state()).toBe("signed_out");
  }
});

test("ending one's own session in the list signs out here", async () => {
  const client = world.tab();
  const created = await client.signup(CREDENTIALS);
  if (created.status !== "signed_in") throw new TypeError("no challenge was set up");
  expect(await codeOf(client.sessions.revoke("../me"))).toBe("not_found");
  expect(client.state()).toBe("signed_in");
  await client.sessions.revoke(created.session.id);
  expect(client.state()).toBe("signed_out");
});

test("429, 503, proxies and a network that is away sign nobody out", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.clock.advance("25h");
  const answers: [() => Response | Promise<Response>, string][] = [
    [() => problem(429, "rate_limited"), "rate_limited"],
    [() => problem(503, "unavailable"), "unavailable"],
    [() => new Response("<h1>Bad gateway</h1>", { status: 502 }), "unexpected_answer"],
    [() => new Response("<h1>Welcome</h1>"), "unexpected_answer"],
    [() => Promise.reject(new TypeError("fetch failed")), "unreachable"],
  ];
  for (const [answer, code] of answers) {
    world.intercept = ({ url }) => (url.endsWith("/refresh") ? answer() : undefined);
    expect(await codeOf(client.me())).toBe(code);
    expect(await codeOf(client.fetch(`${world.origin}/notes`))).toBe(code);
    expect(client.state()).toBe("signed_in");
  }
  world.intercept = undefined;
  expect(await codeOf(client.me())).toBe("fulfilled");
});

test("while the token is good, no call fails for a refresh that does, nor does each one try", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.clock.advance("23h");
  world.clock.advance("3570s");
  world.intercept = ({ url }) => (url.endsWith("/refresh") ? problem(503, "unavailable") : undefined);
  for (let call = 0; call < 3; call++) await client.me();
  expect(count(world.calls, REFRESH)).toBe(1);
});

test("a refresh whose answer was lost is asked for again at once, and the session goes on", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  let lost = 0;
  world.intercept = async (request) => {
    if (!request.url.endsWith("/refresh") || lost++ > 0) return undefined;
    await fetch(request);
    throw new TypeError("fetch failed");
  };
  await client.refresh();
  expect(count(world.calls, REFRESH)).toBe(2);
  world.clock.advance("25h");
  expect(await codeOf(client.me())).toBe("fulfilled");
});

test("nothing but the server's own answer says that something was done", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  const calls = {
    me: () => client.me(),
    login: () => client.login(CREDENTIALS),
    refresh: () => client.refresh(),
    sessions: () => client.sessions.list(),
    reauthenticate: () => client.reauthenticate({ password: PASSWORD }),
  };
  world.intercept = () => new Response(null, { status: 204 });
  for (const call of Object.values(calls)) expect(await codeOf(call())).toBe("unexpected_answer");
  for (const answer of [{}, [], { ok: true }]) {
    world.intercept = () => Response.json(answer);
    expect(await codeOf(client.logout())).toBe("unexpected_answer");
    expect(await codeOf(client.sessions.revoke("one"))).toBe("unexpected_answer");
    expect([await codeOf(client.me()), client.state()]).toEqual(["fulfilled", "signed_in"]);
  }
});

test("a refresh that was told to wait is not asked for again before", async () => {
  const client = world.tab();
  await client.signup(CREDENTIALS);
  world.clock.advance("25h");
  const refusal = { code: "rate_limited", title: "No.", retryAfterSeconds: 40 };
  const init = { status: 429, headers: { "content-type": "application/problem+json" } };
  world.intercept = ({ url }) => (url.endsWith("/refresh") ? Response.json(refusal, init) : undefined);
  const calls = [client.refresh, client.me, () => client.fetch(`${world.origin}/notes`)];
  const ask = async () => {
    for (const call of [...calls, ...calls]) expect(await codeOf(call())).toBe("rate_limited");
  };
  await ask();
  expect(count(world.calls, REFRESH)).toBe(1);
  world.clock.advance("40s");
  await ask();
  expect(count(world.calls, REFRESH)).toBe(2);
  world.intercept = undefined;
  // Nor does a clock that was set back make the wait any longer.
  world.skewMs = -7_200_000;
  await client.refresh();
  expect(client.state()).toBe("signed_in");
});

test("the device token outlives a logout, and comes with the next login", async () => {
  const storage = fakeStorage();
  const client = world.tab({ storage });
  await client.signup(CREDENTIALS);
  await client.logout();
  const bodies: string[] = [];
  world.intercept = async (request) => {
    bodies.push(await request.clone().text());
    return undefined;
  };
  await client.login(CREDENTIALS);
  expect(JSON.parse(bodies[0] ?? "")).toEqual({
    ...CREDENTIALS,
    deviceToken: expect.stringMatching(/.{20}/),
  });
});

test("a challenge is a value, and signs nobody in", async () => {
  const challenge = {
    status: "challenge",
    kind: "second_factor",
    methods: ["totp"],
    challengeToken: "c",
    expiresAt: "2026-01-01T12:05:00.000Z",
  };
  world.intercept = () => Response.json(challenge);
  const client = world.tab();
  expect(await client.login(CREDENTIALS)).toEqual(challenge);
  expect(client.state()).toBe("signed_out");
});

test("problems are typed errors with every failed rule, and hold no password", async () => {
  const client = world.tab();
  const weak = await client.signup({ email: EMAIL, password: "tiny" }).catch((error: unknown) => error);
  expect(isAuthProblem(weak) && [weak.code, weak.status, weak.errors?.map(({ code }) => code)]).toEqual([
    ...["weak_password", 422, ["too_short", "missing_upper", "missing_digit"]],
  ]);
  world.intercept = () => new Response('{"accessToken":"secret-access', { status: 200 });
  const cut = await client.login(CREDENTIALS).catch((error: unknown) => error as AuthProblem);
  expect([isAuthProblem(cut), String(cut), (cut as AuthProblem).cause]).toEqual([
    ...[true, "AuthProblem: The server cannot be understood.", undefined],
  ]);
  const cause = new TypeError("fetch failed");
  world.intercept = () => Promise.reject(cause);
  expect(await client.login(CREDENTIALS).catch((error) => error)).toMatchObject({
    code: "unreachable",
    status: 0,
    cause,
  });
});

test("a storage that refuses, at once or later, is replaced by memory, and no used token stays in it", async () => {
  const refuse = () => {
    throw new DOMException("no", "SecurityError");
  };
  const blocked = world.tab({ storage: { getItem: refuse, setItem: refuse, removeItem: refuse } });
  await blocked.signup(CREDENTIALS);
  expect((await blocked.me()).user.email).toBe(EMAIL);

  const full = fakeStorage();
  let isFull = false;
  const setItem = (key: string, value: string) => (isFull ? refuse() : full.setItem(key, value));
  const client = world.tab({ storage: { ...full, setItem } });
  await client.login(CREDENTIALS);
  isFull = true;
  await client.refresh();
  expect([client.state(), full.items.size]).toEqual(["signed_in", 0]);
  await client.me();
});

test("what somebody else stored there is nobody's session", () => {
  for (const text of ["", "null", "[]", "{", '"x"', "7"]) {
    expect(world.tab({ storage: { ...fakeStorage(), getItem: () => text } }).state()).toBe("signed_out");
  }
});
