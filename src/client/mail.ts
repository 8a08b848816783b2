import type { ClientFeature } from "./feature.ts";
import type { InstallableClientFeature } from "./installable-feature.ts";
import type { ClientKit } from "./kit.ts";
import type { ClientMail, MailPurpose } from "./mail-types.ts";
import { createPending } from "./pending.ts";
import type { ClientStorage, CurrentUser, MailSent } from "./types.ts";

export { type MailLink, parseMailLink, readMailLink } from "./mail-link.ts";
export type * from "./mail-types.ts";

export interface ClientMailOptions {
  /**
   * Where the challenges are kept until their mails are answered. Default: `localStorage`, or memory where there is no
   * page. A challenge is not a session: alone it opens nothing.
   */
  readonly storage?: ClientStorage | null | undefined;
}

/**
 * The calls about mail, for the option `features` of `createAuthClient`. The server needs the option `mailer`.
 *
 * @example
 * ```ts
 * import { createAuthClient } from "sallyport/client";
 * import { mail } from "sallyport/client-mail";
 *
 * const client = createAuthClient({ transport: "cookie", features: { mail: mail() } });
 * await client.mail.password.requestReset({ email: "ada@example.com" });
 * ```
 */
export function mail(options: ClientMailOptions = {}): ClientFeature<ClientMail> {
  const feature = { name: "mail", install: (kit: ClientKit) => createMail(kit, options) };
  return feature as InstallableClientFeature<ClientMail>;
}

function createMail(
  { begin, enter, open, call, key }: ClientKit,
  { storage }: ClientMailOptions,
): ClientMail {
  const { keep, pending, forget } = createPending(() => `${key()}:mail`, storage);
  const asking = async (purpose: MailPurpose, asked: Promise<MailSent>): Promise<MailSent> => {
    const sent = await asked;
    keep(purpose, sent);
    return sent;
  };
  const answering = async <Result>(purpose: MailPurpose, answer: Promise<Result>): Promise<Result> => {
    const result = await answer;
    forget(purpose);
    return result;
  };
  return {
    confirmSignup: (proof) => answering("signup", begin("signup/confirm", proof)),
    challenges: { email: (proof) => answering("login", enter("challenges/email", proof)) },
    password: {
      requestReset: (input) => asking("password_reset", enter("password/reset", input, true)),
      reset: ({ ...body }) =>
        answering("password_reset", open<undefined>("password/reset/confirm", { body, isEmpty: true })),
    },
    email: {
      requestVerification: () => asking("email_verification", call("email/verification", { method: "POST" })),
      verify: ({ ...body }) =>
        answering("email_verification", call<CurrentUser>("email/verification/confirm", { body })),
    },
    resend: ({ challengeToken }) => open("email/resend", { body: { challengeToken } }),
    keep,
    pending,
  };
}
