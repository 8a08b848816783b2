// Halves that do not belong together: another mail's, another purpose's, another user's, another secret's.
import type { LoginChallenge } from "sallyport";
import { describe, expect, test } from "vitest";
import type { ProofId } from "../../../src/domain/ids.ts";
import { codeOf as codeOfProof } from "../../../src/kit/proofs/code.ts";
import { linkOf } from "../../../src/kit/proofs/link.ts";
import { readTicket } from "../../../src/kit/proofs/ticket.ts";
import { codeOf, EMAIL, makeAuth, PASSWORD, SECRET, STORES } from "../../support/harness.ts";
import { makeMailAuth, NEXT, noLimits, withMail } from "../../support/mailbox.ts";

const HERE = { ip: null };
const ada = { email: EMAIL, password: PASSWORD };

interface Halves {
  readonly challengeToken: string;
  readonly link: string;
  readonly code: string;
}

describe.each(STORES)("on %s", (_name, makeStore) => {
  /** One mail of each purpose, three of them to one user. */
  async function mails() {
    const store = makeStore();
    const before = makeAuth({ store });
    const { accessToken } = await before.auth.signup(ada, HERE);
    const mail = makeMailAuth({ store, clock: before.clock });
    const { auth, arrive } = mail;
    const halves = async (sent: { challengeToken: string }): Promise<Halves> => {
      const { link = "", code = "" } = (await arrive())[0] ?? {};
      return { challengeToken: sent.challengeToken, link, code };
    };
    const purposes: Record<string, Halves> = {
      signup: await halves(await mail.ask("eve@example.com")),
      reset: await halves(await auth.password.requestReset({ email: EMAIL }, HERE)),
      login: await halves((await auth.login(ada, HERE)) as unknown as LoginChallenge),
      verification: await halves(await auth.email.requestVerification(accessToken, HERE)),
    };
    const routes: Record<string, (halves: Halves, way: "code" | "link") => Promise<unknown>> = {
      signup: ({ challengeToken, link, code }, way) =>
        auth.confirmSignup(way === "code" ? { challengeToken, code } : { link, password: NEXT }, HERE),
      reset: ({ challengeToken, link, code }, way) =>
        auth.password.reset(
          way === "code" ? { challengeToken, code, password: NEXT } : { link, password: NEXT },
          HERE,
        ),
      login: ({ challengeToken, link, code }, way) =>
        auth.challenges.email(way === "code" ? { challengeToken, code } : { challengeToken, link }, HERE),
      verification: ({ challengeToken, link, code }, way) =>
        auth.email.verify(accessToken, way === "code" ? { challengeToken, code } : { link }, HERE),
    };
    return { ...mail, purposes, routes };
  }

  test("a mail of one purpose counts at its own route alone", async () => {
    const { purposes, routes } = await mails();
    for (const [purpose, halves] of Object.entries(purposes)) {
      expect(halves.code).toMatch(/^\d{6}$/);
      for (const [route, confirm] of Object.entries(routes)) {
        if (route === purpose) continue;
        for (const way of ["code", "link"] as const) {
          const code = await codeOf(confirm(halves, way));
          expect({ purpose, route, way, code }).toEqual({ purpose, route, way, code: "invalid_code" });
        }
      }
    }
    for (const route of ["signup", "verification", "login", "reset"])
      expect(await codeOf(routes[route]?.(purposes[route] as Halves, "link") ?? Promise.resolve())).toBe(
        "fulfilled",
      );
  });

  test("the halves of two mails make no whole, of one address or of two", async () => {
    const { auth, ask, arrive } = makeMailAuth({ store: makeStore() });
    const tokens = [];
    for (const email of [EMAIL, EMAIL, "bob@example.com"]) tokens.push((await ask(email)).challengeToken);
    const [a, b, c] = await arrive();
    const [challengeToken = ""] = tokens;
    for (const other of [b, c]) {
      const { code = "", link = "" } = other ?? {};
      if (code !== a?.code)
        expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("invalid_code");
      expect(await codeOf(auth.confirmSignup({ challengeToken, link }, HERE))).toBe("invalid_code");
    }
    const { code = "" } = a ?? {};
    expect(await codeOf(auth.confirmSignup({ challengeToken, code }, HERE))).toBe("fulfilled");
  });

  test("neither the rows alone nor the secret with a challenge alone make what counts", async () => {
    const { auth, ctx, store, clock, open, reset } = makeMailAuth({ store: makeStore() });
    await open(EMAIL);
    const { challengeToken, mail } = await reset(EMAIL);
    const { id } = readTicket(ctx, "password_reset", challengeToken) as { id: ProofId };
    const row = await store.proofs.find(id, clock.now());
    if (!row) throw new TypeError("No proof");
    for (const secret of [mail.link, mail.code, mail.link.slice(24)])
      expect(JSON.stringify(row)).not.toContain(secret);
    // A thief of the rows has another secret; a thief of the secret has no nonce.
    const secret = "tH1eF7qP2zX9vB4mK6tR1yU5aS8dF3gH0jLwE4cV7nM2";
    const thief = makeAuth(withMail({ store, clock, limits: noLimits, secret }));
    const nonce = Buffer.alloc(32, 7).toString("base64url");
    const forged = [
      { link: linkOf(thief.ctx, row), code: codeOfProof(thief.ctx, row) },
      { link: linkOf(ctx, { ...row, nonce }), code: codeOfProof(ctx, { ...row, nonce }) },
    ];
    for (const { link, code } of forged) {
      expect(await codeOf(auth.password.reset({ link, password: NEXT }, HERE))).toBe("invalid_code");
      if (code === mail.code) continue;
      const proof = { challengeToken, code: code ?? "", password: NEXT };
      expect(await codeOf(auth.password.reset(proof, HERE))).toBe("invalid_code");
    }
    const { link } = mail;
    expect(await codeOf(auth.password.reset({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });

  test("a link and a challenge survive the rotation of the secret", async () => {
    const store = makeStore();
    const first = makeMailAuth({ store });
    await first.open(EMAIL);
    const { challengeToken, mail } = await first.reset(EMAIL);
    const secret = ["neW7qP2zX9vB4mK6tR1yU5aS8dF3gH0jLwE4cV7nM2", SECRET];
    const next = makeAuth(withMail({ store, clock: first.clock, limits: noLimits, secret }));
    const proof = { challengeToken, code: mail.code, password: "weak" };
    expect(await codeOf(next.auth.password.reset(proof, HERE))).toBe("weak_password");
    const { link } = mail;
    expect(await codeOf(next.auth.password.reset({ link, password: NEXT }, HERE))).toBe("fulfilled");
  });
});
