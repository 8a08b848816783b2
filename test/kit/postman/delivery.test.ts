// A mail that waits is sent at least once, by one worker at a time, and never without an end.
import { type AuthStore, type Mail, type Mailer, memoryStore } from "sallyport";
import { unreliableStore } from "sallyport/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { LeaseId } from "../../../src/domain/ids.ts";
import { codeOf, EMAIL, makeAuth, STORES, times } from "../../support/harness.ts";
import { interceptStore } from "../../support/intercept-store.ts";
import { ask, type Mailing, makeMailing, proofNow, sendingBy, signUp } from "../../support/mail.ts";

afterEach(() => void vi.useRealTimers());

const FREE = "grace@example.com";
const EVER = new Date("2999-01-01");
const DAY = 24 * 3_600_000;

/** A mailer that throws what it is given, and counts. Null: it accepts. */
function moody(mood: (mail: Mail) => unknown): Mailer & { readonly seen: Mail[] } {
  const seen: Mail[] = [];
  return {
    seen,
    async send(mail) {
      seen.push(mail);
      const error = mood(mail);
      if (error !== null) throw error;
    },
  };
}

function failure(fields: object = {}): Error {
  return Object.assign(new TypeError("550 ada@example.com is over quota"), fields);
}

/** A mailer that has a mail in hand and does not answer, until it is told to accept. */
function busyMailer(): { readonly send: Mailer["send"]; readonly begun: Promise<void>; accept(): void } {
  const begun = Promise.withResolvers<void>();
  const accepted = Promise.withResolvers<void>();
  const send = (): Promise<void> => {
    begun.resolve();
    return accepted.promise;
  };
  return { send, begun: begun.promise, accept: accepted.resolve };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets what is under way go on: stores and calls give the event loop a turn now and then. */
async function quiet(): Promise<void> {
  for (const _ of times(50, () => 0)) await settled();
}

/** Lets time pass on the fake timers, and what is under way go on between two steps. */
async function pass(ms: number, step = 500): Promise<void> {
  await quiet();
  for (let left = ms; left > 0; left -= step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, left));
    await quiet();
  }
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  test("a mail that is not accepted is due again after 5 s, 15 s, 1 min, 4 min, 15 min, 1 h, 3 h, and then given up", async () => {
    const mailer = moody(() => failure({ code: "ECONNECTION" }));
    const { auth, ctx, clock, sink, errors, store } = makeAuth({ store: makeStore(), ...sendingBy(mailer) });
    const { mail } = await ask(ctx, { purpose: "signup", ttl: 7 * DAY });
    for (const seconds of [5, 15, 60, 240, 900, 3_600, 10_800]) {
      expect(await auth.mail.deliver()).toEqual({ sent: 0, failed: 1, more: false });
      const due = (await store.outbox.oldest(EVER)) as Date;
      const wait = (due.getTime() - clock.now().getTime()) / 1_000;
      expect(wait).toBeGreaterThanOrEqual(seconds * 0.8);
      expect(wait).toBeLessThanOrEqual(seconds * 1.2);
      clock.set(new Date(due.getTime() - 1));
      expect(await auth.mail.deliver()).toEqual({ sent: 0, failed: 0, more: false });
      clock.set(due);
    }
    await settled();
    // Told once that the mailer fails, and no word of it.
    const outage = { code: "unavailable", message: expect.stringContaining("failed 3 times in a row") };
    expect(errors.splice(0)).toMatchObject([{ ...outage, cause: { code: "ECONNECTION" } }]);
    expect(sink.events).toEqual([]);
    expect(await auth.mail.deliver()).toEqual({ sent: 0, failed: 1, more: false });
    expect(await store.outbox.oldest(EVER)).toBeNull();
    await settled();
    const data = { kind: "signup", attempts: 8, code: "ECONNECTION" };
    expect(sink.events).toMatchObject([{ type: "mail", outcome: "failure", reason: "undeliverable", data }]);
    expect(errors).toMatchObject([{ code: "unavailable", cause: { id: mail.id, ...data } }]);
    // Each try had the same id and link.
    expect(mailer.seen).toHaveLength(8);
    for (const field of ["id", "link", "to"] as const)
      expect(new Set(mailer.seen.map((sent) => sent[field])).size).toBe(1);
    // A code counts for ten minutes. A mail that comes later has the link alone.
    const codes = mailer.seen.map(({ code }) => code);
    expect(new Set(codes.slice(0, 5)).size).toBe(1);
    expect([codes[0], ...codes.slice(5)]).toEqual([expect.stringMatching(/^\d{6}$/), null, null, null]);
    const { mails } = await auth.mail.dead();
    expect(mails).toEqual([
      {
        id: mail.id,
        kind: "signup",
        recipient: EMAIL,
        attempts: 8,
        createdAt: mail.createdAt,
        diedAt: clock.now(),
      },
    ]);
  });

  test("a permanent failure is given up at once; of the error only code and status are kept", async () => {
    const error = failure({
      permanent: true,
      code: "EENVELOPE",
      responseCode: 550,
      response: "550 ada@example.com",
    });
    const { auth, ctx, sink, errors } = makeAuth({ store: makeStore(), ...sendingBy(moody(() => error)) });
    await ask(ctx, { purpose: "signup" });
    expect(await auth.mail.deliver()).toMatchObject({ failed: 1 });
    await settled();
    expect(sink.events).toMatchObject([
      { data: { kind: "signup", attempts: 1, code: "EENVELOPE", status: 550 } },
    ]);
    expect(JSON.stringify([sink.events, errors, await auth.mail.dead()])).not.toContain("quota");
    expect(JSON.stringify(sink.events)).not.toContain(EMAIL);
  });

  test("texts in place of code and status are not kept", async () => {
    const error = failure({ permanent: true, code: "550 ada@example.com", responseCode: "ada@example.com" });
    const { auth, ctx, sink } = makeAuth({ store: makeStore(), ...sendingBy(moody(() => error)) });
    await ask(ctx, { purpose: "signup" });
    await auth.mail.deliver();
    expect(sink.events).toMatchObject([{ data: { kind: "signup", attempts: 1 } }]);
    expect(sink.events[0]?.data).not.toHaveProperty("code");
    expect(sink.events[0]?.data).not.toHaveProperty("status");
  });

  test("a mail whose link would have ended before the next try is given up", async () => {
    const { auth, ctx, sink } = makeAuth({ store: makeStore(), ...sendingBy(moody(() => failure())) });
    await ask(ctx, { purpose: "signup", ttl: 3_000 });
    expect(await auth.mail.deliver()).toMatchObject({ failed: 1 });
    expect(sink.events).toMatchObject([{ reason: "undeliverable" }]);
  });

  test("a mail that was given up can be retried: its link is still the same", async () => {
    let error: unknown = failure({ permanent: true });
    const mailer = moody(() => error);
    const { auth, ctx } = makeAuth({ store: makeStore(), ...sendingBy(mailer) });
    const { mail } = await ask(ctx, { purpose: "signup" });
    await auth.mail.deliver();
    error = null;
    expect(await auth.mail.deliver()).toEqual({ sent: 0, failed: 0, more: false });
    await auth.mail.retry(mail.id);
    expect(await auth.mail.deliver()).toEqual({ sent: 1, failed: 0, more: false });
    expect(mailer.seen[1]).toEqual(mailer.seen[0]);
    expect(await auth.mail.dead()).toEqual({ mails: [], nextCursor: null });
    for (const id of [mail.id, "018f0000-0000-7000-8000-000000000000", "1 or 1=1", 7 as never])
      expect(await codeOf(auth.mail.retry(id))).toBe("not_found");
  });

  test("a mailer that fails is told after the third failure in a row, once, until it accepts a mail", async () => {
    const moods: (object | null)[] = [];
    const mailer = moody(() => moods.shift() ?? null);
    const { auth, ctx, errors } = makeAuth({ store: makeStore(), ...sendingBy(mailer) });
    const toldAfter = async (...said: (object | null)[]): Promise<number> => {
      for (const mood of said) {
        moods.push(mood);
        await ask(ctx, { purpose: "signup", email: FREE });
        await auth.mail.deliver();
      }
      await settled();
      return errors.splice(0).filter((error) => String(error).includes("in a row")).length;
    };
    const away = failure({ code: "EAUTH" });
    expect(await toldAfter(away, away)).toBe(0);
    expect(await toldAfter(null, away, away)).toBe(0);
    expect(await toldAfter(failure({ permanent: true }))).toBe(0); // of one mail
    expect(await toldAfter(away)).toBe(1);
    expect(await toldAfter(away, away, away, away)).toBe(0);
    expect(await toldAfter(null, away, away, away)).toBe(1);
  });

  test("mail that was given up is listed in pages, newest first", async () => {
    const { auth, ctx, clock } = makeAuth({
      store: makeStore(),
      ...sendingBy(moody(() => failure({ permanent: true }))),
    });
    const ids: string[] = [];
    for (const _ of times(7, () => 0)) {
      ids.unshift((await ask(ctx, { purpose: "signup" })).mail.id);
      clock.advance("1s");
    }
    await auth.mail.deliver();
    const pages: string[][] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await auth.mail.dead(cursor ? { limit: 3, cursor } : { limit: 3 });
      pages.push(page.mails.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(ids);
    for (const page of [{ limit: 0 }, { limit: 101 }, { cursor: "x" }, { page: 1 }, [] as never])
      expect(await codeOf(auth.mail.dead(page as never))).toBe("invalid_input");
  });

  test("a mail that 8 workers claimed and did not settle is tried once more, and then given up", async () => {
    const mailer = moody(() => failure());
    const { auth, ctx, clock, store } = makeAuth({ store: makeStore(), ...sendingBy(mailer) });
    await ask(ctx, { purpose: "signup", ttl: DAY });
    for (const _ of times(8, () => 0)) {
      const now = clock.now();
      const until = new Date(now.getTime() + 120_000);
      const lease = ctx.newId<LeaseId>(now);
      await store.outbox.claim({ audience: "sallyport", now, until, limit: 5, lease });
      clock.set(until);
    }
    expect(await auth.mail.deliver()).toMatchObject({ failed: 1 });
    expect((await auth.mail.dead()).mails).toHaveLength(1);
  });

  test("it sends five at once and no more, and goes on until no mail is due", async () => {
    let now = 0;
    let most = 0;
    const mailer: Mailer = {
      async send() {
        most = Math.max(most, ++now);
        await settled();
        now--;
      },
    };
    const { auth, ctx } = makeAuth({ store: makeStore(), ...sendingBy(mailer) });
    await Promise.all(times(23, (index) => ask(ctx, { purpose: "signup", email: `a${index}@example.com` })));
    expect(await auth.mail.deliver()).toEqual({ sent: 23, failed: 0, more: false });
    expect(most).toBe(5);
  });

  test("with maxMs the first mails go out, and then it says that there may be more", async () => {
    const mailing = makeMailing({ store: makeStore() });
    await Promise.all(times(12, () => ask(mailing.ctx, { purpose: "signup" })));
    expect(await mailing.auth.mail.deliver({ maxMs: 0 })).toEqual({ sent: 5, failed: 0, more: true });
    expect(await mailing.auth.mail.deliver()).toEqual({ sent: 7, failed: 0, more: false });
    for (const options of [{ maxMs: -1 }, { maxMs: 0.5 }, { maxMs: "1" }, { ms: 1 }, [], new Map()])
      expect(await codeOf(mailing.auth.mail.deliver(options as never))).toBe("invalid_input");
  });

  test("50 callers at once send each mail once", async () => {
    const mailing = makeMailing({ store: makeStore() });
    await Promise.all(
      times(30, (index) => ask(mailing.ctx, { purpose: "signup", email: `a${index}@example.com` })),
    );
    const results = await Promise.all(times(50, () => mailing.auth.mail.deliver()));
    expect(results.reduce((sum, { sent }) => sum + sent, 0)).toBe(30);
    expect(new Set(mailing.mailer.all.map(({ id }) => id)).size).toBe(30);
    expect(mailing.mailer.all).toHaveLength(30);
  });

  test("a worker that lost its claim settles nothing, and leaves no event", async () => {
    const store = makeStore();
    const other = makeMailing({ store });
    const slow: Mailer = {
      // The claim runs out while this sends, and another worker sends the mail.
      async send() {
        clock.advance("121s");
        other.clock.set(clock.now());
        await other.auth.mail.deliver();
      },
    };
    const { auth, ctx, clock, sink } = makeAuth({ store, ...sendingBy(slow) });
    const { mail } = await ask(ctx, { purpose: "signup" });
    await auth.mail.deliver();
    expect(other.mailer.all.map(({ id }) => id)).toEqual([mail.id]);
    expect(sink.events).toEqual([]);
    expect(other.sink.events).toHaveLength(1);
    expect(await store.outbox.oldest(EVER)).toBeNull();
  });

  test("a worker whose claim is nearly over sends nothing: another one would send it too", async () => {
    const mailing = makeMailing({ store: makeStore() });
    const { ctx, clock, auth, mailer, store } = mailing;
    await ask(ctx, { purpose: "signup" });
    const late: AuthStore = {
      ...store,
      outbox: {
        ...store.outbox,
        // The process stood still after its claim.
        claim: async (claim) => {
          const mails = await store.outbox.claim(claim);
          if (mails.length > 0) clock.advance("91s");
          return mails;
        },
      },
    };
    const slow = makeAuth({ store: late, clock, ...sendingBy(mailer) });
    expect(await slow.auth.mail.deliver({ maxMs: 0 })).toMatchObject({ sent: 0, failed: 0 });
    expect(mailer.all).toEqual([]);
    expect(await auth.mail.deliver()).toMatchObject({ sent: 1 });
  });

  test("an event that cannot be stored settles nothing: the mail goes out again, with the same id", async () => {
    let isBroken = true;
    const store = interceptStore(makeStore(), (verb) => {
      if (verb === "events.append" && isBroken) throw new TypeError("no room for events");
    });
    const { auth, ctx, clock, mailer, sink } = makeMailing({ store });
    await ask(ctx, { purpose: "signup" });
    expect(await codeOf(auth.mail.deliver())).toBe("unavailable");
    expect(await auth.mail.deliver()).toEqual({ sent: 0, failed: 0, more: false });
    clock.advance("2m");
    isBroken = false;
    expect(await auth.mail.deliver()).toEqual({ sent: 1, failed: 0, more: false });
    expect(mailer.all).toHaveLength(2);
    expect(mailer.all[1]).toEqual(mailer.all[0]);
    expect(sink.events).toHaveLength(1);
  });

  test("a user who is deleted while the mail is sent does not bring it back", async () => {
    const store = makeStore();
    const first = makeMailing({ store });
    const user = await signUp(first);
    let isOver = false;
    const mailer: Mailer = {
      async send() {
        await first.auth.users.delete(user.id);
        isOver = true;
      },
    };
    const { auth, ctx, sink } = makeAuth({ store, clock: first.clock, ...sendingBy(mailer) });
    await ask(ctx);
    expect(await auth.mail.deliver()).toEqual({ sent: 1, failed: 0, more: false });
    expect(isOver).toBe(true);
    expect(await store.outbox.oldest(EVER)).toBeNull();
    expect(sink.events).toMatchObject([{ type: "mail", outcome: "success", userId: null }]);
    expect(sink.events[0]?.attemptedEmail).toMatch(/^hmac:/);
  });

  test("a template that throws is told at once and once, and the mail goes out once it is fixed", async () => {
    let isFixed = false;
    const signup = () => {
      if (!isFixed) throw new TypeError("no such word");
      return { subject: "Hallo", text: "Hallo", html: "<p>Hallo</p>" };
    };
    const mailing = makeMailing({ store: makeStore() }, { templates: { en: { signup } } });
    await ask(mailing.ctx, { purpose: "signup" });
    await ask(mailing.ctx, { purpose: "signup", email: FREE });
    expect(await mailing.auth.mail.deliver()).toEqual({ sent: 0, failed: 2, more: false });
    await settled();
    expect(mailing.errors).toMatchObject([
      { code: "internal_error", message: expect.stringContaining("The template signup (en) failed") },
    ]);
    mailing.clock.advance("10s");
    expect(await mailing.auth.mail.deliver()).toMatchObject({ failed: 2 });
    isFixed = true;
    mailing.clock.advance("30s");
    expect(await mailing.auth.mail.deliver()).toEqual({ sent: 2, failed: 0, more: false });
    expect(mailing.mailer.last(EMAIL)?.subject).toBe("Hallo");
    expect(mailing.errors).toHaveLength(1);
  });

  test("a store that fails at any step loses no mail, and sends none twice in one claim", async () => {
    for (let at = 1; ; at++) {
      let countdown = Number.POSITIVE_INFINITY;
      const store = interceptStore(makeStore(), () => {
        if (--countdown === 0) throw new TypeError("away");
      });
      const mailing = makeMailing({ store });
      const { auth, ctx, clock, mailer } = mailing;
      await signUp(mailing);
      const asked = await ask(ctx);
      countdown = at;
      const first = await codeOf(auth.mail.deliver());
      const wasReached = countdown <= 0;
      countdown = Number.POSITIVE_INFINITY;
      expect(mailer.all.length).toBeLessThanOrEqual(1);
      clock.advance("2m");
      await auth.mail.deliver();
      expect(mailer.all.length).toBeGreaterThanOrEqual(1);
      expect(new Set(mailer.all.map(({ id, link }) => `${id} ${link}`)).size).toBe(1);
      expect(await store.outbox.oldest(EVER)).toBeNull();
      expect((await proofNow(ctx, asked)).sentAt).not.toBeNull();
      expect(first).toBe(wasReached ? "unavailable" : "fulfilled");
      if (!wasReached) break;
      expect(at).toBeLessThan(40);
    }
  });
});

