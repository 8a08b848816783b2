// Cookie mode: what is set, ended and read, and that no token is in any body.
import { randomBytes } from "node:crypto";
import { type Auth, AuthError, type SignedIn } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { beforeEach, describe, expect, test } from "vitest";
import { bindFlows } from "../../src/bind-flows.ts";
import { ROUTES } from "../../src/testing/http/routes.ts";
import {
  CALLER,
  cookieHandler,
  type FakeBrowser,
  fakeBrowser,
  ORIGIN,
  setCookies,
} from "../support/cookies.ts";
import { closedGate } from "../support/gates.ts";
import { EMAIL, type Harness, makeAuth, PASSWORD, times } from "../support/harness.ts";
import { listen, nodeServer, rawExchange } from "../support/http.ts";
import { routes } from "../support/routes.ts";
import { es256 } from "../support/signing-keys.ts";

const ACCESS = "__Host-sp-access";
const REFRESH = "__Secure-sp-refresh";
const DEVICE = "__Secure-sp-device";
const ENDED = [ACCESS, REFRESH];
/** The routes whose success sets cookies here, each by its name. */
const SETTING = ["signup", "login", "reauthenticate", "changePassword", "refresh", "logout"];
const NEW_PASSWORD = "Another2horse";

let harness: Harness;
let page: FakeBrowser;
beforeEach(() => {
  harness = makeAuth();
  page = fakeBrowser(cookieHandler(harness.auth));
});

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  page.send(path, { method: "POST", body, headers });
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
const endedBy = (response: Response) =>
  setCookies(response)
    .filter(({ attributes }) => attributes["max-age"] === "0")
    .map(({ name }) => name);

test("from sign-up to sign-out, with nothing but cookies", async () => {
  const created = await page.signUp();
  expect(created.status).toBe(201);
  expect(Object.keys((await created.json()) as object).sort()).toEqual([
    "accessTokenExpiresAt",
    "refreshTokenExpiresAt",
    "session",
    "status",
    "user",
  ]);
  expect((await page.send("/auth/me")).status).toBe(200);
  const used = page.jar.get(REFRESH);
  expect((await post("/auth/refresh")).status).toBe(200);
  expect(page.jar.get(REFRESH)).not.toBe(used);
  const copy = new Map(page.jar);

  const out = await post("/auth/logout");
  expect([out.status, endedBy(out)]).toEqual([204, ENDED]);
  expect([...page.jar.keys()]).toEqual([DEVICE]);
  for (const [name, value] of copy) page.jar.set(name, value);
  expect(await codeOf(await page.send("/auth/me"))).toBe("session_revoked");
});

test("name, attributes and lifetime of each cookie", async () => {
  const cookies = setCookies(await page.signUp());
  const kept = { httponly: "", secure: "" };
  expect(cookies.map(({ name, attributes }) => [name, attributes])).toEqual([
    [ACCESS, { ...kept, "max-age": "86400", path: "/", samesite: "Lax" }],
    [REFRESH, { ...kept, "max-age": String(14 * 86_400), path: "/auth", samesite: "Strict" }],
    [DEVICE, { ...kept, "max-age": String(180 * 86_400), path: "/auth", samesite: "Strict" }],
  ]);
  const out = setCookies(await post("/auth/logout"));
  expect(out.map(({ name, value, attributes }) => [name, value, attributes])).toEqual([
    [ACCESS, "", { ...kept, "max-age": "0", path: "/", samesite: "Lax" }],
    [REFRESH, "", { ...kept, "max-age": "0", path: "/auth", samesite: "Strict" }],
  ]);
});

test("no cookie outlives what it holds, nor ends a second before it", async () => {
  harness.clock.advance(1_300);
  const created = await page.signUp();
  const body = (await created.json()) as Record<"accessTokenExpiresAt" | "refreshTokenExpiresAt", string>;
  const ends = [body.accessTokenExpiresAt, body.refreshTokenExpiresAt].map((end) => Date.parse(end));
  for (const [index, { attributes }] of setCookies(created).slice(0, 2).entries()) {
    const left = (ends[index] as number) - harness.clock.now().getTime();
    expect(Number(attributes["max-age"])).toBe(Math.floor(left / 1000));
    expect(left % 1000).toBe(index === 0 ? 700 : 0);
  }
});

