// Pages without script: forms, what a success and a refusal lead to, and what no address may tell.
import { AuthError, createAuth, memoryStore } from "sallyport";
import { createHandler } from "sallyport/http";
import { insecureTestHasher } from "sallyport/testing";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { CALLER, cookieHandler, ORIGIN, setCookies } from "../support/cookies.ts";
import { CODE, enrolled, sceneOn } from "../support/features/scene.ts";
import { type FormBrowser, formBrowser, ledTo, PAGES, RIGHT } from "../support/form-browser.ts";
import { codeOf, EMAIL, type Harness, makeAuth, PASSWORD, SECRET } from "../support/harness.ts";

const NEXT = "Another2horse";
const WEAK = "zq7";

let harness: Harness;
let page: FormBrowser;
beforeEach(() => {
  harness = makeAuth();
  page = formBrowser(harness);
});

const namesOf = (response: Response): readonly string[] => setCookies(response).map(({ name }) => name);

describe("a success leads on", () => {
  test("to the home page, with the cookies of a sign-in and the hint", async () => {
    for (const path of ["/auth/signup", "/auth/login"]) {
      const answer = await page.post(path, RIGHT);
      expect(namesOf(answer)).toEqual([
        "__Host-sp-access",
        "__Secure-sp-refresh",
        "__Host-sp-renew",
        "__Secure-sp-device",
      ]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.get("vary")).toBe("Origin, Cookie");
      expect(await ledTo(answer)).toEqual([303, "/home"]);
    }
    expect((await page.get("/auth/me")).status).toBe(200);
  });

  test("to the path that the form names, and home if that is no path of the site", async () => {
    const to = async (returnTo: string) =>
      (await ledTo(await page.post("/auth/login", { ...RIGHT, returnTo })))[1];
    await page.post("/auth/signup", RIGHT);
    expect(await to("/notes?page=2#last")).toBe("/notes?page=2#last");
    expect(await to("https://evil.example/")).toBe("/home");
    expect(await to("//evil.example/")).toBe("/home");
    expect(await to("/auth/logout")).toBe("/home");
  });

  test("after a sign-out to its page, and the session is over", async () => {
    await page.post("/auth/signup", RIGHT);
    const token = page.held("access") ?? "";
    const answer = await page.post("/auth/logout");
    expect(setCookies(answer).map(({ name, attributes }) => [name, attributes["max-age"]])).toEqual([
      ["__Host-sp-access", "0"],
      ["__Secure-sp-refresh", "0"],
      ["__Host-sp-renew", "0"],
    ]);
    expect(await ledTo(answer)).toEqual([303, "/bye"]);
    expect(await codeOf(harness.auth.verifyToken(token))).toBe("session_revoked");
  });

  test("after a new password, and every other session is over", async () => {
    await page.post("/auth/signup", RIGHT);
    const other = page.held("access") ?? "";
    const fields = { currentPassword: PASSWORD, newPassword: NEXT, returnTo: "/settings" };
    expect(await ledTo(await page.post("/auth/password", fields))).toEqual([303, "/settings"]);
    expect(await codeOf(harness.auth.verifyToken(other))).toBe("session_revoked");
    expect((await page.get("/auth/me")).status).toBe(200);
  });

  test("and forgets the cookies with the browser if the form says so", async () => {
    await page.post("/auth/signup", { ...RIGHT, remember: "false" });
    expect(page.jar.all().map(({ endsAt }) => endsAt)).toEqual([null, null, null, null]);
    await page.post("/auth/login", { ...RIGHT, remember: "true" });
    expect(page.jar.all().some(({ endsAt }) => endsAt === null)).toBe(false);
    const odd = await page.post("/auth/login", { ...RIGHT, remember: "on" });
    expect(await ledTo(odd)).toEqual([303, "/sign-in?error=invalid_input&rule=invalid_type"]);
  });
});

