// Classes: claims of an application that overwrite ours, claims that turn into something else on the way.
import { type Auth, type ClaimsHolder, createAuth, memoryStore, type Principal } from "sallyport";
import { type Caller, createHandler } from "sallyport/http";
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import { CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, SECRET, STORES } from "../support/harness.ts";

const right = { email: EMAIL, password: PASSWORD };
const noon = new Date("2026-01-01T12:00:00.000Z");

interface AcmeClaims {
  readonly roles: readonly string[];
  readonly tenant: string;
}

const acme = ({ user }: ClaimsHolder): AcmeClaims => ({
  roles: ["admin"],
  tenant: user.email.split("@")[1] ?? "",
});

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("every access token carries what the hook said, and the principal has it", async () => {
    const { auth } = makeAuth({ store: makeStore(), hooks: { claims: acme } as never });
    const first = await auth.signup(right, CLIENT);
    const login = await auth.login(right, CLIENT);
    const tokens = [
      first.accessToken,
      login.status === "signed_in" ? login.accessToken : "",
      (await auth.refresh(first.refreshToken, CLIENT)).accessToken,
      (await auth.reauthenticate(first.accessToken, { password: PASSWORD }, CLIENT)).accessToken,
      (
        await auth.password.change(
          first.accessToken,
          { currentPassword: PASSWORD, newPassword: "Another2staple" },
          CLIENT,
        )
      ).accessToken,
    ];
    for (const token of tokens.slice(-1))
      expect((await auth.verifyToken(token)).claims).toEqual({ roles: ["admin"], tenant: "example.com" });
    for (const token of tokens) {
      const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
      expect(payload.claims).toEqual({ roles: ["admin"], tenant: "example.com" });
    }
  });

  test("a token from before the hook is refused like an expired one, and a refresh gives one with claims", async () => {
    const store = makeStore();
    const before = makeAuth({ store });
    const { accessToken, refreshToken } = await before.auth.signup(right, CLIENT);
    expect((await before.auth.verifyToken(accessToken)).claims).toEqual({});
    const { auth } = makeAuth({ store, hooks: { claims: acme } as never });
    for (const call of [auth.verifyToken, auth.getUser, auth.sessions.list]) {
      expect(await codeOf(call(accessToken))).toBe("token_expired");
    }
    const next = await auth.refresh(refreshToken, CLIENT);
    expect((await auth.verifyToken(next.accessToken)).claims).toEqual({
      roles: ["admin"],
      tenant: "example.com",
    });
    expect(await codeOf(auth.logout(accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(next.accessToken))).toBe("session_revoked");
  });

  test("a hook that has nothing to say still makes tokens that are good", async () => {
    const { auth } = makeAuth({ store: makeStore(), hooks: { claims: () => ({}) } as never });
    const { accessToken } = await auth.signup(right, CLIENT);
    expect((await auth.verifyToken(accessToken)).claims).toEqual({});
  });

  test("no name of theirs touches a claim of ours", async () => {
    const text =
      '{"sub":"another user","exp":9999999999,"iss":"evil","amr":["mfa"],"__proto__":{"admin":true}}';
    const { auth } = makeAuth({ store: makeStore(), hooks: { claims: () => JSON.parse(text) } as never });
    const { accessToken, user } = await auth.signup(right, CLIENT);
    const { userId, amr, claims } = await auth.verifyToken(accessToken);
    expect([userId, amr]).toEqual([user.id, ["pwd"]]);
    // `__proto__` is a name like any other: a key of its own, and no prototype.
    expect(JSON.stringify(claims)).toBe(text);
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect((claims as { admin?: unknown }).admin).toBeUndefined();
    expect(() => {
      (claims as { sub: string }).sub = "me";
    }).toThrow(TypeError);
  });

  test("a hook that fails ends the call, signs nobody in, and uses up no refresh token", async () => {
    let down = false;
    const claims = (): AcmeClaims => {
      if (down) throw new TypeError("The roles service is down");
      return { roles: [], tenant: "acme" };
    };
    const { auth, clock, errors, sink, store } = makeAuth({ store: makeStore(), hooks: { claims } as never });
    const { accessToken, refreshToken, user } = await auth.signup(right, CLIENT);
    down = true;
    for (const call of [
      () => auth.login(right, CLIENT),
      () => auth.refresh(refreshToken, CLIENT),
      () => auth.reauthenticate(accessToken, { password: PASSWORD }, CLIENT),
      () =>
        auth.password.change(
          accessToken,
          { currentPassword: PASSWORD, newPassword: "Another2staple" },
          CLIENT,
        ),
    ]) {
      expect(await codeOf(call())).toBe("internal_error");
      expect(errors.at(-1)).toMatchObject({ cause: { message: "The roles service is down" } });
      expect(sink.events.at(-1)).toMatchObject({ outcome: "failure", reason: "internal_error" });
    }
    expect(await store.sessions.listLive(user.id, clock.now(), 10)).toHaveLength(1);
    down = false;
    clock.advance("1h"); // long after the grace
    expect(await codeOf(auth.refresh(refreshToken, CLIENT))).toBe("fulfilled");
    expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled");
  });

  test("a slow hook uses up nobody's grace: it begins with the rotation", async () => {
    let wait = (): void => undefined;
    const claims = () => {
      wait();
      return {};
    };
    const { auth, clock } = makeAuth({ store: makeStore(), hooks: { claims } as never });
    const { refreshToken } = await auth.signup(right, CLIENT);
    wait = () => clock.advance("11s");
    const first = await auth.refresh(refreshToken, CLIENT);
    wait = () => undefined;
    clock.advance("5s");
    expect((await auth.refresh(refreshToken, CLIENT)).refreshToken).toBe(first.refreshToken);
  });

  test("at signup the hook finds what userCreated wrote", async () => {
    const profiles = new Set<string>();
    const hooks = {
      userCreated: ({ user }: { user: { id: string } }) => void profiles.add(user.id),
      claims: ({ user }: ClaimsHolder) => ({ hasProfile: profiles.has(user.id) }),
    };
    const { auth } = makeAuth({ store: makeStore(), hooks: hooks as never });
    const { accessToken } = await auth.signup(right, CLIENT);
    expect((await auth.verifyToken(accessToken)).claims).toEqual({ hasProfile: true });
  });
});