test("a mailer that hangs has 30 seconds for a mail", async () => {
  const { send, begun } = busyMailer();
  const { auth, ctx, clock, store } = makeAuth(sendingBy({ send }));
  await ask(ctx, { purpose: "signup" });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  let result: unknown = "none yet";
  const delivered = auth.mail.deliver().then((done) => {
    result = done;
  });
  await begun;
  await pass(29_999, 29_999);
  expect(result).toBe("none yet");
  await pass(1);
  await delivered;
  expect(result).toEqual({ sent: 0, failed: 1, more: false });
  expect((await store.outbox.oldest(EVER))?.getTime()).toBeLessThan(clock.now().getTime() + 7_000);
});

test("a mailer that throws at once is a failed delivery", async () => {
  const mailer: Mailer = {
    send: () => {
      throw failure();
    },
  };
  const { auth, ctx } = makeAuth(sendingBy(mailer));
  await ask(ctx, { purpose: "signup" });
  expect(await auth.mail.deliver()).toEqual({ sent: 0, failed: 1, more: false });
});

test("without a mailer there is nothing to deliver with", async () => {
  const { auth } = makeAuth();
  expect(auth.mail.enabled).toBe(false);
  expect(await codeOf(auth.mail.deliver())).toBe("invalid_configuration");
  expect(await auth.mail.dead()).toEqual({ mails: [], nextCursor: null });
  expect(makeMailing().auth.mail.enabled).toBe(true);
});

