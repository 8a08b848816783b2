// Class: work that an ended session still makes (its token in the hands of strangers, who repeat it).
import type { AuthStore, SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import {
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  STORES,
  strangers,
  tally,
  times,
} from "../support/harness.ts";
import { countVerbs, interceptStore } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };

async function signedUp(inner: AuthStore) {
  const { store, verbs } = countVerbs(inner);
  const harness = makeAuth({ store });
  const here = await harness.auth.signup(right, CLIENT);
  const phone = (await harness.auth.login(right, { ip: null })) as SignedIn;
  const verbsOf = async (call: () => Promise<unknown>) => {
    verbs.length = 0;
    expect(await codeOf(call())).toBe("fulfilled");
    return [...verbs];
  };
  return { ...harness, here, phone, verbsOf };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("a logout of an ended session is one read, by either token, and no transaction", async () => {
    const { auth, phone, verbsOf } = await signedUp(makeStore());
    await auth.logout(phone.accessToken);
    for (const token of [phone.accessToken, phone.refreshToken])
      expect(await verbsOf(() => auth.logout(token))).toEqual(["sessions.find"]);
  });

  test("to end an ended session, or all others where there are none, opens no transaction", async () => {
    const { auth, here, phone, verbsOf } = await signedUp(makeStore());
    await auth.sessions.revokeOthers(here.accessToken);
    expect(await verbsOf(() => auth.sessions.revoke(here.accessToken, phone.session.id))).toEqual([
      "sessions.find",
      "sessions.find",
    ]);
    expect(await verbsOf(() => auth.sessions.revokeOthers(here.accessToken))).toEqual([
      "sessions.find",
      "sessions.listLive",
    ]);
  });

  test("beyond sixty a minute a logout of an ended session makes no statement, but for the milestones' events", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth, clock } = makeAuth({ store });
    const { accessToken, refreshToken } = await auth.signup(right, CLIENT);
    const stranger = strangers();
    const logouts = () =>
      tally(times(500, (index) => auth.logout(index % 2 ? accessToken : refreshToken, stranger())));
    expect(await logouts()).toEqual({ fulfilled: 60, rate_limited: 440 });
    verbs.length = 0;
    expect(await logouts()).toEqual({ rate_limited: 500 });
    expect(verbs).toEqual(["events.append"]); // of the 960th
    clock.advance("1m");
    expect(await codeOf(auth.logout(accessToken))).toBe("fulfilled");
  });

  test("no other call, and no failing store, takes a logout away from the owner", async () => {
    let isDown = false;
    const store = interceptStore(makeStore(), () => {
      if (isDown) throw new TypeError("the store is away");
    });
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(right, CLIENT);
    const thief = strangers();
    for (const _ of times(100, Number)) {
      await codeOf(auth.sessions.revokeOthers(accessToken, thief()));
      await codeOf(auth.reauthenticate(accessToken, { password: "x" }, thief()));
    }
    expect(await codeOf(auth.sessions.revokeOthers(accessToken))).toBe("rate_limited");
    isDown = true;
    for (const _ of times(100, Number)) expect(await codeOf(auth.logout(accessToken))).toBe("unavailable");
    isDown = false;
    expect(await codeOf(auth.logout(accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
  });

  test("a limiter that fails keeps no session alive", async () => {
    let isDown = false;
    const consume = async () => {
      if (isDown) throw new TypeError("the limiter is away");
      return { allowed: true, count: 1, resetMs: 1 };
    };
    const { auth, errors } = makeAuth({
      store: makeStore(),
      rateLimiter: { consume, refund: async () => {} },
    });
    const here = await auth.signup(right, CLIENT);
    const [phone, laptop] = await Promise.all(
      times(2, async () => (await auth.login(right, CLIENT)) as SignedIn),
    );
    if (!phone || !laptop) throw new TypeError("Two sessions");
    isDown = true;
    await auth.sessions.revoke(here.accessToken, phone.session.id);
    await auth.sessions.revokeOthers(here.accessToken);
    await auth.logout(here.refreshToken);
    for (const { accessToken } of [here, phone, laptop])
      expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
    expect(errors).toHaveLength(3);
  });

  test("another session's calls cost a session nothing: the owner ends the thief's", async () => {
    const { auth, here, phone } = await signedUp(makeStore());
    for (const _ of times(100, Number)) await codeOf(auth.sessions.revokeOthers(phone.accessToken, CLIENT));
    // The thief's first call ended the owner's session; the owner signs in again and ends the thief's.
    expect(await codeOf(auth.verifyToken(here.accessToken))).toBe("session_revoked");
    const again = (await auth.login(right, { ip: null })) as SignedIn;
    expect(await auth.sessions.revokeOthers(again.accessToken)).toEqual({ revoked: 1 });
  });
});
