// Classes: non-atomic single use and uniqueness (better-auth GHSA-392p-2q2v-4372; four parallel signups of
// one email made four users in a memory adapter); a change that a parallel write undoes (Rodauth 2.47). The stores' own
// races: test/conformance.
import type { AuthEvent, AuthStore } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { describe, expect, test } from "vitest";
import type { Gate } from "../../src/context.ts";
import { answerChallenge } from "../../src/kit/answer-challenge.ts";
import { parseClient } from "../../src/kit/input.ts";
import { loginThrough } from "../support/gates.ts";
import {
  CALLERS,
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
import { countVerbs } from "../support/intercept-store.ts";

/** The calls that did something. A refused one leaves a failure. */
function successes(events: readonly AuthEvent[]): readonly string[] {
  return events.filter(({ outcome }) => outcome === "success").map(({ type }) => type);
}

const NEXT = "Another2staple";
const change = { currentPassword: PASSWORD, newPassword: NEXT };
const signIn = (password: string) => ({ email: EMAIL, password });

/**
 * A store in which a login renews the stored hash, after a transaction has read it and before it replaces it: as long as
 * `renews` answers true. Only a store with row locks lets another connection do that.
 */
function renewedMeanwhile(inner: AuthStore, renews: () => boolean): AuthStore {
  const renewing = (tx: AuthStore): AuthStore => ({
    ...tx,
    credentials: {
      ...tx.credentials,
      async replace(replacement) {
        const { userId, id, expectedVersion } = replacement;
        const [stored] = await tx.credentials.list(userId, "password");
        if (stored?.version === expectedVersion && renews())
          await tx.credentials.replace({
            userId,
            id,
            expectedVersion,
            data: stored.data,
            at: replacement.at,
          });
        return tx.credentials.replace(replacement);
      },
    },
  });
  return { ...inner, transaction: (work) => inner.transaction((tx) => work(renewing(tx))) };
}

/** A store in which no read of a session is answered before that many callers have read it. */
function foundTogether(inner: AuthStore, callers: number): AuthStore {
  const { promise: allHaveRead, resolve } = Promise.withResolvers<void>();
  let reads = 0;
  const find: AuthStore["sessions"]["find"] = async (id) => {
    const found = await inner.sessions.find(id);
    reads++;
    if (reads === callers) resolve();
    await allHaveRead;
    return found;
  };
  return { ...inner, sessions: { ...inner.sessions, find } };
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("a password change whose hash a login renews meanwhile replaces the renewed hash, too", async () => {
    let renewals = 0;
    const store = renewedMeanwhile(makeStore(), () => renewals++ < 2);
    const { auth } = makeAuth({ store });
    const { accessToken } = await auth.signup(signIn(PASSWORD), CLIENT);
    const next = await auth.password.change(accessToken, change, CLIENT);
    expect(renewals).toBe(3);
    expect(await codeOf(auth.login(signIn(PASSWORD), CLIENT))).toBe("invalid_credentials");
    expect(await codeOf(auth.login(signIn(NEXT), CLIENT))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(next.accessToken))).toBe("fulfilled");
  });

  test("a password change that a renewal beats each time changes nothing, and says so", async () => {
    const store = renewedMeanwhile(makeStore(), () => true);
    const { auth, sink } = makeAuth({ store });
    const { accessToken } = await auth.signup(signIn(PASSWORD), CLIENT);
    expect(await codeOf(auth.password.change(accessToken, change, CLIENT))).toBe("unavailable");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.login(signIn(PASSWORD), CLIENT))).toBe("fulfilled");
    const changes = sink.events.filter(({ type }) => type === "change_password");
    expect(changes).toMatchObject([{ outcome: "failure", reason: "unavailable" }]);
  });

  test("a login that renews the hash of a password which is changed meanwhile does not bring it back", async () => {
    const hasher = insecureTestHasher();
    const held = Promise.withResolvers<void>();
    const renewing = Promise.withResolvers<void>();
    let isOld = false;
    const slow = {
      ...hasher,
      needsRehash: () => isOld,
      async hash(password: string) {
        if (isOld && password === PASSWORD) {
          renewing.resolve();
          await held.promise;
        }
        return hasher.hash(password);
      },
    };
    const { auth } = makeAuth({ store: makeStore(), password: { hasher: slow } });
    const { accessToken } = await auth.signup(signIn(PASSWORD), CLIENT);
    isOld = true;
    const login = codeOf(auth.login(signIn(PASSWORD), CLIENT));
    await renewing.promise;
    await auth.password.change(accessToken, change, CLIENT);
    held.resolve();
    expect(await login).toBe("invalid_credentials");
    isOld = false;
    expect(await codeOf(auth.login(signIn(PASSWORD), CLIENT))).toBe("invalid_credentials");
    expect(await codeOf(auth.login(signIn(NEXT), CLIENT))).toBe("fulfilled");
  });

  test("of 50 right answers to one challenge one signs in, also if nothing else uses the proof up", async () => {
    const gate: Gate = {
      kind: "test",
      ask: async (_ctx, { amr }) => (amr.includes("otp") ? null : { methods: ["test"] }),
    };
    const { auth, ctx, store, clock } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup(signIn(PASSWORD), CLIENT);
    const parked = await loginThrough(ctx, [gate], signIn(PASSWORD), CLIENT);
    if (parked.status !== "challenge") throw new TypeError("The gate was not asked");
    const { challengeToken } = parked;
    const answer = { challengeToken, method: "test", client: parseClient(CLIENT), budget: { name: "test" } };
    const judge = async () => ({ amr: ["otp"], spends: [] });
    const answers = times(CALLERS, () => answerChallenge({ ...ctx, gates: [gate] }, answer, judge));
    expect(await tally(answers)).toEqual({ fulfilled: 1, invalid_challenge: CALLERS - 1 });
    expect(await store.sessions.listLive(user.id, clock.now(), 10)).toHaveLength(2);
  });

  test("of 50 parallel signups with one email, in many spellings, one makes an account", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth, sink } = makeAuth({ store, limits: { signup: { account: false } } });
    const stranger = strangers();
    const spellings = ["ada@example.com", "ADA@example.com", "Ada@Example.COM", "aDa@eXample.com"];
    const calls = times(CALLERS, (index) =>
      auth.signup({ email: spellings[index % spellings.length] as string, password: PASSWORD }, stranger()),
    );
    expect(await tally(calls)).toEqual({ fulfilled: 1, email_taken: CALLERS - 1 });
    expect(verbs.filter((verb) => verb === "sessions.create")).toHaveLength(1);
    expect(sink.events.filter((event) => event.outcome === "success")).toHaveLength(1);
  });

  test("an internationalised domain and its punycode are one account", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const stranger = strangers();
    const emails = ["ada@bücher.example", "ada@BÜCHER.example", "ada@xn--bcher-kva.example"];
    const calls = emails.map((email) => auth.signup({ email, password: PASSWORD }, stranger()));
    expect(await tally(calls)).toEqual({ fulfilled: 1, email_taken: 2 });
  });

  test("50 parallel logouts of one token write one event, also if all of them found the session live", async () => {
    const { auth, sink } = makeAuth({ store: foundTogether(makeStore(), CALLERS) });
    const { accessToken } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    expect(await tally(times(CALLERS, () => auth.logout(accessToken)))).toEqual({ fulfilled: CALLERS });
    expect(sink.events.filter((event) => event.type === "logout")).toHaveLength(1);
  });

  test("of 50 who disable, enable or delete one user at once, one does, and one event tells of it", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    const written = () => successes(sink.events).slice(1);
    const all = (call: (id: string) => Promise<void>) => tally(times(CALLERS, () => call(user.id)));

    expect(await all(auth.users.disable)).toEqual({ fulfilled: CALLERS });
    expect(written()).toEqual(["disable"]);
    expect(await all(auth.users.enable)).toEqual({ fulfilled: CALLERS });
    expect(written()).toEqual(["disable", "enable"]);
    expect(await all(auth.users.delete)).toEqual({ fulfilled: 1, not_found: CALLERS - 1 });
    expect(written()).toEqual(["disable", "enable", "delete"]);
  });

  test("a deletion among 50 changes of the same user happens once, and none comes after it", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
    const { user } = await auth.signup({ email: EMAIL, password: PASSWORD }, CLIENT);
    const verbs = [auth.users.disable, auth.users.delete, auth.users.enable];
    const ends = await tally(
      times(CALLERS, (index) => (verbs[index % 3] as typeof auth.users.delete)(user.id)),
    );
    expect(
      Object.keys(ends).filter((end) => !["fulfilled", "not_found", "unavailable"].includes(end)),
    ).toEqual([]);
    await codeOf(auth.users.delete(user.id));
    const types = successes(sink.events);
    expect(types.filter((type) => type === "delete")).toHaveLength(1);
    expect(types.at(-1)).toBe("delete");
  });
});
