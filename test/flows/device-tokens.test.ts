// Classes: a stranger who locks the owner out by guessing, a "remember me" that lets somebody in (Devise
// CVE-2015-8314), more guesses for who has tokens but no password.
import type { SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { countingHasher } from "../support/counting-hasher.ts";
import {
  CLIENT,
  codeOf,
  EMAIL,
  type Harness,
  makeAuth,
  PASSWORD,
  STORES,
  signedIn,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const wrong = { email: EMAIL, password: "Wrong1password" };

describe.each(STORES)("on %s", (_name, makeStore) => {
  async function attacked(): Promise<
    Harness & SignedIn & { readonly stranger: ReturnType<typeof strangers> }
  > {
    const harness = makeAuth({ store: makeStore() });
    const signedUp = await harness.auth.signup(right, CLIENT);
    const stranger = strangers();
    expect(await tally(times(30, () => harness.auth.login(wrong, stranger())))).toEqual({
      invalid_credentials: 10,
      rate_limited: 20,
    });
    return { ...harness, ...signedUp, stranger };
  }

  test("while strangers use up the account's budget, its owner signs in with a known device, and nobody else", async () => {
    const { auth, clock, deviceToken, stranger } = await attacked();
    expect(await codeOf(auth.login(right, stranger()))).toBe("rate_limited");
    expect(await codeOf(auth.login({ ...right, deviceToken: "forged" }, stranger()))).toBe("rate_limited");
    for (const _ of times(20, (i) => i)) {
      expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("fulfilled");
    }
    clock.advance("179d");
    await tally(times(30, () => auth.login(wrong, stranger())));
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("fulfilled");
  });

  test("the token lets nobody in, and gives ten guesses in 15 minutes that cost the account none", async () => {
    const { auth, clock, deviceToken, sink, stranger, store, user } = await attacked();
    clock.advance("15m");
    const guess = () => auth.login({ ...wrong, deviceToken }, stranger());
    expect(await tally(times(30, guess))).toEqual({ invalid_credentials: 10, rate_limited: 20 });
    expect(
      sink.events.filter(({ outcome, data }) => outcome === "refused" && data?.["limit"] === "device"),
    ).toHaveLength(2);
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("rate_limited");
    expect(await codeOf(auth.login(right, stranger()))).toBe("fulfilled"); // the account's own budget is whole
    expect(await store.sessions.listLive(user.id, clock.now(), 10)).toHaveLength(2);
    clock.advance("15m");
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("fulfilled");
  });

  test("a device keeps its budget from one login to the next: its token is renewed, not another one", async () => {
    const { auth, deviceToken, stranger } = await attacked();
    const tokens = [deviceToken];
    for (const _ of times(3, (i) => i)) {
      for (const _guess of times(3, (i) => i))
        await codeOf(auth.login({ ...wrong, deviceToken }, stranger()));
      const next = await auth.login({ ...right, deviceToken: tokens.at(-1) }, stranger());
      if (next.status === "signed_in") tokens.push(next.deviceToken);
    }
    expect(tokens).toHaveLength(4);
    expect(await codeOf(auth.login({ ...wrong, deviceToken: tokens.at(-1) }, stranger()))).toBe(
      "invalid_credentials",
    );
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("rate_limited");
  });

  test("it is good for one account, for 180 days, and to the letter", async () => {
    const { auth, clock, deviceToken, stranger } = await attacked();
    const bob = await auth.signup({ email: "bob@example.com", password: PASSWORD }, stranger());
    const spellings = [
      `${deviceToken} `,
      deviceToken.slice(0, -1),
      `${deviceToken}A`,
      "",
      "x".repeat(1_000_000),
    ];
    for (const token of [bob.deviceToken, bob.refreshToken, bob.accessToken, ...spellings]) {
      expect(await codeOf(auth.login({ ...right, deviceToken: token }, stranger()))).toBe("rate_limited");
    }
    for (const token of [1, null, {}, [deviceToken]] as never[]) {
      expect(await codeOf(auth.login({ ...right, deviceToken: token }, stranger()))).toBe("invalid_input");
    }
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("fulfilled");
    clock.advance("180d");
    await tally(times(30, () => auth.login(wrong, stranger())));
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("rate_limited");
  });

  test("a refresh gives none: tokens without the password are no way to more guesses", async () => {
    const { auth, refreshToken } = await attacked();
    expect(await auth.refresh(refreshToken, CLIENT)).not.toHaveProperty("deviceToken");
  });

  test("a stale one costs the same steps, hashes and counts, whatever became of the account", async () => {
    const steps: Record<string, unknown> = {};
    for (const [name, become] of Object.entries(FATES)) {
      const { store, verbs } = countVerbs(makeStore());
      const counting = countingHasher();
      const { rateLimiter, keys } = countingLimiter();
      const harness = makeAuth({ store, rateLimiter, password: { hasher: counting.hasher } });
      const signedUp = await harness.auth.signup(right, CLIENT);
      await become(harness, signedUp);
      for (const list of [verbs, keys, counting.calls]) list.length = 0;
      const guess = { ...wrong, deviceToken: signedUp.deviceToken };
      expect(await codeOf(harness.auth.login(guess, CLIENT))).toBe("invalid_credentials");
      steps[name] = { verbs: [...verbs], keys: [...keys], hashes: counting.calls.length };
    }
    const [expected] = Object.values(steps);
    expect(steps).toEqual(Object.fromEntries(Object.keys(FATES).map((name) => [name, expected])));
  });

  test("a change of the password ends every device token, and gives the device that made it a new one", async () => {
    const { auth, clock, deviceToken, accessToken, stranger } = await attacked();
    const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    const changed = await auth.password.change(accessToken, change, CLIENT);
    clock.advance("1m");
    await tally(times(30, () => auth.login(wrong, stranger())));
    const login = { email: EMAIL, password: "Another2staple" };
    expect(await codeOf(auth.login({ ...login, deviceToken }, stranger()))).toBe("rate_limited");
    expect(await codeOf(auth.login({ ...login, deviceToken: changed.deviceToken }, stranger()))).toBe(
      "fulfilled",
    );
  });

  test("disabling the user ends them too, and enabling brings none back", async () => {
    const { auth, deviceToken, stranger, user } = await attacked();
    await auth.users.disable(user.id);
    await auth.users.enable(user.id);
    expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("rate_limited");
  });

  test("a change of the secret in steps keeps them", async () => {
    const { ctx, deviceToken, store, clock } = await attacked();
    const secret = [
      "mQ7xT2vKp9ZrLw4NcYb8HdJfGsUaEe3oRiB6tVnX1kq",
      "wS3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV",
    ];
    const rotated = makeAuth({ secret, store, clock });
    const known = ctx.deviceTokens.read(deviceToken, EMAIL, clock.now());
    expect(known).not.toBeNull();
    expect(rotated.ctx.deviceTokens.read(deviceToken, EMAIL, clock.now())).toEqual(known);
  });

  test("a login with a good one makes no new device, and renews its end", async () => {
    const { auth, ctx, clock, deviceToken, stranger } = await attacked();
    const idOf = (token: string) => ctx.deviceTokens.read(token, EMAIL, clock.now())?.id;
    const ids = new Set([idOf(deviceToken)]);
    let last = deviceToken;
    for (const _ of times(10, (i) => i)) {
      clock.advance("100d");
      last = signedIn(await auth.login({ ...right, deviceToken: last }, stranger())).deviceToken;
      ids.add(idOf(last));
    }
    expect(ids.size).toBe(1);
    expect(ids).not.toContain(undefined);
  });

  test("a right password with a stale one gives the account its point back", async () => {
    const { auth, clock, deviceToken, stranger, user } = await attacked();
    await auth.users.disable(user.id);
    await auth.users.enable(user.id);
    clock.advance("15m");
    for (const _ of times(15, (i) => i)) {
      expect(await codeOf(auth.login({ ...right, deviceToken }, stranger()))).toBe("fulfilled");
      clock.advance("1s");
    }
  });
});

/** What may become of an account between a device token and its next use. */
const FATES: Readonly<Record<string, (harness: Harness, signedUp: SignedIn) => Promise<unknown>>> = {
  "another password": ({ auth }, { accessToken }) =>
    auth.password.change(accessToken, { currentPassword: PASSWORD, newPassword: "Another2staple" }, CLIENT),
  disabled: ({ auth }, { user }) => auth.users.disable(user.id),
  "disabled and enabled": async ({ auth }, { user }) => {
    await auth.users.disable(user.id);
    await auth.users.enable(user.id);
  },
  deleted: ({ auth }, { user }) => auth.users.delete(user.id),
  "deleted and signed up anew": async ({ auth }, { user }) => {
    await auth.users.delete(user.id);
    await auth.signup({ ...right, password: "Another2staple" }, CLIENT);
  },
};

/** Allows everything, and keeps the keys without what differs from one account or device to the next. */
function countingLimiter() {
  const keys: string[] = [];
  const allowed = { allowed: true, count: 1, resetMs: 1 };
  const consume = async (key: string) => {
    keys.push(key.split(":").slice(0, 2).join(":"));
    return allowed;
  };
  return { keys, rateLimiter: { consume, refund: async () => {} } };
}

// Classes: a token that outlives the password that earned it, a budget for each token and none for all of them, an
// account that a stranger registered first (pre-hijacking, USENIX Security 2022).
describe.each(STORES)("with 300 device tokens, on %s", (_name, makeStore) => {
  /** 300 right logins without a token: as many devices. */
  async function hoard(harness: Harness, count = 300): Promise<string[]> {
    const stranger = strangers();
    const tokens: string[] = [];
    for (const _ of times(count, (i) => i)) {
      tokens.push(signedIn(await harness.auth.login(right, stranger())).deviceToken);
    }
    return tokens;
  }

  /** How many guesses were judged of many at once, each from its own address. */
  async function judged(harness: Harness, tokens: readonly string[], each: number): Promise<number> {
    const stranger = strangers();
    const guesses = times(each, () => tokens)
      .flat()
      .map((deviceToken) => harness.auth.login({ ...wrong, deviceToken }, stranger()));
    const counts = await tally(guesses);
    expect(Object.keys(counts).sort()).toEqual(["invalid_credentials", "rate_limited"]);
    return counts["invalid_credentials"] ?? 0;
  }

  test("after the owner changed the password they are worth ten guesses in 15 minutes, all of them together", async () => {
    const harness = makeAuth({ store: makeStore() });
    const { accessToken } = await harness.auth.signup(right, CLIENT);
    const tokens = await hoard(harness);
    const owner = signedIn(await harness.auth.login(right, CLIENT));
    expect(await codeOf(harness.auth.verifyToken(accessToken))).toBe("session_revoked"); // by session.max
    const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    await harness.auth.password.change(owner.accessToken, change, CLIENT);
    expect(await judged(harness, tokens, 2)).toBe(10);
    harness.clock.advance("15m");
    expect(await judged(harness, tokens, 2)).toBe(10);
  });

  test("of an account that was deleted, they are worth ten guesses at its real owner", async () => {
    const harness = makeAuth({ store: makeStore() });
    const { user } = await harness.auth.signup(right, CLIENT);
    const tokens = await hoard(harness, 101);
    await harness.auth.users.delete(user.id);
    await harness.auth.signup({ email: EMAIL, password: "Another2staple" }, CLIENT);
    expect(await judged(harness, tokens, 3)).toBe(10);
  });

  test("while the password stands, all devices together have 30 guesses, beside the account's ten", async () => {
    const harness = makeAuth({ store: makeStore() });
    await harness.auth.signup(right, CLIENT);
    const tokens = await hoard(harness);
    expect(await judged(harness, tokens, 2)).toBe(30);
    expect(await judged(harness, ["none"], 30)).toBe(10);
    harness.clock.advance("15m");
    expect(await judged(harness, tokens, 2)).toBe(30);
  });

  test("one stolen token cannot use up what the other devices have", async () => {
    const harness = makeAuth({ store: makeStore() });
    const { deviceToken: stolen } = await harness.auth.signup(right, CLIENT);
    const { deviceToken: own } = signedIn(await harness.auth.login(right, CLIENT));
    const stranger = strangers();
    for (let quarter = 0; quarter < 24; quarter++) {
      await tally(times(30, () => harness.auth.login({ ...wrong, deviceToken: stolen }, stranger())));
      expect(await codeOf(harness.auth.login({ ...right, deviceToken: own }, stranger()))).toBe("fulfilled");
      harness.clock.advance("15m");
    }
  });
});

describe.each(STORES)("behind one address, on %s", (_name, makeStore) => {
  test("30 colleagues with known devices sign in at once; one without waits", async () => {
    const { auth } = makeAuth({ store: makeStore(), limits: { signup: { address: false } } });
    const emails = times(30, (index) => `colleague${index}@example.com`);
    const known: { email: string; password: string; deviceToken: string }[] = [];
    for (const email of emails) {
      const { deviceToken } = await auth.signup({ email, password: PASSWORD }, CLIENT);
      known.push({ email, password: PASSWORD, deviceToken });
    }
    for (const _round of [1, 2, 3]) {
      expect(await tally(known.map((login) => auth.login(login, CLIENT)))).toEqual({ fulfilled: 30 });
    }
    expect(await tally(times(6, () => auth.login(wrong, CLIENT)))).toMatchObject({ rate_limited: 1 });
    expect(await tally(known.map((login) => auth.login(login, CLIENT)))).toEqual({ fulfilled: 30 });
  });

  test("known devices of one's own account give no guess at another's, nor do stale ones", async () => {
    const harness = makeAuth({ store: makeStore() });
    const { auth } = harness;
    const ada = await auth.signup(right, CLIENT);
    const eve = await auth.signup({ email: "eve@example.com", password: PASSWORD }, CLIENT);
    const guesses = (deviceToken: string) =>
      tally(times(20, () => auth.login({ ...wrong, deviceToken }, CLIENT)));
    expect(await guesses(eve.deviceToken)).toEqual({ invalid_credentials: 5, rate_limited: 15 });
    harness.clock.advance("1h");
    await auth.users.disable(ada.user.id);
    await auth.users.enable(ada.user.id);
    expect(await guesses(ada.deviceToken)).toEqual({ invalid_credentials: 5, rate_limited: 15 });
  });

  test("a client that signs in without end on a known device is slowed down, too", async () => {
    const { auth } = makeAuth({ store: makeStore(), limits: { login: { address: "1/1m" } } });
    const { deviceToken } = await auth.signup(right, CLIENT);
    const login = () => codeOf(auth.login({ ...right, deviceToken }, CLIENT));
    for (const _ of times(100, (i) => i)) expect(await login()).toBe("fulfilled");
    expect(await login()).toBe("rate_limited");
  });
});
