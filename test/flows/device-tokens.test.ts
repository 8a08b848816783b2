// Classes: a stranger who locks the owner out by guessing, a "remember me" that lets somebody in (Devise
// CVE-2015-8314), more guesses for who has tokens but no password.
import type { SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import {
  CLIENT,
  codeOf,
  EMAIL,
  type Harness,
  makeAuth,
  PASSWORD,
  STORES,
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

  test("with one, known and unknown accounts take the same steps", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth, ctx, clock } = makeAuth({ store });
    await auth.signup(right, CLIENT);
    const stepsOf = async (email: string): Promise<readonly string[]> => {
      const deviceToken = ctx.deviceTokens.issue(email, clock.now(), null);
      verbs.length = 0;
      expect(await codeOf(auth.login({ email, password: "Wrong1password", deviceToken }, { ip: null }))).toBe(
        "invalid_credentials",
      );
      return [...verbs];
    };
    expect(await stepsOf(EMAIL)).toEqual(await stepsOf("nobody@example.com"));
  });

  test("after a change of the password, or of the secret in steps, the device is still known", async () => {
    const { auth, ctx, deviceToken, accessToken, stranger, store, clock } = await attacked();
    const change = { currentPassword: PASSWORD, newPassword: "Another2staple" };
    await auth.password.change(accessToken, change, CLIENT);
    const login = { email: EMAIL, password: "Another2staple", deviceToken };
    expect(await codeOf(auth.login(login, stranger()))).toBe("fulfilled");
    const secret = ["a-new-Secret-0f-at-least-32-bytes!", "wS3nT-9kQvZ1xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uV"];
    const rotated = makeAuth({ secret, store, clock });
    expect(rotated.ctx.deviceTokens.read(deviceToken, EMAIL, clock.now())).toBe(
      ctx.deviceTokens.read(deviceToken, EMAIL, clock.now()),
    );
  });
});
