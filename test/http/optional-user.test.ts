// `GET /me?optional`: no user is an answer, and an outage is not.
import { AuthError, type AuthErrorCode } from "sallyport";
import { createHandler, type HttpHeaders, type HttpResponse } from "sallyport/http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CALLER, cookieHandler, fakeBrowser, ORIGIN } from "../support/cookies.ts";
import { type Harness, makeAuth } from "../support/harness.ts";

const NO_USER = ["token_missing", "invalid_token", "token_expired", "session_revoked", "session_expired"];
const ALL: Readonly<Record<AuthErrorCode, true>> = {
  ...{ malformed_request: true, invalid_credentials: true, invalid_token: true, token_missing: true },
  ...{ invalid_challenge: true, token_expired: true, session_revoked: true, session_expired: true },
  ...{ forbidden: true, reauthentication_required: true, cross_site_request: true, not_found: true },
  ...{ method_not_allowed: true, request_timeout: true, email_taken: true, payload_too_large: true },
  ...{
    unsupported_media_type: true,
    invalid_input: true,
    invalid_code: true,
    weak_password: true,
    rate_limited: true,
  },
  ...{ internal_error: true, invalid_configuration: true, overloaded: true, unavailable: true },
};
const CODES = Object.keys(ALL) as AuthErrorCode[];

let harness: Harness;
beforeEach(() => {
  harness = makeAuth();
});
afterEach(() => harness.auth.close());

type Mode = "bearer" | "cookie";

function ask(mode: Mode, error: unknown, headers: HttpHeaders = {}): Promise<HttpResponse> {
  const auth = { ...harness.auth, getUser: () => Promise.reject(error) };
  const { dispatch } = mode === "cookie" ? cookieHandler(auth) : createHandler(auth);
  const token: HttpHeaders =
    mode === "cookie" ? { cookie: "__Host-sp-access=x" } : { authorization: "Bearer x" };
  return dispatch({
    ...{ method: "GET", target: "/auth/me?optional", headers: { ...token, ...headers } },
    ...{ body: { kind: "none" }, client: CALLER },
  });
}

test.each(["bearer", "cookie"] as const)(
  "of all codes, those of a token alone become an answer without a user, in %s mode",
  async (mode) => {
    for (const code of CODES) {
      const error = new AuthError(code);
      const { status, body } = await ask(mode, error);
      const expected = NO_USER.includes(code) ? 200 : error.status;
      expect([code, status]).toEqual([code, expected]);
      if (expected === 200)
        expect(JSON.parse(body ?? "")).toEqual({ user: null, session: null, renewable: false });
    }
    expect((await ask(mode, new TypeError("a fault"))).status).toBe(500);
  },
);

test("a store that is away is no answer", async () => {
  const page = fakeBrowser(cookieHandler(harness.auth));
  await page.signUp();
  await harness.auth.close();
  const answer = await page.send("/auth/me?optional");
  expect([answer.status, ((await answer.json()) as { readonly code: string }).code]).toEqual([
    503,
    "unavailable",
  ]);
});

test("a request to open a socket for another site's page is refused as before", async () => {
  const headers = { origin: "https://evil.example", upgrade: "websocket", connection: "upgrade" };
  const { status } = await ask("cookie", new AuthError("token_missing"), headers);
  expect(status).toBe(403);
  const own = await ask("cookie", new AuthError("token_missing"), { ...headers, origin: ORIGIN });
  expect(own.status).toBe(200);
});

test("the name alone counts, and a refresh cookie of any value is renewable", async () => {
  const page = fakeBrowser(cookieHandler(harness.auth));
  const bodyOf = async (path: string, cookie: string) =>
    (await page.send(path, { headers: { cookie } })).json();
  for (const query of ["optional=1", "optional=false", "optional&optional", "Optional"])
    expect(await bodyOf(`/auth/me?${query}`, "a=b")).toMatchObject({ code: "token_missing" });
  const refresh = "__Secure-sp-refresh";
  for (const [cookie, renewable] of [
    ["a=b", false],
    [`${refresh}=`, false],
    [`${refresh}=x`, true],
    [`${refresh}=x; ${refresh}=y`, true],
  ] as const)
    expect(await bodyOf("/auth/me?optional", cookie)).toEqual({ user: null, session: null, renewable });
});
