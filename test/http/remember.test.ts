// "Remember me" left out: cookies that the browser forgets when it closes, over every rotation.
import { type Auth, memoryStore, type SignedIn } from "sallyport";
import { createHandler } from "sallyport/http";
import { beforeEach, describe, expect, test } from "vitest";
import { type CookieJar, cookieJar } from "../support/cookie-jar.ts";
import { CALLER, cookieHandler, ORIGIN, setCookies } from "../support/cookies.ts";
import { CODE, enrolled, RIGHT, sceneOn } from "../support/features/scene.ts";
import { type Harness, makeAuth, PASSWORD } from "../support/harness.ts";

const ACCESS = "__Host-sp-access";
const REFRESH = "__Secure-sp-refresh";
const DEVICE = "__Secure-sp-device";
const NEXT = "Another2horse";

interface Served {
  readonly auth: Auth;
  readonly clock: Harness["clock"];
}

let harness: Served;
let jar: CookieJar;
beforeEach(() => open(makeAuth()));

function open(opened: Served): void {
  harness = opened;
  jar = cookieJar(() => harness.clock.now().getTime());
}

async function post(path: string, body?: unknown): Promise<Response> {
  const headers = {
    ...jar.header(path),
    origin: ORIGIN,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const sent = { method: "POST", headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return keep(path, await cookieHandler(harness.auth)(new Request(ORIGIN + path, sent), CALLER));
}

async function me(): Promise<number> {
  const headers = jar.header("/auth/me");
  return (await cookieHandler(harness.auth)(new Request(`${ORIGIN}/auth/me`, { headers }), CALLER)).status;
}

function keep(path: string, response: Response): Response {
  jar.keep(path, response.headers.getSetCookie());
  return response;
}

/** For each cookie of an answer: whether the browser forgets it when it closes. */
function briefOf(response: Response): Readonly<Record<string, boolean>> {
  const cookies = setCookies(response).map(({ name, attributes }) => [
    name,
    attributes["max-age"] === undefined,
  ]);
  return Object.fromEntries(cookies);
}

const held = (name: string): string => jar.all().find((cookie) => cookie.name === name)?.value ?? "";
const errorsOf = async (response: Response): Promise<unknown> => [
  response.status,
  ((await response.json()) as { errors: { path: string; code: string }[] }).errors.map(({ path, code }) => [
    path,
    code,
  ]),
];
const ALL = { [ACCESS]: true, [REFRESH]: true, [DEVICE]: true };
const KEPT = { [ACCESS]: false, [REFRESH]: false, [DEVICE]: false };

describe.each(["/auth/signup", "/auth/login"])("%s", (path) => {
  beforeEach(async () => {
    if (path === "/auth/login") await harness.auth.signup(RIGHT, { ip: null });
  });

  test("without the field, and with true, the browser keeps the cookies", async () => {
    for (const fields of path === "/auth/login" ? [{}, { remember: true }] : [{ remember: true }]) {
      expect(briefOf(await post(path, { ...RIGHT, ...fields }))).toEqual(KEPT);
      expect(held(REFRESH)).not.toMatch(/^~/);
    }
    jar.close();
    expect(await me()).toBe(200);
  });

  test("with false it forgets them when it closes, over rotations, proofs and a new password, too", async () => {
    expect(briefOf(await post(path, { ...RIGHT, remember: false }))).toEqual(ALL);
    for (let rotation = 0; rotation < 3; rotation++) {
      const used = held(REFRESH);
      harness.clock.advance("20h");
      expect(briefOf(await post("/auth/refresh"))).toEqual({ [ACCESS]: true, [REFRESH]: true });
      expect([held(REFRESH), held(REFRESH) === used]).toEqual([expect.stringMatching(/^~[\w-]+$/), false]);
      expect(await me()).toBe(200);
    }
    const proven = await post("/auth/reauthenticate", { password: PASSWORD });
    expect(briefOf(proven)).toEqual({ [ACCESS]: true, [REFRESH]: true });
    const changed = await post("/auth/password", { currentPassword: PASSWORD, newPassword: NEXT });
    expect(briefOf(changed)).toEqual(ALL);
    expect(briefOf(await post("/auth/refresh"))).toEqual({ [ACCESS]: true, [REFRESH]: true });
    jar.close();
    expect([jar.all(), await me()]).toEqual([[], 401]);
  });

  test.each([["false"], [0], [null], [{}], [[]]])("%j is no answer to the question", async (remember) => {
    const refused = await post(path, { ...RIGHT, remember });
    expect(await errorsOf(refused)).toEqual([422, [["remember", "invalid_type"]]]);
    expect(jar.all()).toEqual([]);
  });

  test("in bearer mode no body has the field: the client keeps the tokens, and decides", async () => {
    const bearer = createHandler(harness.auth);
    for (const remember of [true, false]) {
      const body = JSON.stringify({ ...RIGHT, remember });
      const headers = { "content-type": "application/json" };
      const refused = await bearer(new Request(ORIGIN + path, { method: "POST", headers, body }), CALLER);
      expect(await errorsOf(refused)).toEqual([422, [["", "unknown_field"]]]);
    }
  });
});

test("a sign-in decides anew: the mark of the session before does not", async () => {
  await post("/auth/signup", { ...RIGHT, remember: false });
  expect(briefOf(await post("/auth/login", RIGHT))).toEqual(KEPT);
  expect(briefOf(await post("/auth/refresh"))).toEqual({ [ACCESS]: false, [REFRESH]: false });
  expect(briefOf(await post("/auth/login", { ...RIGHT, remember: false }))).toEqual(ALL);
});

test("a marked cookie names its session as any other: for the next sign-in, and for a sign-out", async () => {
  await post("/auth/signup", { ...RIGHT, remember: false });
  const copy = { access: held(ACCESS), refresh: held(REFRESH) };
  await post("/auth/login", { ...RIGHT, remember: false });
  const verdict = (token: string) => harness.auth.verifyToken(token).then(String, ({ code }) => code);
  expect(await verdict(copy.access)).toBe("session_revoked");
  const access = held(ACCESS);
  jar.keep("/auth/x", [`${ACCESS}=; Max-Age=0; Path=/; Secure`]); // the browser has only the refresh cookie left
  const out = await post("/auth/logout");
  expect([out.status, setCookies(out).map(({ attributes }) => attributes["max-age"])]).toEqual([
    204,
    ["0", "0"],
  ]);
  expect(await verdict(access)).toBe("session_revoked");
});

describe("cookies of one's own code", () => {
  test("are forgotten by the browser if it says so, and so are those of the next refresh", async () => {
    const handler = cookieHandler(harness.auth);
    const result = await harness.auth.signup(RIGHT, { ip: null });
    if (result.status !== "signed_in") throw new TypeError("Not signed in");
    const lives = (options?: object) =>
      handler.cookies(result, options).map(({ maxAge }) => maxAge !== undefined);
    expect([lives(), lives({}), lives({ remember: true })]).toEqual(Array(3).fill([true, true, true]));
    const brief = handler.cookies(result, { remember: false });
    expect(brief.map(({ maxAge }) => maxAge)).toEqual([undefined, undefined, undefined]);
    jar.keep("/auth/x", brief.map(String));
    expect(briefOf(await post("/auth/refresh"))).toEqual({ [ACCESS]: true, [REFRESH]: true });
    const ended = handler.cookies(null, { remember: false });
    expect(ended.map(({ value, maxAge }) => [value, maxAge])).toEqual([
      ["", 0],
      ["", 0],
    ]);
  });

  test.each([[{ remeber: false }], [{ remember: "false" }], [{ remember: null }], [null], [[]], [false]])(
    "%j is a mistake, and makes no cookie",
    async (options) => {
      const result = await harness.auth.signup(RIGHT, { ip: null });
      const make = () => cookieHandler(harness.auth).cookies(result as SignedIn, options as object);
      expect(make).toThrow(/^cookies\(result, options\): /);
    },
  );
});

test("other routes have no such field", async () => {
  await post("/auth/signup", RIGHT);
  for (const path of ["/auth/reauthenticate", "/auth/password", "/auth/refresh"]) {
    const refused = await post(path, { remember: false });
    expect(await errorsOf(refused)).toEqual([422, expect.arrayContaining([["", "unknown_field"]])]);
  }
});

describe("the mark decides nothing but the life of the cookies", () => {
  test("who adds or removes it stays the same user, with the other life", async () => {
    await post("/auth/signup", RIGHT);
    const add = (value: string) =>
      jar.keep("/auth/x", [`${REFRESH}=${value}; Path=/auth; Secure; HttpOnly; SameSite=Strict`]);
    add(`~${held(REFRESH)}`);
    expect(briefOf(await post("/auth/refresh"))).toEqual({ [ACCESS]: true, [REFRESH]: true });
    add(held(REFRESH).slice(1));
    expect(briefOf(await post("/auth/refresh"))).toEqual({ [ACCESS]: false, [REFRESH]: false });
  });

  test("it stands once, at the beginning of the refresh cookie alone", async () => {
    await post("/auth/signup", RIGHT);
    const refused = async (path: string, cookie: string): Promise<unknown> => {
      const request = new Request(ORIGIN + path, { method: "POST", headers: { cookie, origin: ORIGIN } });
      return ((await (await cookieHandler(harness.auth)(request, CALLER)).json()) as { code: string }).code;
    };
    const [access, refresh] = [held(ACCESS), held(REFRESH)];
    expect(await refused("/auth/refresh", `${REFRESH}=~~${refresh}`)).toBe("invalid_token");
    expect(await refused("/auth/refresh", `${REFRESH}=${refresh}~`)).toBe("invalid_token");
    expect(await refused("/auth/refresh", `${REFRESH}=~`)).toBe("token_missing");
    expect(await refused("/auth/refresh", `${REFRESH}=~${refresh}; ${REFRESH}=${refresh}`)).toBe(
      "invalid_token",
    );
    expect(await refused("/auth/logout", `${ACCESS}=~${access}`)).toBe("invalid_token");
    expect(await me()).toBe(200);
  });

  test("a neighbour's planted cookie makes no brief session a lasting one", async () => {
    await post("/auth/signup", { ...RIGHT, remember: false });
    const cookie = `${REFRESH}=planted; ${jar.header("/auth/password")["cookie"]}`;
    const headers = { cookie, origin: ORIGIN, "content-type": "application/json" };
    const body = JSON.stringify({ password: PASSWORD });
    const request = new Request(`${ORIGIN}/auth/reauthenticate`, { method: "POST", headers, body });
    const answer = await cookieHandler(harness.auth)(request, CALLER);
    expect([answer.status, briefOf(answer)]).toEqual([200, { [ACCESS]: true, [REFRESH]: true }]);
  });
});

describe("with a second step", () => {
  const challenge = async (response: Response): Promise<string> => {
    const body = (await response.json()) as { status: string; challengeToken: string };
    expect([body.status, setCookies(response)]).toEqual(["challenge", []]);
    return body.challengeToken;
  };
  const answer = (challengeToken: string) =>
    post("/auth/challenges/test-code", { challengeToken, code: CODE });

  beforeEach(async () => {
    const scene = sceneOn(memoryStore());
    open(scene);
    await enrolled(scene);
  });

  test("the challenge keeps what the login asked for", async () => {
    const brief = await challenge(await post("/auth/login", { ...RIGHT, remember: false }));
    expect(brief).toMatch(/^~[\w-]+$/);
    expect(briefOf(await answer(brief))).toEqual(ALL);
    const lasting = await challenge(await post("/auth/login", RIGHT));
    expect(lasting).toMatch(/^[\w-]+$/);
    expect(briefOf(await answer(lasting))).toEqual(KEPT);
  });

  test("a marked challenge is used up once, as any other", async () => {
    const token = await challenge(await post("/auth/login", { ...RIGHT, remember: false }));
    expect((await answer(token)).status).toBe(200);
    for (const again of [token, token.slice(1), `~${token}`]) {
      const refused = await answer(again);
      expect(((await refused.json()) as { code: string }).code).toBe("invalid_challenge");
    }
  });
});

test("the contract of cookie mode has the field where it counts, and that of bearer mode nowhere", async () => {
  const contractOf = async (handler: { dispatch: ReturnType<typeof cookieHandler>["dispatch"] }) => {
    const head = { method: "GET", target: "/auth/openapi.json", headers: {} };
    const { body } = await handler.dispatch({ ...head, body: { kind: "none" }, client: { ip: null } });
    return JSON.parse(body ?? "").components.schemas as Record<string, { properties?: object }>;
  };
  const having = (schemas: Record<string, { properties?: object }>) =>
    Object.keys(schemas).filter((name) => Object.hasOwn(schemas[name]?.properties ?? {}, "remember"));
  expect(having(await contractOf(cookieHandler(harness.auth))).sort()).toEqual([
    "Credentials",
    "LoginRequest",
  ]);
  expect(having(await contractOf(createHandler(harness.auth)))).toEqual([]);
});