describe("the loop of the process", () => {
  const TIMERS = ["setTimeout", "clearTimeout"] as const;

  function looping(options = {}): Mailing {
    vi.useFakeTimers({ toFake: [...TIMERS] });
    return makeMailing(options, { delivery: "in-process" });
  }

  const SLOW_LOOK = 6_000;

  test("it sends what is due by itself, rests, and looks again", async () => {
    const { ctx, clock, mailer, auth } = looping();
    await ask(ctx, { purpose: "signup" });
    clock.advance("2s");
    await pass(2_000);
    expect(mailer.all).toHaveLength(1);
    await ask(ctx, { purpose: "signup", email: FREE });
    clock.advance("2s");
    await pass(2_000);
    expect(mailer.all).toHaveLength(2);
    // No mail for two looks. Then it looks every five seconds.
    await pass(2 * SLOW_LOOK);
    await ask(ctx, { purpose: "signup", email: FREE });
    clock.advance("2s");
    await pass(SLOW_LOOK);
    expect(mailer.all).toHaveLength(3);
    await auth.close();
  });

  test("with manual delivery there is no loop", async () => {
    const { auth } = looping();
    expect(vi.getTimerCount()).toBe(1);
    const manual = makeMailing();
    expect(vi.getTimerCount()).toBe(1);
    await ask(manual.ctx, { purpose: "signup" });
    await pass(60_000);
    expect(manual.mailer.all).toEqual([]);
    await auth.close();
  });

  test("a store that is away is reported once, and the loop goes on when it is back", async () => {
    const { store, fail, recover } = unreliableStore(memoryStore());
    const { ctx, clock, mailer, errors, auth } = looping({ store });
    await ask(ctx, { purpose: "signup" });
    clock.advance("2s");
    fail();
    await pass(5 * SLOW_LOOK);
    expect(errors).toMatchObject([{ code: "unavailable" }]);
    recover();
    await pass(SLOW_LOOK);
    expect(mailer.all).toHaveLength(1);
    await auth.close();
  });

  test("after close it claims nothing more", async () => {
    const { ctx, clock, mailer, auth } = looping();
    await ask(ctx, { purpose: "signup" });
    clock.advance("2s");
    await auth.close();
    expect(vi.getTimerCount()).toBe(0);
    await pass(60_000);
    expect(mailer.all).toEqual([]);
  });
});