test("the base path is the path of the cookies that only it needs", async () => {
  const handler = createHandler(harness.auth, {
    basePath: "/web/auth",
    transport: "cookie",
    origins: [ORIGIN],
  });
  const response = await handler(
    new Request(`${ORIGIN}/web/auth/signup`, {
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
    }),
    CALLER,
  );
  expect(setCookies(response).map(({ attributes }) => attributes["path"])).toEqual([
    "/",
    "/web/auth",
    "/web/auth",
  ]);
});

test("on localhost, for development, they need no TLS and have no prefix", async () => {
  const origin = "http://localhost:3000";
  const handler = createHandler(harness.auth, {
    transport: "cookie",
    origins: [origin],
    insecureLocalhost: true,
  });
  const send = (path: string, init: RequestInit) => handler(new Request(`${origin}${path}`, init), CALLER);
  const created = await send("/auth/signup", {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const cookies = setCookies(created);
  expect(cookies.map(({ name }) => name)).toEqual(["sp-access", "sp-refresh", "sp-device"]);
  for (const { attributes } of cookies) expect(attributes).not.toHaveProperty("secure");
  const cookie = `sp-access=${cookies[0]?.value}`;
  expect((await send("/auth/me", { headers: { cookie } })).status).toBe(200);
});

/** The routes that begin or end something, in the order below. */
const ORDERED = /^(?:signup|login|refresh|revoke\w+|changePassword|logout)$/;

/** One answer of each route that succeeds, in an order in which all can. */
async function everySuccess(): Promise<Readonly<Record<string, Response>>> {
  const created = await page.signUp();
  const { session: first } = (await created.clone().json()) as { session: { id: string } };
  const answers: Record<string, Response> = { signup: created };
  answers["login"] = await page.signIn();
  answers["refresh"] = await post("/auth/refresh");
  for (const { method, name, path } of routes.filter((route) => !ORDERED.test(route.name))) {
    const { body } = ROUTES.find((asked) => asked.method === method && asked.path === path) ?? {};
    answers[name] = await page.send(`/auth${path}`, { method, body });
  }
  answers["revokeSession"] = await page.send(`/auth/sessions/${first.id}`, { method: "DELETE" });
  answers["changePassword"] = await post("/auth/password", {
    currentPassword: PASSWORD,
    newPassword: NEW_PASSWORD,
  });
  answers["revokeOtherSessions"] = await page.send("/auth/sessions", { method: "DELETE" });
  answers["logout"] = await post("/auth/logout");
  return answers;
}

test("every route works; each sets what the contract says, and no body has a token", async () => {
  const answers = await everySuccess();
  expect(Object.keys(answers).sort()).toEqual(routes.map(({ name }) => name).sort());
  const tokens = new Set<string>();
  for (const route of routes) {
    const answer = answers[route.name] as Response;
    expect([route.name, answer.status]).toEqual([route.name, route.status]);
    const cookies = setCookies(answer);
    lint(answer);
    for (const { value } of cookies) if (value !== "") tokens.add(value);
    expect([route.name, cookies.length > 0]).toEqual([route.name, SETTING.includes(route.name)]);
  }
  expect(tokens.size).toBeGreaterThan(8);
  for (const answer of Object.values(answers)) {
    const body = await answer.text();
    for (const token of tokens) expect(body).not.toContain(token);
    expect(body).not.toMatch(/"(?:access|refresh|device)Token"/);
  }
});

const KNOWN: Readonly<Record<string, { path: string; samesite: string }>> = {
  [ACCESS]: { path: "/", samesite: "Lax" },
  [REFRESH]: { path: "/auth", samesite: "Strict" },
  [DEVICE]: { path: "/auth", samesite: "Strict" },
};

/** What every `Set-Cookie` of every answer has to be. */
function lint(response: Response): void {
  const lines = response.headers.getSetCookie();
  const cookies = setCookies(response);
  expect(new Set(cookies.map(({ name }) => name)).size).toBe(cookies.length);
  for (const [index, { name, value, attributes }] of cookies.entries()) {
    expect(Buffer.byteLength(lines[index] as string)).toBeLessThanOrEqual(4096);
    expect(value).toMatch(/^[A-Za-z0-9_.-]*$/);
    expect(KNOWN).toHaveProperty(name);
    expect(attributes).toEqual({
      ...KNOWN[name],
      httponly: "",
      secure: "",
      "max-age": expect.stringMatching(/^\d+$/),
    });
    expect(attributes["max-age"] === "0").toBe(value === "");
  }
}

describe("what ends the cookies", () => {
  test("one's own session among the sessions, and no other", async () => {
    await page.signUp();
    const { session: first } = (await (await page.send("/auth/me")).json()) as { session: { id: string } };
    const { session: second } = (await (await page.signIn()).json()) as { session: { id: string } };
    const remove = (id: string) => page.send(`/auth/sessions/${id}`, { method: "DELETE" });
    expect(setCookies(await remove(first.id))).toEqual([]);
    expect(endedBy(await remove(second.id))).toEqual(ENDED);
  });

  test("a session that was ended elsewhere, wherever that shows", async () => {
    await page.signUp();
    const kept = new Map(page.jar);
    await harness.auth.users.disable((await firstUser(harness.auth)) ?? "");
    for (const send of [
      () => page.send("/auth/me"),
      () => page.send("/auth/sessions"),
      () => post("/auth/refresh"),
      () => post("/auth/reauthenticate", { password: PASSWORD }),
    ]) {
      for (const [name, value] of kept) page.jar.set(name, value);
      const response = await send();
      expect([response.status, endedBy(response)]).toEqual([401, ENDED]);
    }

    async function firstUser(auth: Auth): Promise<string | undefined> {
      const token = kept.get(ACCESS) as string;
      return (await auth.verifyToken(token)).userId;
    }
  });

  test("an expired session, and one that is gone", async () => {
    await page.signUp();
    const kept = new Map(page.jar);
    harness.clock.advance("15d");
    const late = await post("/auth/refresh");
    expect([await codeOf(late), endedBy(late)]).toEqual(["session_expired", ENDED]);
    for (const [name, value] of kept) page.jar.set(name, value);
    await harness.auth.users.delete(harness.sink.events[0]?.userId as string);
    const gone = await post("/auth/refresh");
    expect([await codeOf(gone), endedBy(gone)]).toEqual(["invalid_token", ENDED]);
  });

  // Another application on this host has set it, under the same names.
  test("not a refresh token that no secret here has made, nor a missing or repeated one", async () => {
    await page.signUp();
    const genuine = page.jar.get(REFRESH) as string;
    const other = makeAuth({ secret: randomBytes(32).toString("base64url") });
    const { refreshToken } = await other.auth.signup({ email: EMAIL, password: PASSWORD }, { ip: null });
    for (const foreign of [refreshToken, "nonsense", "x".repeat(5_000)]) {
      page.jar.set(REFRESH, foreign);
      const answer = await post("/auth/refresh");
      expect([await codeOf(answer), setCookies(answer)]).toEqual(["invalid_token", []]);
    }
    const cookie = `${REFRESH}=${genuine}; ${REFRESH}=x`;
    const repeated = await post("/auth/refresh", undefined, { cookie });
    expect([await codeOf(repeated), setCookies(repeated)]).toEqual(["invalid_token", []]);
    for (const value of [undefined, ""]) {
      if (value === undefined) page.jar.delete(REFRESH);
      else page.jar.set(REFRESH, value);
      const missing = await post("/auth/refresh");
      expect([await codeOf(missing), setCookies(missing)]).toEqual(["token_missing", []]);
    }
    expect((await page.send("/auth/me")).status).toBe(200);
    page.jar.set(REFRESH, genuine);
    expect((await post("/auth/refresh")).status).toBe(200);
  });

  test("not the late answer to a request from before the next sign-in: the cookies are those of that one by then", async () => {
    await page.signUp();
    const cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    expect((await page.signIn()).status).toBe(200);
    const kept = new Map(page.jar);
    for (const late of [
      await page.send("/auth/me", { headers: { cookie } }),
      await page.send("/auth/sessions", { headers: { cookie } }),
      await post("/auth/refresh", undefined, { cookie }),
      await post("/auth/reauthenticate", { password: PASSWORD }, { cookie }),
    ])
      expect([await codeOf(late), setCookies(late)]).toEqual(["session_revoked", []]);
    expect(page.jar).toEqual(kept);
    expect((await page.send("/auth/me")).status).toBe(200);
  });

  test("not the late refresh of a slow tab, after two of another", async () => {
    await page.signUp();
    const cookie = `${REFRESH}=${page.jar.get(REFRESH)}`;
    for (let turn = 0; turn < 2; turn++) expect((await post("/auth/refresh")).status).toBe(200);
    const late = await post("/auth/refresh", undefined, { cookie });
    expect([await codeOf(late), setCookies(late)]).toEqual(["invalid_token", []]);
    expect((await post("/auth/refresh")).status).toBe(200);
  });

  test("not an access token that has expired: a refresh follows, and it goes on", async () => {
    await page.signUp();
    harness.clock.advance("25h");
    const late = await page.send("/auth/me");
    expect([await codeOf(late), setCookies(late)]).toEqual(["token_expired", []]);
    expect((await post("/auth/refresh")).status).toBe(200);
    expect((await page.send("/auth/me")).status).toBe(200);
  });

  test("not a wrong password, a limit, a forged access token or a request that is wrong", async () => {
    await page.signUp();
    const wrong = { email: EMAIL, password: "Wrong1horse" };
    for (let attempt = 0; attempt < 6; attempt++)
      expect(setCookies(await post("/auth/login", wrong))).toEqual([]);
    expect(setCookies(await post("/auth/login", "{"))).toEqual([]);
    expect(setCookies(await post("/auth/reauthenticate", { password: "Wrong1horse" }))).toEqual([]);
    page.jar.set(ACCESS, "a.b.c");
    expect(setCookies(await page.send("/auth/me"))).toEqual([]);
  });

  test("not a logout that the store did not hear: the session lives, and so do its cookies", async () => {
    await page.signUp();
    await harness.auth.close();
    const response = await post("/auth/logout");
    expect([response.status, setCookies(response)]).toEqual([503, []]);
  });
});

describe("what is read", () => {
  // Class: cookies tossed by a neighbour below the same domain.
  test.each([ACCESS, REFRESH])("two cookies %s are refused, whichever comes first", async (name) => {
    await page.signUp();
    const good = [...page.jar].map(([key, value]) => `${key}=${value}`).join("; ");
    for (const cookie of [
      `${good}; ${name}=x`,
      `${name}=x; ${good}`,
      `${good}; ${name}=${page.jar.get(name)}`,
    ]) {
      const response =
        name === ACCESS
          ? await page.send("/auth/me", { headers: { cookie } })
          : await post("/auth/refresh", undefined, { cookie });
      expect([response.status, await codeOf(response)]).toEqual([401, "invalid_token"]);
      expect(setCookies(response)).toEqual([]);
    }
  });

  test("of several Cookie headers all are read: one name twice is two cookies, on a real server too", async () => {
    const { port, close } = await listen(toNodeHandler(cookieHandler(harness.auth)));
    await page.signUp();
    const own = `${ACCESS}=${page.jar.get(ACCESS)}`;
    // As bytes: Node's client would make one line of them.
    const answerTo = (...cookies: readonly string[]) => {
      const lines = cookies.map((cookie) => `Cookie: ${cookie}\r\n`).join("");
      return rawExchange(port, `GET /auth/me HTTP/1.1\r\nHost: x\r\n${lines}\r\n`);
    };
    expect(await answerTo(own)).toContain(" 200 ");
    expect(await answerTo("theme=dark", own, "a=b")).toContain(" 200 ");
    expect(await answerTo(own, `${ACCESS}=x`)).toContain(" 401 ");
    expect(await answerTo(own, own)).toContain(" 401 ");
    await close();
  });

  test("cookies of others may be of any form: they hide none of ours, and are no error", async () => {
    await page.signUp();
    const [access = "", refresh = ""] = [page.jar.get(ACCESS), page.jar.get(REFRESH)];
    const others = [
      "x=100%",
      "y=%E0%A4%A",
      "%",
      "=",
      "=v",
      ";;",
      "a:b=c",
      'q="a b"',
      "q=\u00e9",
      "x",
      "x=100%=%ZZ",
    ];
    for (const other of others)
      for (const cookie of [`${other}; ${ACCESS}=${access}`, `${ACCESS}=${access}; ${other}`])
        expect([cookie, (await page.send("/auth/me", { headers: { cookie } })).status]).toEqual([
          cookie,
          200,
        ]);
    const cookie = `${others.join("; ")}; ${REFRESH}=${refresh}`;
    expect((await post("/auth/refresh", undefined, { cookie })).status).toBe(200);
  });

  test.each([
    ["in quotes", (token: string) => `"${token}"`],
    ["percent-encoded", (token: string) => `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`],
    ["with a broken escape", (token: string) => `${token}%`],
    ["with a space", (token: string) => `${token} ; a=b`],
    ["of a signature alone", (token: string) => `.${token.split(".")[2]}`],
    ["of a UUID", () => "96443e14-a82f-4179-63b2-b7fd67a87850"],
  ])("a token %s is no other spelling of it, and no error of ours", async (_how, spell) => {
    await page.signUp();
    const [access = "", refresh = ""] = [page.jar.get(ACCESS), page.jar.get(REFRESH)];
    const me = await page.send("/auth/me", { headers: { cookie: `${ACCESS}=${spell(access)}` } });
    const renewed = await post("/auth/refresh", undefined, { cookie: `${REFRESH}=${spell(refresh)}` });
    expect([me.status, await codeOf(me)]).toEqual([401, "invalid_token"]);
    expect([renewed.status, await codeOf(renewed)]).toEqual([401, "invalid_token"]);
  });

  test("two device cookies are ignored: a neighbouring host cannot prevent a sign-in", async () => {
    await page.signUp();
    const cookie = `${DEVICE}=${page.jar.get(DEVICE)}; ${DEVICE}=x`;
    expect((await post("/auth/login", { email: EMAIL, password: PASSWORD }, { cookie })).status).toBe(200);
  });

  test("the device cookie is the device token: strangers use up no guess of it", async () => {
    await page.signUp();
    for (let stranger = 1; stranger <= 12; stranger++) {
      const client = { ip: `198.51.100.${stranger}` };
      await harness.auth.login({ email: EMAIL, password: "Wrong1horse" }, client).catch(() => {});
    }
    expect((await page.signIn()).status).toBe(200);
    page.jar.delete(DEVICE);
    expect((await page.signIn()).status).toBe(429);
  });

  test.each(["Bearer x", "Basic YTpi"])(
    "an Authorization header is one way too many: %s",
    async (authorization) => {
      await page.signUp();
      for (const { method, path } of routes) {
        const response = await page.send(`/auth${path.replace("{id}", "any")}`, {
          method,
          headers: { authorization },
        });
        expect([path, response.status, await codeOf(response)]).toEqual([path, 400, "malformed_request"]);
      }
      const cookie = `${ACCESS}=${page.jar.get(ACCESS)}`;
      const asked = cookieHandler(harness.auth).authenticate({
        method: "GET",
        headers: { cookie, authorization },
      });
      await expect(asked).rejects.toMatchObject({ code: "malformed_request" });
    },
  );

  test("tokens in bodies are ignored", async () => {
    const { refreshToken, deviceToken } = await harness.auth.signup(
      { email: EMAIL, password: PASSWORD },
      { ip: null },
    );
    for (const path of ["/auth/refresh", "/auth/logout"])
      expect(await codeOf(await post(path, { refreshToken }))).toBe("invalid_input");
    const login = await post("/auth/login", { email: EMAIL, password: PASSWORD, deviceToken });
    expect(await codeOf(login)).toBe("invalid_input");
    expect(await codeOf(await post("/auth/logout", "x", { "content-type": "text/plain" }))).toBe(
      "unsupported_media_type",
    );
  });

  test("in bearer mode cookies are nothing", async () => {
    await page.signUp();
    const cookie = [...page.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const handler = createHandler(harness.auth);
    const request = new Request(`${ORIGIN}/auth/me`, { headers: { cookie, origin: ORIGIN } });
    expect((await handler(request, CALLER)).status).toBe(401);
  });

  test("a logout goes by the refresh cookie, when the access cookie has expired in the browser", async () => {
    await page.signUp();
    page.jar.delete(ACCESS);
    harness.clock.advance("2d");
    expect((await post("/auth/logout")).status).toBe(204);
    expect(harness.sink.events.at(-1)).toMatchObject({ type: "logout", outcome: "success" });
    expect((await post("/auth/logout")).status).toBe(401);
  });
});

describe("a sign-out with more than one session's cookies", () => {
  // Class: session fixation by a neighbour, who can plant a refresh cookie but no `__Host-` one.
  async function planted(): Promise<{ mine: string; theirs: string }> {
    await page.signUp();
    const mine = page.jar.get(ACCESS) as string;
    const { accessToken, refreshToken } = await harness.auth.signup(
      { email: "mallory@example.com", password: PASSWORD },
      { ip: null },
    );
    page.jar.set(REFRESH, refreshToken);
    return { mine, theirs: accessToken };
  }
  const isDead = async (token: string) =>
    harness.auth.verifyToken(token).then(
      () => false,
      ({ code }) => code === "session_revoked",
    );

  test("ends both of them", async () => {
    const { mine, theirs } = await planted();
    const out = await post("/auth/logout");
    expect([out.status, endedBy(out)]).toEqual([204, ENDED]);
    expect([await isDead(mine), await isDead(theirs)]).toEqual([true, true]);
  });

  test("succeeds with one valid cookie; with two invalid cookies it is invalid_token", async () => {
    await page.signUp();
    const mine = page.jar.get(ACCESS) as string;
    page.jar.set(REFRESH, "garbage");
    expect((await post("/auth/logout")).status).toBe(204);
    expect(await isDead(mine)).toBe(true);
    page.jar.set(REFRESH, "garbage").set(ACCESS, "garbage");
    expect(await codeOf(await post("/auth/logout"))).toBe("invalid_token");
  });

  // Class: cookies of our names, set by a neighbour below the same domain.
  const PLANTED: Readonly<Record<string, (name: string, genuine: string) => string>> = {
    "another one behind": (name, genuine) => `${name}=${genuine}; ${name}=planted`,
    "another one in front": (name, genuine) => `${name}=planted; ${name}=${genuine}`,
    "an empty one": (name, genuine) => `${name}=; ${name}=${genuine}; ${name}=`,
    "a huge one": (name, genuine) => `${name}=${"x".repeat(12_000)}; ${name}=${genuine}`,
    "the same one": (name, genuine) => `${name}=${genuine}; ${name}=${genuine}`,
    "a hundred others": (name, genuine) =>
      [...times(100, (at) => `${name}=planted${at}`), `${name}=${genuine}`].join("; "),
    "one that looks like it": (name, genuine) => `\u00a0${name}=planted; ${name}=${genuine}`,
  };

  test.each([ACCESS, REFRESH].flatMap((name) => Object.keys(PLANTED).map((kind) => [name, kind] as const)))(
    "ends what the genuine cookie names: %s, and beside it %s",
    async (name, kind) => {
      await page.signUp();
      const mine = page.jar.get(ACCESS) as string;
      const cookie = PLANTED[kind]?.(name, page.jar.get(name) as string) as string;
      const out = await post("/auth/logout", undefined, { cookie });
      expect([out.status, endedBy(out)]).toEqual([204, ENDED]);
      expect(await isDead(mine)).toBe(true);
    },
  );

  test("ends every session that a genuine cookie names, the neighbour's too", async () => {
    const { mine, theirs } = await planted();
    const theirRefresh = page.jar.get(REFRESH);
    const { refreshToken } = (await harness.auth.login(
      { email: EMAIL, password: PASSWORD },
      { ip: null },
    )) as SignedIn;
    const cookie = `${ACCESS}=${mine}; ${REFRESH}=${theirRefresh}; ${REFRESH}=${refreshToken}`;
    expect((await post("/auth/logout", undefined, { cookie })).status).toBe(204);
    expect([await isDead(mine), await isDead(theirs)]).toEqual([true, true]);
    expect(
      await codeOf(await post("/auth/refresh", undefined, { cookie: `${REFRESH}=${refreshToken}` })),
    ).toBe("session_revoked");
  });

  test("tries every cookie, whatever happens to one of them: a planted one saves no session", async () => {
    const { mine, theirs } = await planted();
    const logout: Auth["logout"] = async (token, client) => {
      if (token === page.jar.get(REFRESH)) throw new AuthError("rate_limited", { retryAfterSeconds: 1 });
      await harness.auth.logout(token, client);
    };
    const failing = fakeBrowser(cookieHandler({ ...harness.auth, logout }));
    const cookie = `${REFRESH}=${page.jar.get(REFRESH)}; ${ACCESS}=${mine}`;
    const half = await failing.send("/auth/logout", { method: "POST", headers: { cookie } });
    expect([half.status, setCookies(half)]).toEqual([429, []]);
    expect([await isDead(mine), await isDead(theirs)]).toEqual([true, false]);
  });

  test("without any genuine cookie it is refused, and the cookies stay: they may be another application's", async () => {
    await page.signUp();
    for (const cookie of [`${REFRESH}=x; ${REFRESH}=y`, `${ACCESS}=a.b.c; ${REFRESH}=z`]) {
      const out = await post("/auth/logout", undefined, { cookie });
      expect([out.status, await codeOf(out), setCookies(out)]).toEqual([401, "invalid_token", []]);
    }
    const nothing = await post("/auth/logout", undefined, { cookie: `${REFRESH}=; theme=dark` });
    expect([nothing.status, await codeOf(nothing), setCookies(nothing)]).toEqual([401, "token_missing", []]);
  });

  test("fails if the store ended only one session: both cookies stay for the next attempt", async () => {
    await planted();
    let heard = 0;
    const logout: Auth["logout"] = async (token, client) => {
      if (++heard === 2) throw new AuthError("unavailable");
      await harness.auth.logout(token, client);
    };
    const failing = fakeBrowser(cookieHandler({ ...harness.auth, logout }));
    for (const [name, value] of page.jar) failing.jar.set(name, value);
    const half = await failing.send("/auth/logout", { method: "POST" });
    expect([half.status, setCookies(half)]).toEqual([503, []]);
    expect((await failing.send("/auth/logout", { method: "POST" })).status).toBe(204);
  });

  test("leaves one event where both are of one session", async () => {
    await page.signUp();
    await post("/auth/logout");
    expect(harness.sink.events.map(({ type }) => type)).toEqual(["signup", "logout"]);
  });
});

test("a login that is challenged sets no cookie, and its challenge stays in the body", async () => {
  await page.signUp();
  await post("/auth/logout");
  const gated = fakeBrowser(cookieHandler(bindFlows({ ...harness.ctx, gates: [closedGate] })));
  const response = await gated.signIn();
  expect([response.status, setCookies(response)]).toEqual([200, []]);
  expect(Object.keys((await response.json()) as object).sort()).toEqual([
    "challengeToken",
    "expiresAt",
    "kind",
    "methods",
    "status",
  ]);
  expect((await gated.send("/auth/me")).status).toBe(401);
});

test("answers to one person are kept by nobody, and what is public depends on no cookie", async () => {
  const vary = (response: Response) => response.headers.get("vary");
  expect(vary(await page.signUp())).toBe("Origin, Cookie");
  expect(vary(await page.send("/auth/me"))).toBe("Origin, Cookie");
  expect(vary(await page.send("/auth/jwks.json"))).toBeNull();
});

test("cookies and Vary that the application has set before stay", async () => {
  const handler = toNodeHandler(cookieHandler(harness.auth));
  const server = await nodeServer((request, response) => {
    response.appendHeader("set-cookie", "theme=dark");
    response.setHeader("vary", "Accept-Encoding");
    handler(request, response);
  });
  const { headers } = await server.send({
    method: "POST",
    target: "/auth/signup",
    headers: { origin: ORIGIN, "content-type": "application/json" },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  const names = [headers["set-cookie"]].flat().map((line) => line?.split("=")[0]);
  expect([names, headers["vary"]]).toEqual([
    ["theme", ACCESS, REFRESH, DEVICE],
    "Accept-Encoding, Origin, Cookie",
  ]);
  await server.close();
});

test("the largest claims fit into a cookie; with the longest names beside them the error is clear, and no cookie is set", async () => {
  const hooks = { claims: () => ({ roles: "x".repeat(1012) }) };
  const large = await fakeBrowser(cookieHandler(makeAuth({ hooks }).auth)).signUp();
  expect(large.status).toBe(201);
  lint(large);

  const name = "\u754c".repeat(255);
  const { auth } = makeAuth({
    hooks,
    issuer: name,
    audience: name,
    signingKeys: [{ ...es256(), kid: "k".repeat(128) }],
  });
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const handler = createHandler(auth, { transport: "cookie", origins: [ORIGIN], onError });
  const over = await fakeBrowser(handler).signUp();
  expect([over.status, setCookies(over)]).toEqual([500, []]);
  expect(String(errors[0])).toContain("over 4096 bytes");
});

describe("names of one's own", () => {
  const named = (auth: Auth, name?: string, basePath?: string) =>
    createHandler(auth, {
      transport: "cookie",
      origins: [ORIGIN],
      ...(basePath && { basePath }),
      ...(name && { cookies: { name } }),
    });

  test("stand in the middle of all three, with the prefixes of the attributes", async () => {
    const handler = named(harness.auth, "acme-2");
    const created = await fakeBrowser(handler).signUp();
    const names = ["__Host-acme-2-access", "__Secure-acme-2-refresh", "__Secure-acme-2-device"];
    expect(setCookies(created).map(({ name }) => name)).toEqual(names);
    const { body } = await handler.dispatch({
      method: "GET",
      target: "/auth/openapi.json",
      headers: {},
      body: { kind: "none" },
      client: { ip: null },
    });
    const { securitySchemes } = JSON.parse(body ?? "").components;
    expect([securitySchemes.access.name, securitySchemes.refresh.name]).toEqual(names.slice(0, 2));
  });

  test("on localhost they have no prefix", async () => {
    const origin = "http://localhost:3000";
    const handler = createHandler(harness.auth, {
      transport: "cookie",
      origins: [origin],
      insecureLocalhost: true,
      cookies: { name: "acme" },
    });
    const response = await handler(
      new Request(`${origin}/auth/signup`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
      }),
      CALLER,
    );
    expect(setCookies(response).map(({ name }) => name)).toEqual([
      "acme-access",
      "acme-refresh",
      "acme-device",
    ]);
  });

  test("two applications on one host stay signed in beside each other, in one browser", async () => {
    const jar = new Map<string, string>();
    const shop = fakeBrowser(named(harness.auth, "shop"), jar);
    const admin = fakeBrowser(
      named(makeAuth({ secret: randomBytes(32).toString("base64url") }).auth, "admin"),
      jar,
    );
    for (const one of [shop, admin]) expect((await one.signUp()).status).toBe(201);
    expect(jar.size).toBe(6);
    for (const one of [shop, admin, shop, admin]) {
      expect((await one.send("/auth/me")).status).toBe(200);
      expect((await one.send("/auth/refresh", { method: "POST" })).status).toBe(200);
    }
    expect((await admin.send("/auth/logout", { method: "POST" })).status).toBe(204);
    expect((await admin.send("/auth/me")).status).toBe(401);
    expect((await shop.send("/auth/refresh", { method: "POST" })).status).toBe(200);
    expect((await shop.send("/auth/me")).status).toBe(200);
  });

  test("with the same names, neither ends what it did not make", async () => {
    await page.signUp();
    const before = new Map(page.jar);
    const other = named(makeAuth({ secret: randomBytes(32).toString("base64url") }).auth);
    const neighbour = fakeBrowser(other, page.jar);
    for (const [path, method] of [
      ["/auth/me", "GET"],
      ["/auth/refresh", "POST"],
      ["/auth/logout", "POST"],
      ["/auth/sessions", "DELETE"],
    ] as const)
      expect((await neighbour.send(path, { method })).status).toBe(401);
    expect(page.jar).toEqual(before);
    expect((await post("/auth/refresh")).status).toBe(200);
  });
});
