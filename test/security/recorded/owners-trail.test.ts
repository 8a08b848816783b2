// Classes: an intruder's login behind a flood of noise; attempts that no one sees; a trail that shows another owner's.
import type { AuthEvent, AuthStore, EventsPageInput, UserId } from "sallyport";
import { describe, expect, test } from "vitest";
import { noon, sampleEvent } from "../../../src/testing/store/samples.ts";
import {
  CLIENT,
  codeOf,
  EMAIL,
  makeAuth,
  PASSWORD,
  SECRET,
  STORES,
  strangers,
  times,
} from "../../support/harness.ts";
import { userOf } from "../../support/security-change.ts";

const right = { email: EMAIL, password: PASSWORD };
const wrong = { email: EMAIL, password: "wrong" };
const NEXT_SECRET = "kT8pV-2mZqR5xWc7LbNd4HgYsFuJe9aXo1GhDv3iKr6Q";
const noSignupLimit = { signup: { address: false } } as const;

/** Appends events in batches that every database takes. */
async function flood(store: AuthStore, events: readonly AuthEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += 500)
    await store.events.append(events.slice(from, from + 500));
}

/** What strangers can make: failed signups with the owner's email. */
function noise(userId: UserId, count: number): readonly AuthEvent[] {
  const failed = { type: "signup", outcome: "failure", reason: "email_taken", userId } as const;
  return times(count, (ms) =>
    sampleEvent({ ...failed, attemptedEmail: EMAIL, occurredAt: noon(60_000 + ms) }),
  );
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("attempts that the account's limit refused stand in the trail, with the address of the stranger", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    await auth.signup({ ...right, email: "eve@example.com" }, strangers()());
    const next = strangers();
    for (const _ of times(11, (i) => i)) await codeOf(auth.login(wrong, next()));
    const { events } = await auth.events.list(accessToken);
    expect(events).toHaveLength(12);
    expect(events[0]).toMatchObject({
      type: "login",
      outcome: "refused",
      reason: "rate_limited",
      sessionId: null,
      ip: "198.51.100.11",
      userAgent: "Stranger/1.0",
    });
    const { accessToken: hers } = (await auth.login({ ...right, email: "eve@example.com" }, CLIENT)) as {
      accessToken: string;
    };
    expect((await auth.events.list(hers)).events.map(({ type }) => type)).toEqual(["login", "signup"]);
  });

  test("attempts under an earlier secret stay in the trail after a rotation", async () => {
    const store = makeStore();
    const before = makeAuth({ store });
    const { refreshToken } = await before.auth.signup(right, CLIENT);
    const next = strangers();
    for (const _ of times(11, (i) => i)) await codeOf(before.auth.login(wrong, next()));
    before.clock.advance(1_000);
    const { auth } = makeAuth({ store, secret: [NEXT_SECRET, SECRET], clock: before.clock });
    const { accessToken } = await auth.refresh(refreshToken, CLIENT);
    for (const _ of times(11, (i) => i)) await codeOf(auth.login(wrong, next()));
    const { events } = await auth.events.list(accessToken, { outcome: ["refused"] });
    expect(events.map(({ ip }) => ip)).toEqual(["198.51.100.22", "198.51.100.11"]);
  });

  test("refusals of addresses are not in the trail: any number of addresses could fill it", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    const one = strangers()();
    for (const _ of times(8, (i) => i)) await codeOf(auth.login(wrong, one));
    const { events } = await auth.events.list(accessToken);
    expect(events.map(({ outcome }) => outcome)).toEqual([...times(5, () => "failure"), "success"]);
  });

  test("the login of an intruder is found behind 1,500 events of a stranger", async () => {
    const { auth, store, clock } = makeAuth({ store: makeStore() });
    const { accessToken, user } = await auth.signup(right, CLIENT);
    const intruder = { ip: "198.51.100.66", userAgent: "Intruder/1.0" };
    clock.advance(1_000);
    await auth.login(right, intruder);
    await flood(store, noise(user.id, 1_500));
    const page = await auth.events.list(accessToken, { type: ["login", "signup"], outcome: ["success"] });
    expect(page.events).toMatchObject([{ type: "login", ...intruder }, { type: "signup" }]);
    expect(page.nextCursor).toBeNull();
    const first = await auth.events.list(accessToken, { outcome: ["success"], limit: 1 });
    expect(first.events).toMatchObject([intruder]);
    const second = await auth.events.list(accessToken, {
      outcome: ["success"],
      limit: 1,
      cursor: first.nextCursor ?? undefined,
    });
    expect([second.events.map(({ type }) => type), second.nextCursor]).toEqual([["signup"], null]);
  });

  test("a page with a filter searches 10,000 events, and its cursor goes on from there", async () => {
    const { auth, store } = makeAuth({ store: makeStore() });
    const { accessToken, user } = await auth.signup(right, CLIENT);
    await flood(store, noise(user.id, 10_000));
    const filter: EventsPageInput = { outcome: ["success"] };
    const first = await auth.events.list(accessToken, filter);
    expect(first.events).toEqual([]);
    const second = await auth.events.list(accessToken, { ...filter, cursor: first.nextCursor ?? "" });
    expect([second.events.map(({ type }) => type), second.nextCursor]).toEqual([["signup"], null]);
  });

  test("pages have each event and each attempt once", async () => {
    const { auth } = makeAuth({ store: makeStore() });
    const { accessToken } = await auth.signup(right, CLIENT);
    const next = strangers();
    for (const _ of times(13, (i) => i)) await codeOf(auth.login(wrong, next()));
    const whole = (await auth.events.list(accessToken)).events;
    const seen: unknown[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof auth.events.list>> = await auth.events.list(accessToken, {
        limit: 3,
        cursor,
      });
      seen.push(...page.events);
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(whole);
  });

  test("attempts at an email before it was the user's are not in the user's trail", async () => {
    const { auth, store, clock } = makeAuth({ store: makeStore(), limits: noSignupLimit });
    const trailOf = async (accessToken: string) =>
      (await auth.events.list(accessToken)).events.map(({ type, outcome }) => `${type}: ${outcome}`);
    const next = strangers();
    const refuse = async (email: string) => {
      for (const _ of times(11, (i) => i)) await codeOf(auth.login({ ...wrong, email }, next()));
      clock.advance(86_400_001);
    };
    await refuse(EMAIL);
    const ada = await auth.signup(right, CLIENT);
    expect(await trailOf(ada.accessToken)).toEqual(["signup: success"]);
    await refuse(EMAIL);
    await auth.users.delete(ada.user.id);
    clock.advance(1);
    const eve = await auth.signup(right, CLIENT);
    expect(await trailOf(eve.accessToken)).toEqual(["signup: success"]);

    // The email of Bob becomes Eve's.
    await refuse("bob@example.com");
    const moved = {
      email: "bob@example.com",
      emailCanonical: "bob@example.com",
      emailVerifiedAt: clock.now(),
    };
    const { id, epoch } = await userOf(store, EMAIL);
    const { refreshToken } = eve;
    expect(await store.users.change(id, epoch, { ...moved, at: clock.now() })).toBe("changed");
    const { accessToken } = await auth.refresh(refreshToken, CLIENT);
    expect(await trailOf(accessToken)).toEqual(["signup: success"]);
  });
});

test("a filter takes words of the closed lists, and no other", async () => {
  const { auth } = makeAuth();
  const { accessToken } = await auth.signup(right, CLIENT);
  const tooMany = times(30, () => "login");
  for (const page of [
    { type: ["logins"] },
    { type: ["login", "x"] },
    { type: ["delete"] }, // in no user's trail
    { type: [] },
    { type: tooMany },
    { type: "login" },
    { type: { 0: "login", length: 1 } },
    { type: null },
    { outcome: ["won"] },
    { outcome: [] },
    { outcome: "success" },
    { outcome: [["success"]] },
    { outcomes: ["success"] },
    { outcome: ["' or 1=1 --"] },
    { outcome: ["__proto__"] },
  ]) {
    expect(await codeOf(auth.events.list(accessToken, page as never))).toBe("invalid_input");
  }
  expect(await codeOf(auth.events.list(accessToken, { type: ["login", "login"] }))).toBe("fulfilled");
});
