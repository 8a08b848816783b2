// A signed-in user proves their address. It takes nothing from any user, and no other session can use the mail.
import { describe, expect, test } from "vitest";
import { codeOf, EMAIL, PASSWORD, STORES } from "../../support/harness.ts";
import { makeMailAuth } from "../../support/mailbox.ts";

const HERE = { ip: null };
const ada = { email: EMAIL, password: PASSWORD };
const bob = { email: "bob@example.com", password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (verification: "later" | "off" = "later") =>
    makeMailAuth({ store: makeStore(), email: { verification } });

  test("a signup with later signs in, sends the mail, and the code of it verifies", async () => {
    const { auth, arrive, sink } = make();
    const made = await auth.signup(ada, HERE);
    expect(made).toMatchObject({ status: "signed_in", user: { emailVerified: false } });
    const { challengeToken = "" } = made as { challengeToken?: string };
    const [mail] = await arrive();
    expect(mail).toMatchObject({ kind: "email_verification", to: EMAIL });
    const verified = await auth.email.verify(
      made.accessToken,
      { challengeToken, code: mail?.code ?? "" },
      HERE,
    );
    expect(verified).toMatchObject({ user: { emailVerified: true }, session: { id: made.session.id } });
    expect(await codeOf(auth.refresh(made.refreshToken, HERE))).toBe("fulfilled");
    expect(sink.events.at(-1)).toMatchObject({
      type: "verify_email",
      outcome: "success",
      userId: made.user.id,
      sessionId: made.session.id,
    });
    expect((await auth.login(ada, HERE)).status).toBe("signed_in");
  });

  test("the link verifies in any session of the user, and in no other user's", async () => {
    const { auth, arrive } = make();
    const made = await auth.signup(ada, HERE);
    const other = await auth.signup(bob, HERE);
    const [mail] = await arrive();
    const { link = "", code = "" } = mail ?? {};
    const { challengeToken = "" } = made as { challengeToken?: string };
    for (const proof of [{ link }, { challengeToken, code }])
      expect(await codeOf(auth.email.verify(other.accessToken, proof, HERE))).toBe("invalid_code");
    const second = await auth.login(ada, HERE);
    const { accessToken } = second as typeof made;
    expect(await codeOf(auth.email.verify(accessToken, { link }, HERE))).toBe("fulfilled");
    expect(await codeOf(auth.email.verify(accessToken, { link }, HERE))).toBe("invalid_code");
    expect((await auth.getUser(other.accessToken)).user.emailVerified).toBe(false);
  });

  test("a user asks for the mail again, and a verified one may too", async () => {
    const { auth, arrive, sink } = make("off");
    const made = await auth.signup(ada, HERE);
    expect(made).not.toHaveProperty("challengeToken");
    expect(await arrive()).toEqual([]);
    for (const _ of [1, 2]) {
      const { challengeToken } = await auth.email.requestVerification(made.accessToken, HERE);
      const code = (await arrive())[0]?.code ?? "";
      const { user } = await auth.email.verify(made.accessToken, { challengeToken, code }, HERE);
      expect(user.emailVerified).toBe(true);
    }
    expect(sink.events.filter(({ type }) => type === "request_email_verification")).toMatchObject([
      { outcome: "challenged", reason: "email", userId: made.user.id, sessionId: made.session.id },
      { outcome: "challenged", reason: "email", userId: made.user.id },
    ]);
  });

  test("an email that is taken gets no mail, and stays a 409", async () => {
    const { auth, arrive } = make();
    await auth.signup(ada, HERE);
    await arrive();
    expect(await codeOf(auth.signup(ada, HERE))).toBe("email_taken");
    expect(await arrive()).toEqual([]);
  });

  test("an ended session verifies nothing", async () => {
    const { auth, arrive } = make();
    const made = await auth.signup(ada, HERE);
    const link = (await arrive())[0]?.link ?? "";
    await auth.logout(made.accessToken);
    expect(await codeOf(auth.email.verify(made.accessToken, { link }, HERE))).toBe("session_revoked");
  });
});
