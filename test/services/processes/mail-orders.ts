// What the callers of a race over mails can be told to do. Each call has an instance of the library of its own.
import { type Auth, createAuth, type Mailer } from "sallyport";
import { insecureTestHasher } from "sallyport/testing";
import { isAuthError } from "../../../src/errors.ts";
import type { AuthStore } from "../../../src/ports/auth-store.ts";

export type MailOrder =
  | { readonly verb: "resetPassword"; readonly link: string; readonly password: string }
  | { readonly verb: "confirmSignup"; readonly challengeToken: string; readonly link: string }
  | { readonly verb: "answerGate"; readonly challengeToken: string; readonly link: string }
  | { readonly verb: "verifyEmail"; readonly accessToken: string; readonly link: string }
  | { readonly verb: "signIn"; readonly email: string; readonly password: string }
  | {
      readonly verb: "changePassword";
      readonly accessToken: string;
      readonly from: string;
      readonly to: string;
    };

type MailVerbs = {
  readonly [Verb in MailOrder["verb"]]: (
    store: AuthStore,
    order: Extract<MailOrder, { verb: Verb }>,
  ) => Promise<true | string>;
};

const HERE = { ip: null };

/** Each answers with true, or with the code of the refusal. */
export const MAIL_VERBS: MailVerbs = {
  resetPassword: (store, { link, password }) =>
    done(mailingOver(store).password.reset({ link, password }, HERE)),
  confirmSignup: (store, { challengeToken, link }) =>
    done(mailingOver(store).confirmSignup({ challengeToken, link }, HERE)),
  answerGate: (store, { challengeToken, link }) =>
    done(mailingOver(store).challenges.email({ challengeToken, link }, HERE)),
  verifyEmail: (store, { accessToken, link }) =>
    done(mailingOver(store).email.verify(accessToken, { link }, HERE)),
  signIn: (store, { email, password }) => done(mailingOver(store).login({ email, password }, HERE)),
  changePassword: (store, { accessToken, from, to }) =>
    done(mailingOver(store).password.change(accessToken, { currentPassword: from, newPassword: to }, HERE)),
};

function done(call: Promise<unknown>): Promise<true | string> {
  return call.then(
    () => true,
    (error) => (isAuthError(error) && error.code !== "unavailable" ? error.code : Promise.reject(error)),
  );
}

const NO_MAILER: Mailer = { send: async () => {} };

/** The library with a mailer over a store, the same in every process. */
export function mailingOver(store: AuthStore, mailer: Mailer = NO_MAILER): Auth {
  return createAuth({
    secret: "Nm4xYb7RcHd0LfMgUpAeJi5oE2tNqKs8uVwS3nT9kQvZ",
    store,
    password: { hasher: insecureTestHasher() },
    mailer,
    mail: { page: "https://app.acme.example/mail", delivery: "manual" },
  });
}