describe("a refusal leads back, with codes alone", () => {
  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ["/auth/login", { email: EMAIL, password: "Wrong1horse" }, "/sign-in?error=invalid_credentials"],
    ["/auth/login", {}, "/sign-in?error=invalid_input&rule=required"],
    ["/auth/login", { ...RIGHT, email: "ada" }, "/sign-in?error=invalid_input&rule=invalid_email"],
    ["/auth/login", { ...RIGHT, admin: "true" }, "/sign-in?error=invalid_input&rule=unknown_field"],
    [
      "/auth/login",
      { email: EMAIL, password: "Wrong1horse", returnTo: "/notes?a=1&b=2" },
      "/sign-in?error=invalid_credentials&returnTo=%2Fnotes%3Fa%3D1%26b%3D2",
    ],
    [
      "/auth/login",
      {
        email: EMAIL,
        password: "Wrong1horse",
        form: "/door?lang=de&error=old#form",
        returnTo: "//evil.example",
      },
      "/door?lang=de&error=invalid_credentials#form",
    ],
    [
      "/auth/login",
      { ...RIGHT, password: "Wrong1horse", form: "//evil.example" },
      "/sign-in?error=invalid_credentials",
    ],
    ["/auth/password", { currentPassword: PASSWORD, newPassword: NEXT }, "/sign-in?error=token_missing"],
    ["/auth/logout", {}, "/sign-in?error=token_missing"],
  ])("%s %j: %s", async (path, fields, location) => {
    const answer = await page.post(path, fields);
    expect(namesOf(answer)).toEqual([]);
    expect(await ledTo(answer)).toEqual([303, location]);
    expect(answer.headers.get("retry-after")).toBeNull();
  });

  test("a weak password names every rule once, and neither the password nor the email", async () => {
    const answer = await page.post("/auth/signup", { email: EMAIL, password: WEAK, form: "/join" });
    const location = new URL((await ledTo(answer))[1] ?? "", ORIGIN);
    expect([location.pathname, location.searchParams.get("error")]).toEqual(["/join", "weak_password"]);
    const rules = location.searchParams.getAll("rule");
    expect(rules.length).toBeGreaterThan(0);
    expect(new Set(rules).size).toBe(rules.length);
    expect(location.href).not.toContain(WEAK);
    expect(location.href).not.toMatch(/ada/);
  });

  test("a limit says how long to wait, and the address counts as for JSON", async () => {
    for (let attempt = 0; attempt < 5; attempt++)
      await page.post("/auth/login", { ...RIGHT, password: "Wrong1horse" });
    const answer = await page.post("/auth/login", RIGHT);
    expect(answer.headers.get("ratelimit")).toMatch(/r=0/);
    expect((await ledTo(answer))[1]).toMatch(/^\/sign-in\?error=rate_limited&wait=\d+$/);
  });

  test("known and unknown accounts lead to one place", async () => {
    await page.post("/auth/signup", RIGHT);
    const stranger = formBrowser(harness);
    const known = await stranger.post("/auth/login", { email: EMAIL, password: "Wrong1horse" });
    const unknown = await stranger.post("/auth/login", { email: "bob@example.com", password: "Wrong1horse" });
    expect(await ledTo(known)).toEqual(await ledTo(unknown));
  });

  test("a sign-out that the store did not hear is none: the cookies stay", async () => {
    await page.post("/auth/signup", RIGHT);
    await harness.auth.close();
    const answer = await page.post("/auth/logout", { form: "/notes" });
    expect(namesOf(answer)).toEqual([]);
    expect((await ledTo(answer))[1]).toMatch(/^\/notes\?error=(?:unavailable|internal_error)/);
    expect(page.held("refresh")).toBeDefined();
  });

  test("the words of an application's own refusals are not written into an address", async () => {
    const code = "<b>Text of a stranger</b>";
    const refuse = (): never => {
      throw new AuthError("invalid_input", { errors: [{ path: "email", code, message: "No." }] });
    };
    const own = makeAuth({ hooks: { userCreated: refuse } });
    const answer = await formBrowser(own).post("/auth/signup", RIGHT);
    expect(await ledTo(answer)).toEqual([303, "/sign-in?error=invalid_input&rule=invalid"]);
  });
});

describe("own fields of a signup", () => {
  test("travel under names such as fields.name, as texts", async () => {
    const seen: unknown[] = [];
    const auth = createAuth({
      secret: SECRET,
      store: memoryStore(),
      clock: harness.clock,
      password: { hasher: insecureTestHasher() },
      signup: { fields: z.strictObject({ name: z.string(), "first.pet": z.string() }) },
      hooks: { userCreated: ({ fields }) => void seen.push(fields) },
      onWarning: () => {},
    });
    const own = formBrowser({ auth, clock: harness.clock });
    const answer = await own.post("/auth/signup", {
      ...RIGHT,
      "fields.name": "Ada & Bob=1",
      "fields.first.pet": "é ü",
    });
    expect(await ledTo(answer)).toEqual([303, "/home"]);
    expect(seen).toEqual([{ name: "Ada & Bob=1", "first.pet": "é ü" }]);
  });

  test("are unknown without the option", async () => {
    const answer = await page.post("/auth/signup", { ...RIGHT, "fields.name": "Ada" });
    expect(await ledTo(answer)).toEqual([303, "/sign-in?error=invalid_input&rule=unknown_field"]);
  });
});