describe("close", () => {
  test("waits for a mail that is being sent, settles it, and closes the mailer", async () => {
    const order: string[] = [];
    const { send, begun, accept } = busyMailer();
    const mailer: Mailer = { send, close: async () => void order.push("closed") };
    const inner = memoryStore();
    const store: AuthStore = { ...inner, close: async () => void order.push("store") };
    const { auth, ctx } = makeAuth({ store, ...sendingBy(mailer) });
    await ask(ctx, { purpose: "signup" });
    const delivered = auth.mail.deliver();
    await begun;
    const closed = auth.close();
    await quiet();
    expect(order).toEqual([]);
    order.push("sent");
    accept();
    await closed;
    expect(await delivered).toMatchObject({ sent: 1 });
    expect(order).toEqual(["sent", "closed", "store"]);
    expect(await inner.outbox.oldest(EVER)).toBeNull();
  });

  test("waits five seconds for a mailer that hangs, and the mail is sent by the next process", async () => {
    const { send, begun } = busyMailer();
    const hanging: Mailer = { send, close: () => Promise.reject(new TypeError("no")) };
    const inner = memoryStore();
    const store: AuthStore = { ...inner, close: async () => {} };
    const { auth, ctx, clock, errors } = makeAuth({ store, ...sendingBy(hanging) });
    await ask(ctx, { purpose: "signup" });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    void auth.mail.deliver().catch(() => {});
    await begun;
    let isClosed = false;
    const closing = auth.close().then(() => {
      isClosed = true;
    });
    await pass(4_999, 4_999);
    expect(isClosed).toBe(false);
    await pass(1);
    await closing;
    expect(errors.length).toBeGreaterThan(0);
    vi.useRealTimers();
    clock.advance("2m");
    const next = makeMailing({ store: inner, clock });
    expect(await next.auth.mail.deliver()).toMatchObject({ sent: 1 });
  });
});

describe("health", () => {
  test("mail is late once it has been due for five minutes, and the instance stays ready", async () => {
    const { auth, ctx, clock } = makeMailing();
    expect(await auth.health()).toMatchObject({ ready: true, mail: "up" });
    await ask(ctx, { purpose: "signup" });
    clock.advance(5 * 60_000 - 1);
    expect(await auth.health()).toMatchObject({ ready: true, mail: "up" });
    clock.advance(1);
    expect(await auth.health()).toMatchObject({ ready: true, mail: "late" });
    await auth.mail.deliver();
    expect(await auth.health()).toMatchObject({ mail: "up" });
  });

  test("without an answer it is down, and that alone stops no instance", async () => {
    const store = interceptStore(memoryStore(), (verb) => {
      if (verb === "outbox.oldest") throw new TypeError("no");
    });
    expect(await makeMailing({ store }).auth.health()).toMatchObject({
      ready: true,
      store: "up",
      mail: "down",
    });
  });
});
