// The gate `email`: a right password of an unproven account is not enough where verification is required.
import type { LoginChallenge } from "sallyport";
import { describe, expect, test } from "vitest";
import { secondStep } from "../../support/features/second-step.ts";
import { codeOf, EMAIL, makeAuth, PASSWORD, STORES } from "../../support/harness.ts";
import { makeMailAuth, noLimits, withMail } from "../../support/mailbox.ts";
import { userOf } from "../../support/security-change.ts";

const HERE = { ip: null };
const right = { email: EMAIL, password: PASSWORD };

describe.each(STORES)("on %s", (_name, makeStore) => {
  /** An account from before the application required a proof. */
  async function legacy(options = {}) {
    const store = makeStore();
    const before = makeAuth({ store });
    const made = await before.auth.signup(right, HERE);
    return { ...makeMailAuth({ store, clock: before.clock, ...options }), clock: before.clock, made };
  }
  const parked = async (login: Promise<unknown>) => (await login) as LoginChallenge;

  test("the login waits for the mail, the code verifies the address and the next login does not wait", async () => {
    const { auth, store, arrive, sink, made } = await legacy();
    const challenge = await parked(auth.login(right, HERE));
    expect(challenge).toMatchObject({ status: "challenge", kind: "email", methods: ["email"] });
    const [mail] = await arrive();
    expect(mail).toMatchObject({ kind: "login", to: EMAIL });
    const { challengeToken } = challenge;
    const result = await auth.challenges.email({ challengeToken, code: mail?.code ?? "" }, HERE);
    expect(result).toMatchObject({ status: "signed_in", user: { id: made.user.id, emailVerified: true } });
    expect((result as { session: { amr: unknown } }).session.amr).toEqual(["pwd"]);
    expect((await userOf(store, EMAIL)).emailVerifiedAt).not.toBeNull();
    expect((await auth.login(right, HERE)).status).toBe("signed_in");
    const logins = sink.events.filter(({ type }) => type === "login");
    expect(logins.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["challenged", "email"],
      ["success", null],
      ["success", null],
    ]);
    expect(logins[1]).toMatchObject({ userId: made.user.id, attemptedEmail: EMAIL });
  });

  test("the session from before goes on: verifying takes nothing from anybody", async () => {
    const { auth, arrive, made } = await legacy();
    const { challengeToken } = await parked(auth.login(right, HERE));
    const link = (await arrive())[0]?.link ?? "";
    expect(await codeOf(auth.challenges.email({ challengeToken, link }, HERE))).toBe("fulfilled");
    expect(await codeOf(auth.verifyToken(made.accessToken))).toBe("fulfilled");
  });

  test("the link alone, in another browser, lets no one in", async () => {
    const { auth, arrive } = await legacy();
    await auth.login(right, HERE);
    const link = (await arrive())[0]?.link ?? "";
    expect(await codeOf(auth.challenges.email({ link } as never, HERE))).toBe("invalid_input");
    const other = await parked(auth.login(right, HERE));
    const mixed = { challengeToken: other.challengeToken, link };
    expect(await codeOf(auth.challenges.email(mixed, HERE))).toBe("invalid_code");
  });

  test("it is no second factor: the next gate still asks", async () => {
    const { auth, arrive } = await legacy({ features: { secondStep: secondStep({ forAll: true }) } });
    const { challengeToken } = await parked(auth.login(right, HERE));
    const code = (await arrive())[0]?.code ?? "";
    const next = await parked(auth.challenges.email({ challengeToken, code }, HERE));
    expect(next).toMatchObject({ status: "challenge", kind: "second_factor" });
    expect(await codeOf(auth.challenges.email({ challengeToken, code }, HERE))).toBe("invalid_code");
    expect(await codeOf(auth.challenges.email({ challengeToken: next.challengeToken, code }, HERE))).toBe(
      "invalid_code",
    );
  });

  test("a login that waits dies with a change of the account, and in another application", async () => {
    const { auth, store, clock, arrive, made } = await legacy();
    const { challengeToken } = await parked(auth.login(right, HERE));
    const code = (await arrive())[0]?.code ?? "";
    const other = makeAuth(withMail({ store, clock, limits: noLimits, audience: "other" }));
    expect(await codeOf(other.auth.challenges.email({ challengeToken, code }, HERE))).toBe("invalid_code");
    await auth.users.disable(made.user.id);
    await auth.users.enable(made.user.id);
    expect(await codeOf(auth.challenges.email({ challengeToken, code }, HERE))).toBe("invalid_code");
  });

  test.each(["later", "off"] as const)("with %s there is no gate", async (verification) => {
    const { auth } = await legacy({ email: { verification } });
    expect((await auth.login(right, HERE)).status).toBe("signed_in");
  });

  test("a mail that cannot be stored parks nothing", async () => {
    const { auth, store } = await legacy();
    const broken = makeAuth(
      withMail({
        store: {
          ...store,
          transaction: (work) =>
            store.transaction((tx) =>
              work({ ...tx, outbox: { ...tx.outbox, put: () => Promise.reject(new TypeError("no")) } }),
            ),
        },
      }),
    );
    expect(await codeOf(broken.auth.login(right, HERE))).toBe("unavailable");
    expect(await codeOf(auth.login(right, HERE))).toBe("fulfilled");
  });
});
