// The way back: a mail that sets a new password, and what it takes from whoever had the account before.
import { describe, expect, test } from "vitest";
import type { ProofId } from "../../../src/domain/ids.ts";
import { readTicket } from "../../../src/kit/proofs/ticket.ts";
import { sampleCredential } from "../../../src/testing/store/samples.ts";
import { codeOf, EMAIL, PASSWORD, STORES } from "../../support/harness.ts";
import { makeMailAuth, NEXT } from "../../support/mailbox.ts";
import { userOf } from "../../support/security-change.ts";

const HERE = { ip: null };
const old = { email: EMAIL, password: PASSWORD };
const next = { email: EMAIL, password: NEXT };

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (options = {}) => makeMailAuth({ store: makeStore(), ...options });

  test("the link and a new password set it, end every session and sign no user in", async () => {
    const { auth, open, reset, sink } = make();
    const { user, accessToken, refreshToken } = await open(EMAIL);
    const { mail } = await reset("ADA@example.com");
    expect(mail).toMatchObject({ kind: "password_reset" });
    expect(await auth.password.reset({ link: mail.link, password: NEXT }, HERE)).toBeUndefined();
    expect(await codeOf(auth.verifyToken(accessToken))).toBe("session_revoked");
    expect(await codeOf(auth.refresh(refreshToken, HERE))).toBe("session_revoked");
    expect(await codeOf(auth.login(old, HERE))).toBe("invalid_credentials");
    expect(await codeOf(auth.login(next, HERE))).toBe("fulfilled");
    const [asked, done] = sink.events.filter(({ type }) => type.includes("reset"));
    expect(asked).toMatchObject({ type: "request_password_reset", outcome: "challenged", userId: null });
    expect(asked?.attemptedEmail).toMatch(/^hmac:/);
    expect(done).toMatchObject({ type: "reset_password", outcome: "success", userId: user.id });
  });

  test("in the browser that asked, the code and a new password do the same", async () => {
    const { auth, open, reset } = make();
    await open(EMAIL);
    const { challengeToken, mail } = await reset(EMAIL);
    const { code } = mail;
    await auth.password.reset({ challengeToken, code, password: NEXT }, HERE);
    expect(await codeOf(auth.login(next, HERE))).toBe("fulfilled");
    expect(await codeOf(auth.password.reset({ challengeToken, code, password: PASSWORD }, HERE))).toBe(
      "invalid_code",
    );
  });

  test("neither a link nor a challenge with the link counts without a password, and a lacking half is named", async () => {
    const { auth, open, reset } = make();
    await open(EMAIL);
    const { challengeToken, mail } = await reset(EMAIL);
    const { link, code } = mail;
    for (const [proof, paths] of [
      [{ link }, ["password"]],
      [{ password: NEXT }, ["link"]],
      [{ challengeToken, password: NEXT }, ["code"]],
      [{ code, password: NEXT }, ["challengeToken"]],
      [{ challengeToken, link, password: NEXT }, ["challengeToken"]],
    ] as const) {
      const error = await auth.password.reset(proof as never, HERE).catch((thrown) => thrown);
      expect(error.code).toBe("invalid_input");
      expect(error.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
    }
  });

  test("a weak password does not eat the link", async () => {
    const { auth, open, reset } = make();
    await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    for (const password of ["password", "short"])
      expect(await codeOf(auth.password.reset({ link, password }, HERE))).toBe("weak_password");
    expect(await codeOf(auth.password.reset({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("a device token is kept by nobody: each ends with the password", async () => {
    const { auth, ctx, open, reset, store } = make();
    const { deviceToken } = await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    await auth.password.reset({ link, password: NEXT }, HERE);
    const presented = ctx.deviceTokens.read(deviceToken, EMAIL, ctx.clock.now());
    expect(presented?.epoch).not.toBe((await userOf(store, EMAIL)).epoch);
  });

  test.each([
    ["a password change", "change"],
    ["another reset", "reset"],
    ["the account was disabled", "disable"],
    ["the account was disabled and enabled", "enable"],
    ["the account was deleted", "delete"],
    ["the account was moved to another address", "move"],
    ["an older release changed the password, and ended no proofs", "old release"],
  ])("a link is worthless after %s", async (_by, what) => {
    const { auth, open, reset, store, clock } = make();
    const { user, accessToken } = await open(EMAIL);
    const { link } = (await reset(EMAIL)).mail;
    const change: Record<string, () => Promise<unknown>> = {
      change: () => auth.password.change(accessToken, { currentPassword: PASSWORD, newPassword: NEXT }, HERE),
      reset: async () => auth.password.reset({ link: (await reset(EMAIL)).mail.link, password: NEXT }, HERE),
      disable: () => auth.users.disable(user.id),
      enable: async () => {
        await auth.users.disable(user.id);
        await auth.users.enable(user.id);
      },
      delete: () => auth.users.delete(user.id),
      move: async () => {
        const { epoch } = await userOf(store, EMAIL);
        const to = "moved@example.com";
        await store.users.change(user.id, epoch, { email: to, emailCanonical: to, at: clock.now() });
      },
      "old release": async () => {
        const { epoch } = await userOf(store, EMAIL);
        await store.users.change(user.id, epoch, { at: clock.now() });
      },
    };
    await change[what]?.();
    expect(await codeOf(auth.password.reset({ link, password: "Third3password" }, HERE))).toBe(
      "invalid_code",
    );
  });

  test("a change ends all proofs of the user, by marks that stay, and other users' go on", async () => {
    const { auth, ctx, store, clock, open, reset } = make();
    const { accessToken } = await open(EMAIL);
    await open("bob@example.com");
    const { link } = (await reset("bob@example.com")).mail;
    const { challengeToken } = await reset(EMAIL);
    await auth.password.change(accessToken, { currentPassword: PASSWORD, newPassword: NEXT }, HERE);
    const { id } = readTicket(ctx, "password_reset", challengeToken) as { id: ProofId };
    expect(await store.proofs.find(id, clock.now())).toMatchObject({ usedAt: clock.now(), data: "{}" });
    expect(await codeOf(auth.password.reset({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("a mailbox takes an unproven account back: no way in of the squatter is left, and the second factor stays", async () => {
    const { auth, ctx, store, reset, arrive } = make({ email: { verification: "later" } });
    const squatter = await auth.signup(old, HERE);
    const { id: userId, createdAt } = await userOf(store, EMAIL);
    await arrive();
    for (const kind of ["passkey", "oauth", "totp", "recovery_codes"] as const)
      await store.credentials.add(sampleCredential({ userId, kind, identifier: `${kind}-1`, createdAt }));
    const pending = await auth.email.requestVerification(squatter.accessToken, HERE);
    const code = (await arrive())[0]?.code ?? "";
    const { link } = (await reset(EMAIL)).mail;
    await auth.password.reset({ link, password: NEXT }, HERE);
    const kinds = (await store.credentials.list(userId)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(["password", "recovery_codes", "totp"]);
    expect((await userOf(store, EMAIL)).emailVerifiedAt).toEqual(ctx.clock.now());
    expect(await codeOf(auth.login(old, HERE))).toBe("invalid_credentials");
    expect(await codeOf(auth.verifyToken(squatter.accessToken))).toBe("session_revoked");
    const proof = { challengeToken: pending.challengeToken, code };
    expect(await codeOf(auth.email.verify(squatter.accessToken, proof, HERE))).toBe("session_revoked");
    const notices = await arrive();
    expect(notices.map(({ kind }) => kind)).toEqual(["password_changed"]);
    expect(notices[0]?.text).toContain("was never confirmed before");
  });

  test("of a proven account it takes nothing but the password", async () => {
    const { auth, store, open, reset } = make();
    const { user } = await open(EMAIL);
    const { createdAt } = await userOf(store, EMAIL);
    const passkey = sampleCredential({ userId: user.id, kind: "passkey", identifier: "p", createdAt });
    await store.credentials.add(passkey);
    const { link } = (await reset(EMAIL)).mail;
    await auth.password.reset({ link, password: NEXT }, HERE);
    const kinds = (await store.credentials.list(user.id)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(["passkey", "password"]);
  });

  test("a user without a password gets their first one", async () => {
    const { auth, store, open, reset } = make();
    const { user } = await open(EMAIL);
    const [password] = await store.credentials.list(user.id, "password");
    await store.credentials.remove(user.id, password?.id as never);
    const { link } = (await reset(EMAIL)).mail;
    await auth.password.reset({ link, password: NEXT }, HERE);
    expect(await codeOf(auth.login(next, HERE))).toBe("fulfilled");
  });

  test("an address without an account gets nothing, and its code never counts", async () => {
    const { auth, arrive } = make();
    const { challengeToken } = await auth.password.requestReset({ email: EMAIL }, HERE);
    expect(await arrive()).toEqual([]);
    for (const code of ["000000", "123456"])
      expect(await codeOf(auth.password.reset({ challengeToken, code, password: NEXT }, HERE))).toBe(
        "invalid_code",
      );
  });
});
