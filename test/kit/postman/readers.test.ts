// Who reads a waiting mail, and what it says. The request that asked for it did not know.
import { describe, expect, test } from "vitest";
import type { UserId } from "../../../src/domain/ids.ts";
import { codeMatches } from "../../../src/kit/proofs/code.ts";
import { readLink } from "../../../src/kit/proofs/link.ts";
import { mailRow } from "../../../src/kit/proofs/mail-row.ts";
import { CLIENT, EMAIL, PASSWORD, STORES } from "../../support/harness.ts";
import { ASKER, ask, type Mailing, makeMailing, PAGE, proofNow, signUp } from "../../support/mail.ts";

const NEW_PASSWORD = "Another2staple";
const FREE = "grace@example.com";

/** The proof that the newest mail to an address brings, as its reader presents it. */
function presented({ ctx, mailer }: Mailing, to: string) {
  const link = mailer.last(to)?.link ?? "";
  const [, token = ""] = link.split(`${PAGE}#sallyport=`);
  const [purpose, text] = token.split(".");
  return { purpose, link: readLink(ctx, text) };
}

async function deliver(mailing: Mailing): Promise<readonly (readonly [kind: string, to: string])[]> {
  const before = mailing.mailer.all.length;
  await mailing.auth.mail.deliver();
  return mailing.mailer.all.slice(before).map(({ kind, to }) => [kind, to] as const);
}

