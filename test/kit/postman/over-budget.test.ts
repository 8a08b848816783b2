// A stranger who uses up the mail budget of an address neither keeps its owner out nor makes more mail.
import { describe, expect, test } from "vitest";
import { EMAIL, STORES, times } from "../../support/harness.ts";
import { ask, type Mailing, makeMailing, proofNow, signUp } from "../../support/mail.ts";

const FREE = "grace@example.com";
const HOUR = 3_600_000;

async function deliver({ auth, mailer }: Mailing): Promise<readonly string[]> {
  const before = mailer.all.length;
  await auth.mail.deliver();
  return mailer.all.slice(before).map(({ kind }) => kind);
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (): Mailing => makeMailing({ store: makeStore() });

  describe.each([
    ["signup", FREE],
    ["password_reset", EMAIL],
  ] as const)("%s", (purpose, email) => {
    const beyond = { purpose, email, isOverBudget: true };

    test("the newest link that was mailed lives for another hour, and no further mail goes out", async () => {
      const mailing = make();
      const { ctx, clock } = mailing;
      await signUp(mailing);
      const older = await ask(ctx, { purpose, email });
      await deliver(mailing);
      clock.advance("50m");
      const newer = await ask(ctx, { purpose, email });
      await deliver(mailing);
      clock.advance("50m");
      const unsent = await ask(ctx, beyond);
      expect(await deliver(mailing)).toEqual([]);
      expect((await proofNow(ctx, newer)).expiresAt.getTime()).toBe(clock.now().getTime() + HOUR);
      await expect(proofNow(ctx, older)).rejects.toThrow("gone");
      // The proof of this request is of no use: nothing of the address stays in it.
      expect(await proofNow(ctx, unsent)).toMatchObject({ emailCanonical: "", data: "{}", userId: null });
    });

    test("it can be renewed for a day after its mail, also if it had ended, and then a new one goes out", async () => {
      const mailing = make();
      const { ctx, clock } = mailing;
      await signUp(mailing);
      const first = await ask(ctx, { purpose, email });
      await deliver(mailing);
      clock.advance("23h");
      await ask(ctx, beyond);
      expect(await deliver(mailing)).toEqual([]);
      expect((await proofNow(ctx, first)).expiresAt.getTime()).toBe(clock.now().getTime() + HOUR);
      clock.advance("61m");
      await ask(ctx, beyond);
      expect(await deliver(mailing)).toEqual([purpose]);
      await ask(ctx, beyond);
      expect(await deliver(mailing)).toEqual([]);
    });

    test("of many requests at once, one goes out where no link works, and then none", async () => {
      const mailing = make();
      await signUp(mailing);
      await Promise.all(times(50, () => ask(mailing.ctx, beyond)));
      expect(await deliver(mailing)).toEqual([purpose]);
      await Promise.all(times(50, () => ask(mailing.ctx, beyond)));
      expect(await deliver(mailing)).toEqual([]);
    });

    test("a used link does not work, so a new one goes out", async () => {
      const mailing = make();
      const { ctx, store, clock } = mailing;
      await signUp(mailing);
      const { proof } = await ask(ctx, { purpose, email });
      await deliver(mailing);
      await store.proofs.take(proof.id, clock.now());
      await ask(ctx, beyond);
      expect(await deliver(mailing)).toEqual([purpose]);
    });

    test("a link whose mail was not accepted is not in the inbox, so one goes out", async () => {
      const mailing = make();
      await signUp(mailing);
      await ask(mailing.ctx, { purpose, email });
      await ask(mailing.ctx, beyond);
      // Both wait. The one within the budget is sent first, and then the other one has nothing to say.
      expect(await deliver(mailing)).toEqual([purpose]);
    });
  });

  test("a reset link of an earlier epoch does not work, so a new one goes out", async () => {
    const mailing = make();
    const { ctx, auth } = mailing;
    const user = await signUp(mailing);
    await ask(ctx);
    await deliver(mailing);
    await auth.users.disable(user.id);
    await auth.users.enable(user.id);
    await ask(ctx, { isOverBudget: true });
    expect(await deliver(mailing)).toEqual(["password_reset"]);
  });

  test("so it is after a change by an older release, which marks no proof as used", async () => {
    const mailing = make();
    const { ctx, store, clock } = mailing;
    const { id, epoch } = await signUp(mailing);
    const { proof } = await ask(ctx);
    await deliver(mailing);
    expect(await store.users.change(id, epoch, { at: clock.now() })).toBe("changed");
    expect((await proofNow(ctx, { proof })).usedAt).toBeNull();
    await ask(ctx, { isOverBudget: true });
    expect(await deliver(mailing)).toEqual(["password_reset"]);
  });

  test("a retry of a mail beyond the budget looks again", async () => {
    const mailing = make();
    const user = await signUp(mailing);
    const late = await ask(mailing.ctx, { isOverBudget: true });
    // It was bound, and then its delivery failed. Meanwhile another one went out.
    await mailing.store.proofs.bind(late.proof.id, user.id, user.epoch);
    await ask(mailing.ctx);
    expect(await deliver(mailing)).toEqual(["password_reset"]);
    expect((await proofNow(mailing.ctx, late)).sentAt).toBeNull();
  });

  test("other mails beyond the budget are not sent: that an account is there, or is not", async () => {
    const mailing = makeMailing({ store: makeStore() }, { unknownReset: true });
    await signUp(mailing);
    await ask(mailing.ctx, { purpose: "signup", isOverBudget: true });
    await ask(mailing.ctx, { purpose: "sign_in", isOverBudget: true });
    await ask(mailing.ctx, { purpose: "password_reset", email: FREE, isOverBudget: true });
    expect(await deliver(mailing)).toEqual([]);
    expect(await mailing.store.outbox.oldest(new Date("2999-01-01"))).toBeNull();
  });
});
