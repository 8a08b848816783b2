// Phone keyboards add a space after a suggestion, and a copied email brings a line end.
import { expect, test } from "vitest";
import { CLIENT, EMAIL, makeAuth, PASSWORD, STORES } from "../support/harness.ts";

const ENDS = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\ufeff"];
const INVISIBLE = ["\u200b", "\u00ad", "\u202e", "\u2060", "\0", " ", "\u00a0", "\t", "\n"];

interface Refusal {
  readonly code: string;
  readonly errors: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

test.each(STORES)(
  "on %s white space at both ends of an email is dropped, at signup and at login alike",
  async (_name, makeStore) => {
    const limits = { login: { address: false }, signup: { account: false } } as const;
    const { auth, store } = makeAuth({ store: makeStore(), limits });
    const { user } = await auth.signup({ email: `${EMAIL} `, password: PASSWORD }, CLIENT);
    expect(user.email).toBe(EMAIL);
    expect((await store.users.findForLogin(EMAIL))?.user.emailCanonical).toBe(EMAIL);
    for (const space of ENDS) {
      for (const email of [`${space}${EMAIL}`, `${EMAIL}${space}`, `${space}${EMAIL}${space}`]) {
        const result = await auth.login({ email, password: PASSWORD }, CLIENT);
        expect([email, result.status === "signed_in" && result.user.id]).toEqual([email, user.id]);
      }
      const again = auth.signup({ email: `${EMAIL}${space}`, password: PASSWORD }, { ip: null });
      await expect(again).rejects.toMatchObject({ code: "email_taken" });
    }
  },
);

test("an invisible character inside of an email is refused, and the message says so", async () => {
  const { auth } = makeAuth();
  for (const character of INVISIBLE) {
    for (const email of [`ad${character}a@example.com`, `ada@exam${character}ple.com`]) {
      for (const call of [auth.signup, auth.login]) {
        const refusal: Refusal = await call({ email, password: PASSWORD }, CLIENT).catch((error) => error);
        expect(refusal.code).toBe("invalid_input");
        expect(refusal.errors).toEqual([
          {
            path: "email",
            code: "invalid_email",
            message: "There is a space or an invisible character in this email. Type it again.",
          },
        ]);
      }
    }
  }
});

test("a flood of spaces around an email is refused, not trimmed", async () => {
  const { auth } = makeAuth();
  const email = `${" ".repeat(1_000_000)}${EMAIL}`;
  await expect(auth.login({ email, password: PASSWORD }, CLIENT)).rejects.toMatchObject({
    code: "invalid_input",
  });
});
