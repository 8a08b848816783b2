// Classes: non-atomic single use and uniqueness (better-auth GHSA-392p-2q2v-4372; four parallel signups of
// one email made four users in a memory adapter). The stores' own races: test/conformance.
import type { AuthEvent } from "sallyport";
import { describe, expect, test } from "vitest";
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

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("of 50 parallel signups with one email, in many spellings, one makes an account", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth, sink } = makeAuth({ store });
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

  test("50 parallel logouts of one token write one event", async () => {
    const { auth, sink } = makeAuth({ store: makeStore() });
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
