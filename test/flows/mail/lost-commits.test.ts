// A mail counts only if it was stored: neither an outage nor calls that lose spend what an owner may be sent.
import type { AuthOptions, LoginChallenge, SignedIn } from "sallyport";
import { describe, expect, test } from "vitest";
import { codeOf, EMAIL, makeAuth, PASSWORD, STORES, tally, times } from "../../support/harness.ts";
import { interceptStore } from "../../support/intercept-store.ts";
import { makeMailAuth, NEXT, noLimits } from "../../support/mailbox.ts";

const HERE = { ip: null };
const FREE = "grace@example.com";
const right = { email: EMAIL, password: PASSWORD };
/** One mail of each purpose for an address. */
const limits = { ...noLimits, mail: { ...noLimits.mail, account: "1/1d" } } as const;

describe.each(STORES)("on %s", (_name, makeStore) => {
  /** Ada, whose address was never proven, and an application whose store fails while it is told to. */
  async function staged(options: Partial<AuthOptions> = {}) {
    const inner = makeStore();
    const state = { isBroken: false };
    const store = interceptStore(inner, (verb) => {
      if (verb === "commit" && state.isBroken) throw new TypeError("away");
    });
    const before = makeAuth({ store: inner });
    const ada: SignedIn = await before.auth.signup(right, HERE);
    const mailing = makeMailAuth({ store, clock: before.clock, limits, ...options });
    const inAnOutage = async (call: () => Promise<unknown>): Promise<string[]> => {
      state.isBroken = true;
      const codes = [await codeOf(call()), await codeOf(call())];
      state.isBroken = false;
      return codes;
    };
    return { ...mailing, before, ada, inAnOutage };
  }
  type Staged = Awaited<ReturnType<typeof staged>>;

  interface Case {
    readonly name: string;
    readonly prepare: (stage: Staged) => () => Promise<unknown>;
    readonly options?: Partial<AuthOptions>;
  }

  const CASES: readonly Case[] = [
    { name: "a signup", prepare: (stage) => () => stage.ask(FREE) },
    {
      name: "a reset",
      prepare: (stage) => () => stage.auth.password.requestReset({ email: EMAIL }, HERE),
    },
    { name: "a login that waits for a mail", prepare: (stage) => () => stage.auth.login(right, HERE) },
    {
      name: "a verification",
      prepare: (stage) => () => stage.auth.email.requestVerification(stage.ada.accessToken, HERE),
    },
    {
      name: "a signup that verifies later",
      prepare: (stage) => () => stage.rawSignup({ email: FREE, password: PASSWORD }, HERE),
      options: { email: { verification: "later" } },
    },
  ];

  test.each(CASES)("$name in an outage uses up no mail", async ({ prepare, options = {} }) => {
    const stage = await staged(options);
    const call = prepare(stage);
    expect(await stage.inAnOutage(call)).toEqual(["unavailable", "unavailable"]);
    stage.sink.clear();
    expect(await codeOf(call())).toBe("fulfilled");
    expect(stage.sink.events.map(({ data }) => data)).toEqual([null]); // not beyond the budget
    expect(await stage.arrive()).toHaveLength(1);
  });

  test("a resend in an outage uses up neither those of its mail nor those of the address", async () => {
    const mail = { ...noLimits.mail, account: "2/1d" } as const;
    const { auth, arrive, ask, inAnOutage } = await staged({ limits: { ...noLimits, mail } });
    const { challengeToken } = await ask(FREE);
    const again = () => auth.mail.resend({ challengeToken }, HERE);
    await inAnOutage(again);
    await inAnOutage(again);
    await arrive();
    expect(await codeOf(again())).toBe("fulfilled");
    expect(await arrive()).toHaveLength(1);
  });

  test("an outage uses up no notice, and neither do calls that lose", async () => {
    const stage = await staged({ limits: noLimits });
    const { auth, arrive, store, ada, inAnOutage } = stage;
    await store.users.verify(ada.user.id as never, 0, stage.clock.now());
    for (const _ of times(6, Number)) await inAnOutage(() => auth.login(right, HERE));
    // Of many resets by one link one wins, and the others have counted a notice each.
    const { mail } = await stage.reset(EMAIL);
    const resets = times(9, () => auth.password.reset({ link: mail.link, password: NEXT }, HERE));
    expect(await tally(resets)).toEqual({ fulfilled: 1, invalid_code: 8 });
    expect((await arrive()).map(({ kind }) => kind)).toEqual(["password_changed"]);
    for (const _ of times(9, Number)) await auth.login({ ...right, password: NEXT }, HERE);
    const kinds = (await arrive()).map(({ kind }) => kind);
    expect(kinds).toEqual(times(9, () => "new_device"));
    await auth.login({ ...right, password: NEXT }, HERE);
    expect(await arrive()).toEqual([]); // ten a day
  });

  test("what was stored stays counted", async () => {
    const { auth, arrive } = await staged();
    const { challengeToken } = (await auth.login(right, HERE)) as unknown as LoginChallenge;
    expect(await arrive()).toHaveLength(1);
    await auth.login(right, HERE);
    await auth.mail.resend({ challengeToken }, HERE);
    expect(await arrive()).toEqual([]);
  });
});
