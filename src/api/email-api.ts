import type { ChallengeProof, ClientInfo, SessionProof } from "./inputs.ts";
import type { CurrentUser, LoginResult, MailSent } from "./results.ts";

/** `auth.email`: the address of a signed-in user. */
export interface EmailApi {
  /**
   * Sends a mail with which the signed-in user verifies their address. Needs the option `mailer`.
   *
   * Codes: those of `verifyToken`, `rate_limited`, `invalid_input` (the client).
   *
   * @example
   * ```ts
   * const { challengeToken } = await auth.email.requestVerification(accessToken, { ip, userAgent });
   * ```
   */
  requestVerification(accessToken: string, client: ClientInfo): Promise<MailSent>;
  /**
   * Verifies the address of the signed-in user by the link or the code of a mail. Sessions go on. A mail to another user
   * is `invalid_code`.
   *
   * Codes: those of `verifyToken`, `invalid_input`, `invalid_code`, `rate_limited`.
   *
   * @example
   * ```ts
   * const { user } = await auth.email.verify(accessToken, { challengeToken, code }, { ip, userAgent });
   * console.log(user.emailVerified); // true
   * ```
   */
  verify(accessToken: string, proof: SessionProof, client: ClientInfo): Promise<CurrentUser>;
}

/** `auth.challenges`: answers to the challenge of a sign-in. Features add their own answers to their own calls. */
export interface ChallengesApi {
  /**
   * Answers the challenge `email`: the password was right, but the address is not verified yet. The mail is on its way
   * since the challenge. The answer may be a further challenge.
   *
   * Codes: `invalid_input`, `invalid_code`, `rate_limited` (the client's address only), `unavailable`.
   *
   * @example
   * ```ts
   * const result = await auth.login({ email, password }, { ip, userAgent });
   * if (result.status === "challenge" && result.kind === "email") {
   *   const { challengeToken } = result;
   *   const next = await auth.challenges.email({ challengeToken, code }, { ip, userAgent });
   *   console.log(next.status); // "signed_in"
   * }
   * ```
   */
  email(proof: ChallengeProof, client: ClientInfo): Promise<LoginResult>;
}
