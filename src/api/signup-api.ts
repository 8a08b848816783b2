import type { ClientInfo, SignupConfirmation, SignupInput } from "./inputs.ts";
import type { LoginResult, SignupResult } from "./results.ts";

/** The calls of `Auth` that make an account. */
export interface SignupApi<Input extends SignupInput = SignupInput> {
  /**
   * Creates an account and signs it in. A success ends the session of `refreshToken`. With the option `signup.fields`,
   * the input has your own `fields`.
   *
   * With `email.verification: "required"` it creates nothing yet. It sends a mail and answers `check_email`, in the same
   * way for taken and free emails. `confirmSignup` then creates the account.
   *
   * Codes: `invalid_input`, `weak_password`, `rate_limited`, `email_taken`, `overloaded`, `unavailable`, and any
   * code that `hooks.userCreated` throws.
   *
   * @example
   * ```ts
   * const result = await auth.signup({ email, password }, { ip, userAgent });
   * if (result.status === "signed_in") console.log(result.user.id, result.accessToken);
   * ```
   */
  signup(input: Input, client: ClientInfo): Promise<SignupResult>;
  /**
   * Creates the account of a signup whose mail has arrived, and signs it in. In the browser of the signup, its
   * `challengeToken` and the code or the link count, and the password is that of the signup. In another browser, the
   * link and a new password count: a stranger may have chosen the first one. A success ends the session of
   * `refreshToken`.
   *
   * Codes: `invalid_input`, `invalid_code`, `weak_password`, `email_taken` (an account was made since the signup),
   * `rate_limited` (the client's address only), `overloaded`, `unavailable`, and any code that `hooks.userCreated`
   * throws.
   *
   * @example
   * ```ts
   * const asked = await auth.signup({ email, password }, { ip, userAgent });
   * if (asked.status === "check_email") {
   *   const { challengeToken } = asked;
   *   const result = await auth.confirmSignup({ challengeToken, code }, { ip, userAgent });
   *   if (result.status === "signed_in") console.log(result.user.emailVerified); // true
   * }
   * ```
   */
  confirmSignup(proof: SignupConfirmation, client: ClientInfo): Promise<LoginResult>;
}