describe("what is no good form", () => {
  const text = String(new URLSearchParams(RIGHT));
  beforeEach(() => harness.auth.signup(RIGHT, { ip: null }));

  test.each<readonly [string, string]>([
    ["a field twice", `${text}&email=eve%40example.com`],
    ["a field twice, one of them escaped", `${text}&emai%6C=eve%40example.com`],
    ["a field of ours twice", `${text}&returnTo=%2Fa&returnTo=%2Fb`],
    ["bytes that are not UTF-8", `email=ada%40example.com&password=%FF`],
    ["half an escape", `email=ada%40example.com&password=%F`],
  ])("%s is malformed, and signs no user in", async (_, body) => {
    const answer = await page.post("/auth/login", body);
    expect(await ledTo(answer)).toEqual([303, "/sign-in?error=malformed_request"]);
    expect(page.jar.all()).toEqual([]);
  });

  test("names of prototypes are fields as any others", async () => {
    for (const name of ["__proto__", "constructor", "fields.__proto__", "toString"]) {
      const answer = await page.post("/auth/login", { ...RIGHT, [name]: "1" });
      expect((await ledTo(answer))[1]).toMatch(/^\/sign-in\?error=invalid_input/);
    }
  });

  test.each<readonly [string, number, Readonly<Record<string, string>>]>([
    ["x=1", 415, { "content-type": "multipart/form-data; boundary=x" }],
    ["x=1", 415, { "content-type": "text/plain" }],
    ["x=1", 415, { "content-type": "text/plain; x=application/x-www-form-urlencoded" }],
    ["x=1", 415, { "content-type": "application/x-www-form-urlencoded; charset=utf-16" }],
    ["x=1", 415, { "content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip" }],
    [`x=${"1".repeat(16 * 1024)}`, 413, { "content-type": "application/x-www-form-urlencoded" }],
  ])("%.10s... is %i with %j", async (body, status, headers) => {
    const answer = await page.post("/auth/login", body, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect(page.jar.all()).toEqual([]);
  });

  test("UTF-8 is UTF-8, said or not", async () => {
    const headers = { "content-type": "Application/X-WWW-Form-Urlencoded; Charset=UTF-8" };
    expect(await ledTo(await page.post("/auth/login", text, headers))).toEqual([303, "/home"]);
  });
});

test("routes that take no form, and handlers without pages, refuse it", async () => {
  const body = { password: PASSWORD };
  await page.post("/auth/signup", RIGHT);
  expect((await page.post("/auth/reauthenticate", body)).status).toBe(415);
  for (const handler of [cookieHandler(harness.auth), createHandler(harness.auth)])
    for (const path of ["/auth/login", "/auth/signup", "/auth/logout", "/auth/password"]) {
      const headers = {
        origin: ORIGIN,
        ...page.jar.header(path),
        "content-type": "application/x-www-form-urlencoded",
      };
      const sent = new Request(ORIGIN + path, {
        method: "POST",
        headers,
        body: String(new URLSearchParams(RIGHT)),
      });
      expect([415, 401]).toContain((await handler(sent, CALLER)).status);
    }
  expect((await page.get("/auth/me")).status).toBe(200);
});

test("JSON is answered as before, and its sign-ins have the hint, too", async () => {
  const headers = { "content-type": "application/json" };
  const answer = await page.post("/auth/signup", JSON.stringify(RIGHT), headers);
  expect([answer.status, ((await answer.json()) as { status: string }).status]).toEqual([201, "signed_in"]);
  expect(page.held("renew")).toBe("1");
  const refused = await page.post("/auth/login", JSON.stringify({ ...RIGHT, returnTo: "/" }), headers);
  expect(refused.status).toBe(422);
});

test("cookies of one's own code have the hint with pages, and end it", async () => {
  const result = await harness.auth.signup(RIGHT, { ip: null });
  const named = (cookies: readonly { name: string; value: string; maxAge?: number }[]) =>
    cookies.map(({ name, value, maxAge }) => [name, name.endsWith("renew") ? value : "", maxAge]);
  const made = page.handler.cookies(result);
  const [, refresh, hint] = named(made);
  expect(hint).toEqual(["__Host-sp-renew", "1", refresh?.[2]]);
  expect(named(page.handler.cookies(result, { remember: false }))[2]).toEqual([
    "__Host-sp-renew",
    "1",
    undefined,
  ]);
  expect(named(page.handler.cookies(null))[2]).toEqual(["__Host-sp-renew", "", 0]);
  expect(named(cookieHandler(harness.auth).cookies(result)).map(([name]) => name)).not.toContain(
    "__Host-sp-renew",
  );
});

describe("a second step", () => {
  beforeEach(async () => {
    const scene = sceneOn(memoryStore());
    await enrolled(scene);
    page = formBrowser(scene);
  });
  const begin = (fields: Readonly<Record<string, string>> = {}) =>
    page.post("/auth/login", { ...RIGHT, ...fields });

  test("has a page, and its token a cookie that only these routes get", async () => {
    const answer = await begin({ returnTo: "/notes" });
    const [cookie] = setCookies(answer);
    expect(cookie?.name).toBe("__Secure-sp-challenge");
    expect(cookie?.attributes).toEqual({
      "max-age": expect.stringMatching(/^\d+$/),
      path: "/auth",
      httponly: "",
      secure: "",
      samesite: "Strict",
    });
    const [, location] = await ledTo(answer);
    expect(location).toBe("/step?kind=second_factor&method=test-code&returnTo=%2Fnotes");
    expect(location).not.toContain(cookie?.value);
  });

  test("signs in, and its cookie is over", async () => {
    await begin();
    const answer = await page.post("/auth/challenges/test-code", { code: CODE, returnTo: "/notes" });
    expect(await ledTo(answer)).toEqual([303, "/notes"]);
    expect(page.held("challenge")).toBeUndefined();
    expect((await page.get("/auth/me")).status).toBe(200);
  });

  test("keeps the choice of the first: the browser forgets the cookies", async () => {
    await begin({ remember: "false" });
    await page.post("/auth/challenges/test-code", { code: CODE });
    expect(page.held("refresh")).toMatch(/^~/);
    expect(page.jar.all().map(({ endsAt }) => endsAt)).toEqual([null, null, null, null]);
  });

  test("a wrong code leads back to the step, whose cookie stays", async () => {
    await begin();
    const wrong = await page.post("/auth/challenges/test-code", { code: "000000" });
    expect((await ledTo(wrong))[1]).toBe("/step?error=invalid_credentials");
    const named = await page.post("/auth/challenges/test-code", {
      code: "000000",
      form: "/step?method=test-code",
    });
    expect((await ledTo(named))[1]).toBe("/step?method=test-code&error=invalid_credentials");
    expect(page.held("challenge")).toBeDefined();
  });

  test("without a sign-in before, or with a used one, the sign-in begins again", async () => {
    const none = await page.post("/auth/challenges/test-code", { code: CODE, form: "/step" });
    expect(await ledTo(none)).toEqual([303, "/sign-in?error=invalid_challenge"]);
    await begin();
    const token = page.held("challenge") ?? "";
    await page.post("/auth/challenges/test-code", { code: CODE });
    const again = await page.post("/auth/challenges/test-code", { code: CODE, challengeToken: token });
    expect(await ledTo(again)).toEqual([303, "/sign-in?error=invalid_challenge"]);
  });

  test("of two cookies neither counts: a neighbour may have planted one", async () => {
    await begin();
    const cookie = `${page.jar.header("/auth/x")["cookie"]}; __Secure-sp-challenge=planted`;
    const answer = await page.post("/auth/challenges/test-code", { code: CODE }, { cookie });
    expect((await ledTo(answer))[1]).toBe("/sign-in?error=invalid_challenge");
  });
});

describe("what does not start", () => {
  const start =
    (pages: unknown, options: object = { transport: "cookie", origins: [ORIGIN] }) =>
    () =>
      createHandler(harness.auth, { ...options, pages } as object);

  test.each<readonly [unknown, RegExp]>([
    [{}, /pages\.signIn must be a path/],
    [{ signIn: "sign-in" }, /pages\.signIn/],
    [{ signIn: "https://app.example/sign-in" }, /pages\.signIn/],
    [{ signIn: "//app.example" }, /pages\.signIn/],
    [{ signIn: "/sign in" }, /pages\.signIn/],
    [{ signIn: "/a/../sign-in" }, /pages\.signIn/],
    [{ signIn: "/auth/login" }, /not below \/auth/],
    [{ signIn: "/sign-in", home: "/auth" }, /pages\.home/],
    [{ signIn: "/sign-in", signedOut: "\\evil" }, /pages\.signedOut/],
    [{ signIn: "/sign-in", challenge: 1 }, /pages\.challenge/],
    [{ signIn: "/sign-in", singedOut: "/" }, /singedOut: no such option/],
    [["/sign-in"], /plain object/],
    [null, /plain object/],
    [Promise.resolve(PAGES), /plain object/],
  ])("%j", (pages, message) => {
    expect(start(pages)).toThrow(message);
  });

  test("pages in bearer mode", () => {
    expect(start(PAGES, {})).toThrow(/need transport: "cookie"/);
    expect(start(PAGES, { transport: "bearer" })).toThrow(/need transport: "cookie"/);
  });

  test("the links of a handler without pages", () => {
    const head = { method: "GET", headers: {} };
    for (const handler of [cookieHandler(harness.auth), createHandler(harness.auth)]) {
      expect(() => handler.signInUrl(head, "/")).toThrow(/need the option pages/);
      expect(() => handler.renewUrl(head, "/")).toThrow(/need the option pages/);
    }
  });
});
