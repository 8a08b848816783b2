// The cookies that an application sets by itself: the same as those of the routes, from one place.
import type { Auth, SignedIn } from "sallyport";
import { type AuthHandler, createHandler, type TokenCookie } from "sallyport/http";
import { describe, expect, expectTypeOf, test } from "vitest";
import { CALLER, cookieHandler, ORIGIN } from "../support/cookies.ts";
import { CLIENT, EMAIL, makeAuth, PASSWORD } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };

async function post(
  handler: AuthHandler,
  path: string,
  sent: { cookie?: string; body?: object },
): Promise<Response> {
  const headers = { origin: ORIGIN, ...(sent.cookie && { cookie: sent.cookie }) };
  const init = sent.body
    ? { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(sent.body) }
    : { headers };
  return handler(new Request(`${ORIGIN}/auth${path}`, { method: "POST", ...init }), CALLER);
}

/** Without the values of tokens, and without the lifetime of an access token, which has a random part. */
const withoutValues = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.replace(/=[^;]+/, "=...").replace(/(access=.+Max-Age=)\d+/, "$1..."));

describe("the same cookies as the routes set", () => {
  /** The calls of `auth` whose answers have tokens, and their routes. */
  const CALLS: Readonly<Record<string, (auth: Auth, made: SignedIn) => Promise<unknown>>> = {
    "/login": (auth) => auth.login(right, CLIENT),
    "/refresh": (auth, { refreshToken }) => auth.refresh(refreshToken, CLIENT),
    "/reauthenticate": (auth, { accessToken }) =>
      auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
    "/password": (auth, { accessToken }) =>
      auth.password.change(accessToken, { currentPassword: PASSWORD, newPassword: "Another2staple" }, CLIENT),
  };
  const BODIES: Readonly<Record<string, object | undefined>> = {
    "/login": right,
    "/reauthenticate": { password: PASSWORD },
    "/password": { currentPassword: PASSWORD, newPassword: "Another2staple" },
  };

  test.each(Object.entries(CALLS))("%s", async (path, call) => {
    const lines = async (
      ask: (auth: Auth, made: SignedIn, handler: AuthHandler) => Promise<readonly string[]>,
    ) => {
      const { auth } = makeAuth();
      return ask(auth, await auth.signup(right, CLIENT), cookieHandler(auth));
    };
    const own = await lines(async (auth, made, handler) => {
      const result = (await call(auth, made)) as SignedIn;
      return handler.cookies(result).map(String);
    });
    const served = await lines(async (_auth, made, handler) => {
      const cookie = `__Host-sp-access=${made.accessToken}; __Secure-sp-refresh=${made.refreshToken}`;
      const body = BODIES[path];
      return (await post(handler, path, { cookie, ...(body && { body }) })).headers.getSetCookie();
    });
    expect(withoutValues(own)).toEqual(withoutValues(served));
    expect(own.length).toBeGreaterThanOrEqual(2);
  });

  test("and a session that ends has the same ones, too", async () => {
    const { auth } = makeAuth();
    const { accessToken } = await auth.signup(right, CLIENT);
    const handler = cookieHandler(auth);
    const answer = await post(handler, "/logout", { cookie: `__Host-sp-access=${accessToken}` });
    expect(answer.status).toBe(204);
    expect(handler.cookies(null).map(String)).toEqual(answer.headers.getSetCookie());
  });

  test("they sign a page in, and end its session", async () => {
    const { auth } = makeAuth();
    const handler = cookieHandler(auth);
    const cookies = handler.cookies(await auth.signup(right, CLIENT));
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    expect(
      (await (await handler.authenticate({ method: "GET", headers: { cookie } })).user()).user.email,
    ).toBe(EMAIL);
    const ended = handler
      .cookies(null)
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
    expect(await handler.identify({ method: "GET", headers: { cookie: ended } })).toBe(null);
  });
});

describe("their fields", () => {
  test("are those of the text, as frameworks want them", async () => {
    const { auth } = makeAuth();
    const made = await auth.signup(right, CLIENT);
    const [access, refresh, device] = cookieHandler(auth).cookies(made);
    const hidden = { httpOnly: true, secure: true };
    const own = { ...hidden, path: "/auth", sameSite: "strict" };
    expect([access, refresh, device]).toEqual([
      {
        ...hidden,
        name: "__Host-sp-access",
        value: made.accessToken,
        path: "/",
        sameSite: "lax",
        maxAge: 86_400,
      },
      { ...own, name: "__Secure-sp-refresh", value: made.refreshToken, maxAge: 14 * 86_400 },
      { ...own, name: "__Secure-sp-device", value: made.deviceToken, maxAge: 180 * 86_400 },
    ]);
    expect(`${access}`).toBe(
      `__Host-sp-access=${made.accessToken}; Max-Age=86400; Path=/; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(Object.isFrozen(access)).toBe(true);
    // A copy with another path must not keep the old text.
    expect(String({ ...access, path: "/app" })).not.toContain("Path=/;");
  });

  test("without TLS there is no prefix and no Secure", async () => {
    const { auth } = makeAuth();
    const local = {
      transport: "cookie",
      origins: ["http://localhost:3000"],
      insecureLocalhost: true,
    } as const;
    const [access] = createHandler(auth, local).cookies(await auth.signup(right, CLIENT));
    expect(access).toMatchObject({ name: "sp-access", secure: false });
    expect(String(access)).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test("an access token that has ended gives a cookie that ends", async () => {
    const { auth, clock } = makeAuth();
    const made = await auth.signup(right, CLIENT);
    clock.advance(86_400_000 * 2);
    expect(cookieHandler(auth).cookies(made)[0]?.maxAge).toBe(0);
  });
});

describe("anything else is a mistake, and sets no cookie", () => {
  test("what has no pair of tokens", async () => {
    const { auth } = makeAuth();
    const handler = cookieHandler(auth);
    const made = await auth.signup(right, CLIENT);
    const { refreshToken: _refresh, ...half } = made;
    const wrong: readonly unknown[] = [
      undefined,
      Promise.resolve(made),
      {},
      [],
      made.accessToken,
      half,
      { status: "challenge", kind: "second_factor", methods: [], challengeToken: "x", expiresAt: new Date() },
      { ...made, accessToken: "x; Domain=evil.example" },
      { ...made, deviceToken: "x\r\nset-cookie: a=b" },
      { ...made, refreshToken: "" },
      { ...made, accessTokenExpiresAt: made.accessTokenExpiresAt.toISOString() },
      { ...made, refreshTokenExpiresAt: new Date(Number.NaN) },
    ];
    for (const result of wrong) expect(() => handler.cookies(result as SignedIn)).toThrow(TypeError);
  });

  test("in bearer mode every result is one", async () => {
    const { auth } = makeAuth();
    const handler = createHandler(auth);
    const made = await auth.signup(right, CLIENT);
    for (const result of [made, null]) expect(() => handler.cookies(result)).toThrow(/transport: "cookie"/);
  });

  test("a challenge does not compile", async () => {
    const ask = async (auth: Auth, handler: AuthHandler): Promise<readonly TokenCookie[]> => {
      const result = await auth.login(right, CLIENT);
      // @ts-expect-error: it may be a challenge, which has no tokens
      return result.status === "signed_in" ? handler.cookies(result) : handler.cookies(result);
    };
    expectTypeOf(ask).returns.resolves.toEqualTypeOf<readonly TokenCookie[]>();
  });
});