async function waiting({ store }: Mailing): Promise<boolean> {
  return (await store.outbox.oldest(new Date("2999-01-01"))) !== null;
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (mail = {}): Mailing => makeMailing({ store: makeStore() }, mail);

  test("a signup for a free address gets a link and a code, and stays bound to no user", async () => {
    const mailing = make();
    const { ctx, mailer } = mailing;
    const asked = await ask(ctx, { purpose: "signup", email: "Grace@Example.com" });
    expect(await deliver(mailing)).toEqual([["signup", "Grace@example.com"]]);
    const proof = await proofNow(ctx, asked);
    expect(proof).toMatchObject({ userId: null, epoch: null, emailCanonical: FREE, usedAt: null });
    expect(proof.sentAt).toEqual(ctx.clock.now());
    const { purpose, link } = presented(mailing, FREE);
    expect([purpose, link?.matches(proof)]).toEqual(["signup", true]);
    expect(codeMatches(ctx, proof, mailer.last(FREE)?.code ?? "")).toBe(true);
    expect(mailer.last(FREE)?.id).toBe(asked.mail.id);
    expect(await waiting(mailing)).toBe(false);
  });

  test("a signup for a taken address gets a mail that says so, with no proof", async () => {
    const mailing = make();
    await signUp(mailing);
    await ask(mailing.ctx, { purpose: "signup", email: "ADA@example.com" });
    // To the address of the account, not to the spelling of the request.
    expect(await deliver(mailing)).toEqual([["signup_taken", EMAIL]]);
    expect(mailing.mailer.last(EMAIL)).toMatchObject({ link: null, code: null });
    expect(mailing.mailer.last(EMAIL)?.text).not.toContain("sallyport=");
  });

  test("a reset of an account is bound to its user and epoch, and goes to its own spelling", async () => {
    const mailing = make();
    const { ctx } = mailing;
    const user = await signUp(mailing, "Ada@Example.com");
    const asked = await ask(ctx, { email: "ADA@example.com" });
    expect(await deliver(mailing)).toEqual([["password_reset", "Ada@example.com"]]);
    const proof = await proofNow(ctx, asked);
    expect(proof).toMatchObject({ userId: user.id, epoch: user.epoch });
    const { purpose, link } = presented(mailing, EMAIL);
    expect([purpose, link?.matches(proof)]).toEqual(["password_reset", true]);
    expect(link?.matches({ ...proof, userId: null, epoch: null })).toBe(false);
  });

  test("a reset for an address without an account sends nothing, and forgets the address", async () => {
    const mailing = make();
    const asked = await ask(mailing.ctx, { email: FREE });
    expect(await deliver(mailing)).toEqual([]);
    expect(await proofNow(mailing.ctx, asked)).toMatchObject({ email: "", emailCanonical: "", userId: null });
    expect(await waiting(mailing)).toBe(false);
    expect(mailing.sink.events).toEqual([]);
  });

  test("with unknownReset it sends a mail that says so, and forgets the address all the same", async () => {
    const mailing = make({ unknownReset: true });
    const asked = await ask(mailing.ctx, { email: FREE });
    expect(await deliver(mailing)).toEqual([["unknown_reset", FREE]]);
    expect(mailing.mailer.last(FREE)).toMatchObject({ link: null, code: null });
    expect(await proofNow(mailing.ctx, asked)).toMatchObject({ email: "", emailCanonical: "" });
  });

  test.each(["signup", "password_reset", "sign_in"] as const)(
    "%s for a disabled account sends nothing, and forgets the address",
    async (purpose) => {
      const mailing = make({ unknownReset: true });
      const user = await signUp(mailing);
      await mailing.auth.users.disable(user.id);
      const asked = await ask(mailing.ctx, { purpose });
      expect(await deliver(mailing)).toEqual([]);
      expect(await proofNow(mailing.ctx, asked)).toMatchObject({ email: "", userId: null });
      expect(await waiting(mailing)).toBe(false);
    },
  );

  test.each(["login", "email_verification"] as const)(
    "%s goes to the user that it was made for",
    async (purpose) => {
      const mailing = make();
      const user = await signUp(mailing);
      const asked = await ask(mailing.ctx, { purpose, user });
      expect(await deliver(mailing)).toEqual([[purpose, EMAIL]]);
      const proof = await proofNow(mailing.ctx, asked);
      expect(presented(mailing, EMAIL).link?.matches(proof)).toBe(true);
    },
  );

  test("a password change between the request and the mail: no mail", async () => {
    const mailing = make();
    const user = await signUp(mailing);
    await ask(mailing.ctx, { purpose: "email_verification", user });
    const { accessToken } = (await mailing.auth.login({ email: EMAIL, password: PASSWORD }, CLIENT)) as never;
    await mailing.auth.password.change(
      accessToken,
      { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
      CLIENT,
    );
    expect(await deliver(mailing)).toEqual([]);
    expect(await waiting(mailing)).toBe(false);
  });

  test("the first binding stays: after a change of the user, a retry sends nothing", async () => {
    const mailing = make();
    const user = await signUp(mailing);
    const { proof } = await ask(mailing.ctx);
    await mailing.store.proofs.bind(proof.id, user.id, user.epoch - 1);
    expect(await deliver(mailing)).toEqual([]);
    expect(await waiting(mailing)).toBe(false);
  });

  test("a used or ended proof, an expired one, and that of a deleted user send nothing", async () => {
    for (const end of ["take", "expire", "delete", "remove"] as const) {
      const mailing = make();
      const { ctx, store, clock } = mailing;
      const user = await signUp(mailing);
      const { proof } = await ask(ctx, { purpose: "email_verification", user });
      if (end === "take") await store.proofs.take(proof.id, clock.now());
      if (end === "expire") clock.set(proof.expiresAt);
      if (end === "delete") await mailing.auth.users.delete(user.id);
      if (end === "remove") await mailing.auth.users.disable(user.id);
      expect(await deliver(mailing)).toEqual([]);
      expect(await waiting(mailing)).toBe(false);
    }
  });

  test("a notice goes out whatever became of its user, and its event names the user if there is one", async () => {
    for (const isGone of [false, true]) {
      const mailing = make();
      const { ctx, auth, sink } = mailing;
      const user = await signUp(mailing);
      const data = { locale: null, client: ASKER, userId: user.id as UserId };
      await ctx.store.outbox.put([
        mailRow(ctx, { kind: "password_changed", recipient: EMAIL, proofId: null, data }),
      ]);
      if (isGone) await auth.users.delete(user.id);
      sink.clear();
      expect(await deliver(mailing)).toEqual([["password_changed", EMAIL]]);
      const named = { userId: user.id, attemptedEmail: EMAIL };
      expect(sink.events).toMatchObject([isGone ? { userId: null } : named]);
      expect(sink.events[0]?.attemptedEmail === EMAIL).toBe(!isGone);
    }
  });

  test("the event of a mail is a success with its kind, the user and the client that asked", async () => {
    const mailing = make();
    const user = await signUp(mailing);
    await ask(mailing.ctx, { purpose: "signup" });
    mailing.sink.clear();
    await deliver(mailing);
    expect(mailing.sink.events).toMatchObject([
      { type: "mail", outcome: "success", reason: "signup_taken", userId: user.id, ...ASKER, data: null },
    ]);
    const trail = await mailing.store.events.list({ userId: user.id, limit: 1 });
    expect(trail).toEqual(mailing.sink.events);
  });

  test("a mail says who asked: from the two lists, never in the words of the agent", async () => {
    const mailing = make();
    await signUp(mailing);
    const agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0 call +1-555-0100 now";
    await ask(mailing.ctx, { userAgent: agent });
    await deliver(mailing);
    const { text = "", html = "" } = mailing.mailer.last(EMAIL) ?? {};
    expect(text).toContain(`Firefox on Windows, address ${CLIENT.ip}`);
    expect(text + html).not.toContain("555");
  });

  test("a mail of a newer release waits for it", async () => {
    const mailing = make();
    const { ctx, store, clock } = mailing;
    const row = mailRow(ctx, {
      kind: "password_changed",
      recipient: EMAIL,
      proofId: null,
      data: { locale: null, client: null },
    });
    await store.outbox.put([{ ...row, kind: "newsletter" }]);
    expect(await mailing.auth.mail.deliver()).toEqual({ sent: 0, failed: 1, more: false });
    expect(await waiting(mailing)).toBe(true);
    clock.advance("10s");
    expect(await mailing.auth.mail.deliver()).toMatchObject({ failed: 1 });
  });
});
