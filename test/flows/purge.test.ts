import type { AuthStore, PurgeResult, UserId } from "sallyport";
import { afterEach, describe, expect, test, vi } from "vitest";
import { deleteInBatches } from "../../src/lib/in-batches.ts";
import {
  sampleEvent,
  sampleMail,
  sampleProof,
  sampleSession,
  sampleToken,
} from "../../src/testing/store/samples.ts";
import { CALLERS, CLIENT, codeOf, EMAIL, makeAuth, PASSWORD, STORES, times } from "../support/harness.ts";
import { countVerbs } from "../support/intercept-store.ts";

const right = { email: EMAIL, password: PASSWORD };
const LONG_AGO = new Date("2020-01-01T00:00:00.000Z");

afterEach(() => vi.restoreAllMocks());

/** As many dead events, sessions and tokens of the user. */
async function addDead(store: AuthStore, userId: UserId, count: number): Promise<void> {
  const addSome = (some: number): Promise<void> =>
    store.transaction(async (tx) => {
      for (let row = 0; row < some; row++) {
        await tx.sessions.create(sampleSession({ userId, expiresAt: LONG_AGO }));
        await tx.tokens.issue(sampleToken({ userId, expiresAt: LONG_AGO }));
      }
      await tx.events.append(times(some, () => sampleEvent({ userId, occurredAt: LONG_AGO })));
    });
  for (let left = count; left > 0; left -= 100) await addSome(Math.min(left, 100)); // a transaction has a bound
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  async function ready(deadRows = 0, store = makeStore()) {
    const harness = makeAuth({ store });
    const signedUp = await harness.auth.signup(right, CLIENT);
    if (deadRows > 0) await addDead(store, signedUp.user.id, deadRows);
    return { ...harness, ...signedUp };
  }

  test("events go after 180 days and ended sessions after 30, and not a moment before", async () => {
    const { auth, store, clock, user, session } = await ready();
    const other = await auth.login(right, CLIENT);
    if (other.status !== "signed_in") throw new TypeError("No session");
    await auth.logout(other.accessToken);

    clock.advance("30d");
    expect(await auth.purge()).toEqual({ deleted: 0, more: false });
    clock.advance("1ms"); // revoked 30 days ago; the first one ends by itself now
    expect(await auth.purge()).toEqual({ deleted: 1, more: false });
    expect(await store.sessions.find(other.session.id)).toBeNull();
    expect(await store.sessions.find(session.id)).not.toBeNull();
    clock.advance("30d");
    expect(await auth.purge()).toEqual({ deleted: 1, more: false });

    clock.advance("120d");
    const events = () => store.events.list({ userId: user.id, limit: 10 });
    expect(await events()).toHaveLength(3);
    expect(await auth.purge()).toEqual({ deleted: 3, more: false });
    expect(await events()).toEqual([]);
    expect(await codeOf(auth.login(right, CLIENT))).toBe("fulfilled"); // users stay
  });

  test("retention says otherwise where it is set; 0 keeps no ended session", async () => {
    const { auth, clock, store } = makeAuth({
      store: makeStore(),
      retention: { events: "1d", endedSessions: 0 },
    });
    const { accessToken, user } = await auth.signup(right, CLIENT);
    const second = await auth.login(right, CLIENT);
    await auth.logout(accessToken);
    clock.advance("1ms");
    expect(await auth.purge()).toEqual({ deleted: 1, more: false });
    if (second.status !== "signed_in") throw new TypeError("No session");
    expect(await codeOf(auth.verifyToken(second.accessToken))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.logout(accessToken))).toBe("fulfilled");
    clock.advance("1d");
    await auth.purge();
    expect(await store.events.list({ userId: user.id, limit: 10 })).toEqual([]);
  });

  test("mail that was given up goes after 7 days or as retention says, and expired proofs at once", async () => {
    const { auth, store, clock } = await ready();
    const now = clock.now();
    const waiting = sampleMail({ dueAt: now });
    await store.outbox.put([sampleMail({ deadAt: now }), waiting]);
    await store.proofs.open(sampleProof({ expiresAt: now }));
    await store.proofs.open(sampleProof({ expiresAt: new Date(now.getTime() + 1) }));
    expect(await auth.purge()).toEqual({ deleted: 1, more: false });
    clock.advance("7d");
    expect(await auth.purge()).toEqual({ deleted: 1, more: false }); // the other proof
    clock.advance("1ms");
    expect(await auth.purge()).toEqual({ deleted: 1, more: false });
    expect(await store.outbox.oldest(clock.now())).toEqual(waiting.dueAt);

    const strict = makeAuth({ store, clock, retention: { deadMail: 0 } });
    await store.outbox.put([sampleMail({ deadAt: clock.now() })]);
    clock.advance("1ms");
    expect(await strict.auth.purge()).toEqual({ deleted: 1, more: false });
  });

  test("a clock that was 400 days ahead for a moment keeps later events no longer, and purge tells", async () => {
    const { auth, store, clock, user } = await ready();
    clock.advance("400d");
    await codeOf(auth.login({ ...right, password: "wrong" }, CLIENT));
    clock.set(new Date("2026-01-01T12:00:01.000Z"));
    await codeOf(auth.login({ ...right, password: "wrong" }, CLIENT));
    clock.advance("181d");
    expect(await auth.purge()).toEqual({ deleted: 3, more: false, ahead: 1 }); // two events, and the session
    expect(await store.events.list({ userId: user.id, limit: 10 })).toHaveLength(1);
  });

  test("any number of rows goes, in bounded batches", async () => {
    const { store, verbs } = countVerbs(makeStore());
    const { auth } = await ready(1_200, store);
    verbs.length = 0;
    expect(await auth.purge()).toEqual({ deleted: 3_600, more: false });
    expect(verbs).toEqual(["purge", "purge", "purge"]);
    expect(await auth.purge()).toEqual({ deleted: 0, more: false });
  });

  test("with its time up it stops after a batch, says so, and goes on when called again", async () => {
    const { auth } = await ready(1_200);
    expect(await auth.purge({ maxMs: 0 })).toEqual({ deleted: 1_500, more: true });
    expect(await auth.purge({ maxMs: 60_000 })).toEqual({ deleted: 2_100, more: false });
  });

  test("of 50 who purge at once each row goes once", async () => {
    const { auth, accessToken } = await ready(700);
    const answers = await Promise.all(times(CALLERS, () => auth.purge()));
    expect(answers.reduce((sum, { deleted }) => sum + deleted, 0)).toBe(2_100);
    expect(await auth.purge()).toEqual({ deleted: 0, more: false });
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("fulfilled");
  });
});