const size = (bytes: number) => ({ text: "x".repeat(bytes - '{"text":""}'.length) });

test.each([
  ["nothing", undefined],
  ["null", null],
  ["a text", "admin"],
  ["an array", ["admin"]],
  ["a date", { since: noon }],
  ["a map", { roles: new Map() }],
  ["undefined in it", { tenant: undefined }],
  ["a function", { can: () => true }],
  ["NaN", { level: Number.NaN }],
  ["more than 1 KiB", size(1025)],
  ["more than 1 KiB of few characters", { text: "ü".repeat(600) }],
])("an answer of %s is a fault of the hook, and no token", async (_what, claims) => {
  const { auth, errors } = makeAuth({ hooks: { claims: () => claims } as never });
  expect(await codeOf(auth.signup(right, CLIENT))).toBe("internal_error");
  expect(errors).toMatchObject([{ cause: { message: expect.stringMatching(/^hooks\.claims: /) } }]);
});

test("1 KiB passes whole", async () => {
  const { auth } = makeAuth({ hooks: { claims: () => size(1024) } as never });
  const { accessToken } = await auth.signup(right, CLIENT);
  expect((await auth.verifyToken(accessToken)).claims).toEqual(size(1024));
  expect(accessToken.length).toBeLessThan(4096);
});

test("the type of the claims reaches the principal, through the handler too", () => {
  const options = { secret: SECRET, store: memoryStore(), password: { hasher: insecureTestHasher() } };
  const auth = createAuth({ ...options, hooks: { claims: acme } });
  expectTypeOf(auth).toEqualTypeOf<Auth<AcmeClaims>>();
  expectTypeOf(auth.verifyToken).returns.resolves.toEqualTypeOf<Principal<AcmeClaims>>();
  expectTypeOf(createHandler(auth).authenticate).returns.resolves.toEqualTypeOf<Caller<AcmeClaims>>();
  expectTypeOf(createHandler(auth).identify).returns.resolves.toEqualTypeOf<Caller<AcmeClaims> | null>();
  const later = createAuth({ ...options, hooks: { claims: async () => ({ plan: "free" }) } });
  expectTypeOf(later.verifyToken).returns.resolves.toExtend<{ readonly claims: { plan: string } }>();
  const none = createAuth(options);
  expectTypeOf(none).toEqualTypeOf<Auth>();
  // @ts-expect-error: without a hook there are no claims
  expectTypeOf(none.verifyToken).returns.resolves.toExtend<{ readonly claims: { plan: string } }>();
});
