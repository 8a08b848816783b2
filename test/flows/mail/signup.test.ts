// Signup where the mailbox must be proven: no user before that, and a password only if it and the mailbox met in one browser.
import { describe, expect, test } from "vitest";
import { codeOf, EMAIL, makeAuth, PASSWORD, STORES, signedIn } from "../../support/harness.ts";
import { makeMailAuth, NEXT } from "../../support/mailbox.ts";

const HERE = { ip: null };
const login = { email: EMAIL, password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  const make = (options = {}) => makeMailAuth({ store: makeStore(), ...options });

  test("a signup stores no user, and the code makes one who is verified and signed in", async () => {
    const { auth, store, ask, arrive, clock, sink } = make();
    const sent = await ask("Ada@example.com");
    expect(sent).toEqual({
      status: "check_email",
      challengeToken: expect.any(String),
      expiresAt: new Date(clock.now().getTime() + 86_400_000),
    });
    expect(await store.users.findForLogin(EMAIL)).toBeNull();
    expect(await codeOf(auth.login(login, HERE))).toBe("invalid_credentials");
    const [mail] = await arrive();
    expect(mail).toMatchObject({ kind: "signup", to: "Ada@example.com" });
    const { challengeToken } = sent;
    const spaced = `${mail?.code.slice(0, 3)} - ${mail?.code.slice(3)}`;
    const made = signedIn(await auth.confirmSignup({ challengeToken, code: spaced }, HERE));
    expect(made.user).toMatchObject({ email: "Ada@example.com", emailVerified: true });
    expect(made.session.amr).toEqual(["pwd"]);
    expect(await auth.verifyToken(made.accessToken)).toMatchObject({ userId: made.user.id });
    expect(signedIn(await auth.login(login, HERE)).user.id).toBe(made.user.id);
    expect(sink.events.filter(({ type }) => type !== "mail").slice(0, 3)).toMatchObject([
      { type: "signup", outcome: "challenged", reason: "email", userId: null },
      { type: "login", outcome: "failure", reason: "unknown_email" },
      { type: "signup", outcome: "success", userId: made.user.id, attemptedEmail: EMAIL },
    ]);
    expect(sink.events[0]?.attemptedEmail).toMatch(/^hmac:/);
  });

  test("the link counts in the browser that asked, and the password of the signup with it", async () => {
    const { auth, ask, arrive } = make();
    const { challengeToken } = await ask(EMAIL);
    const link = (await arrive())[0]?.link ?? "";
    expect(await codeOf(auth.confirmSignup({ challengeToken, link }, HERE))).toBe("fulfilled");
    expect(await codeOf(auth.login(login, HERE))).toBe("fulfilled");
  });

  test("a victim who opens the link of a stranger's signup gets an account with their own password alone", async () => {
    const { auth, ask, arrive } = make();
    const stranger = await ask(EMAIL, "Stranger9secret");
    const [mail] = await arrive();
    const { link = "", code = "" } = mail ?? {};
    const made = signedIn(await auth.confirmSignup({ link, password: NEXT }, HERE));
    expect(await codeOf(auth.login({ email: EMAIL, password: NEXT }, HERE))).toBe("fulfilled");
    expect(await codeOf(auth.login({ email: EMAIL, password: "Stranger9secret" }, HERE))).toBe(
      "invalid_credentials",
    );
    const { challengeToken } = stranger;
    expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("invalid_code");
    expect(await codeOf(auth.confirmSignup({ challengeToken, link }, HERE))).toBe("invalid_code");
    expect(await codeOf(auth.verifyToken(made.accessToken))).toBe("fulfilled");
  });

  test("a link alone, a code alone and a challenge alone are refused by the half that is lacking", async () => {
    const { auth, ask, arrive } = make();
    const { challengeToken } = await ask(EMAIL);
    const { link = "", code = "" } = (await arrive())[0] ?? {};
    for (const [proof, paths] of [
      [{ link }, ["challengeToken"]],
      [{ code }, ["challengeToken"]],
      [{ challengeToken }, ["code"]],
      [{ challengeToken, code, link }, ["link"]],
      [{ challengeToken, link, password: NEXT }, ["password"]],
      [{ link, code }, ["challengeToken", "link"]],
      [{ challengeToken: 7, code }, ["challengeToken"]],
    ] as const) {
      const error = await auth.confirmSignup(proof as never, HERE).catch((thrown) => thrown);
      expect(error.code).toBe("invalid_input");
      expect(error.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
    }
    expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("fulfilled");
  });

  test("a weak password beside the link does not eat the link", async () => {
    const { auth, ask, arrive } = make();
    await ask(EMAIL);
    const link = (await arrive())[0]?.link ?? "";
    expect(await codeOf(auth.confirmSignup({ link, password: "password" }, HERE))).toBe("weak_password");
    expect(await codeOf(auth.confirmSignup({ link, password: "ada@example.com1A" }, HERE))).toBe(
      "weak_password",
    );
    expect(await codeOf(auth.confirmSignup({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("a signup is confirmed once, and of two signups of one address one makes the account", async () => {
    const { auth, ask, arrive } = make();
    const [first, second] = [await ask(EMAIL), await ask(EMAIL, NEXT)];
    const [one, two] = await arrive();
    const confirm = (token: string, code = "") =>
      codeOf(auth.confirmSignup({ challengeToken: token, code }, HERE));
    expect(await confirm(first.challengeToken, one?.code)).toBe("fulfilled");
    expect(await confirm(first.challengeToken, one?.code)).toBe("invalid_code");
    expect(await confirm(second.challengeToken, two?.code)).toBe("email_taken");
    expect(await codeOf(auth.login({ email: EMAIL, password: NEXT }, HERE))).toBe("invalid_credentials");
  });

  test("the code ends after ten minutes, the link after a day", async () => {
    const { auth, ask, arrive, clock } = make();
    const { challengeToken } = await ask(EMAIL);
    const { link = "", code = "" } = (await arrive())[0] ?? {};
    clock.advance("10m");
    expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("invalid_code");
    clock.advance(86_400_000 - 600_000 - 1);
    expect(await codeOf(auth.confirmSignup({ link, password: "weak" }, HERE))).toBe("weak_password");
    clock.advance(1);
    expect(await codeOf(auth.confirmSignup({ link, password: NEXT }, HERE))).toBe("invalid_code");
  });

  test("own fields wait, and reach the hook when the account is made", async () => {
    const seen: unknown[] = [];
    const schema = {
      "~standard": {
        version: 1,
        vendor: "tests",
        validate: (value: unknown) => ({ value: { plan: `${(value as { plan: string }).plan}!` } }),
      },
    } as const;
    const options = {
      signup: { fields: schema },
      hooks: { userCreated: ({ fields }: { fields: unknown }) => void seen.push(fields) },
    };
    const { auth, rawSignup, arrive } = make(options as never);
    const asked = await rawSignup({ ...login, fields: { plan: "pro" } } as never, HERE);
    expect(seen).toEqual([]);
    const { challengeToken } = asked as { challengeToken: string };
    const code = (await arrive())[0]?.code ?? "";
    await auth.confirmSignup({ challengeToken, code }, HERE);
    expect(seen).toEqual([{ plan: "pro!" }]);
  });

  test("a hook that fails makes no account, and the code still counts", async () => {
    let fails = true;
    const userCreated = () => {
      if (fails) throw new TypeError("no");
    };
    const { auth, store, ask, arrive } = make({ hooks: { userCreated } });
    const { challengeToken } = await ask(EMAIL);
    const code = (await arrive())[0]?.code ?? "";
    expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("internal_error");
    expect(await store.users.findForLogin(EMAIL)).toBeNull();
    fails = false;
    expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("fulfilled");
  });

  test("a success ends the session that was open in the browser", async () => {
    const { auth, open, ask, arrive } = make();
    const { refreshToken } = await open("bob@example.com");
    const { challengeToken } = await ask(EMAIL);
    const code = (await arrive())[0]?.code ?? "";
    await auth.confirmSignup({ challengeToken, code, refreshToken }, HERE);
    expect(await codeOf(auth.refresh(refreshToken, HERE))).toBe("session_revoked");
  });

  test("a breached password asks for no mail", async () => {
    const { rawSignup, store, clock } = make({ password: { isBreached: () => true } });
    expect(await codeOf(rawSignup(login, HERE))).toBe("weak_password");
    expect(await store.outbox.oldest(new Date(clock.now().getTime() + 10_000))).toBeNull();
  });
});

test("without a mailer each call that needs one says so, and mail is off", async () => {
  const { auth } = makeAuth();
  const { accessToken } = await auth.signup(login, HERE);
  expect(auth.mail.enabled).toBe(false);
  const proof = { challengeToken: "x", code: "1" };
  for (const call of [
    () => auth.confirmSignup(proof, HERE),
    () => auth.password.requestReset({ email: EMAIL }, HERE),
    () => auth.password.reset({ link: "x", password: NEXT }, HERE),
    () => auth.email.requestVerification(accessToken, HERE),
    () => auth.email.verify(accessToken, { link: "x" }, HERE),
    () => auth.challenges.email(proof, HERE),
    () => auth.mail.resend({ challengeToken: "x" }, HERE),
  ])
    expect(await codeOf(call())).toBe("invalid_configuration");
});