test("between two batches others have their turn", async () => {
  const turns: string[] = [];
  let batches = 0;
  const deleteBatch = async (): Promise<PurgeResult> => {
    turns.push("batch");
    setImmediate(() => turns.push("other"));
    return { deleted: 1, more: ++batches < 3 };
  };
  expect(await deleteInBatches({ deleteBatch })).toEqual({ deleted: 3, more: false });
  expect(turns).toEqual(["batch", "other", "batch", "other", "batch"]);
});

test("its time is measured, whatever the clock says", async () => {
  let elapsed = 5_000;
  vi.spyOn(performance, "now").mockImplementation(() => elapsed);
  const limits: number[] = [];
  const inner = makeAuth();
  const store: AuthStore = {
    ...inner.store,
    purge: async (_cutoffs, limit) => {
      limits.push(limit);
      elapsed += 400;
      inner.clock.advance("1d");
      return { deleted: limit, more: true };
    },
  };
  const { auth } = makeAuth({ store, clock: inner.clock });
  expect(await auth.purge({ maxMs: 1_000 })).toEqual({ deleted: 1_500, more: true });
  expect(limits).toEqual([500, 500, 500]);
});

test("an invalid time is refused before anything is deleted", async () => {
  const { store, verbs } = countVerbs(makeAuth().store);
  const { auth } = makeAuth({ store });
  for (const maxMs of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5m", null, [5], 2 ** 53]) {
    const error = await auth.purge({ maxMs } as never).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "invalid_input",
      errors: [{ path: "maxMs", code: "invalid_duration" }],
    });
  }
  expect(await codeOf(auth.purge({ maxMS: 5 } as never))).toBe("invalid_input");
  expect(verbs).toEqual([]);
  expect(await auth.purge({ maxMs: undefined })).toEqual({ deleted: 0, more: false });
});
