import { AuthError, isAuthError } from "../../errors.ts";

/** Marks a refusal of cookie mode. Another copy of the package knows the mark, too. */
const IN_COOKIES: unique symbol = Symbol.for("sallyport.inCookies");

/**
 * The `WWW-Authenticate` value of a refusal, if it has one (RFC 6750, section 3). A request without any token is told
 * the scheme alone (section 3.1). A wrong password or challenge is not a failure of the bearer token.
 */
export function challengeOf(error: AuthError): string | undefined {
  const { status, code } = error;
  if (status !== 401 || code === "invalid_credentials" || code === "invalid_challenge") return undefined;
  if (IN_COOKIES in error) return undefined;
  return code === "token_missing" ? "Bearer" : 'Bearer error="invalid_token"';
}

/** The same refusal, without the scheme: cookie mode refuses the header that it would ask for. */
export function withoutChallenge(error: unknown): unknown {
  if (!isAuthError(error) || challengeOf(error) === undefined) return error;
  const { code, message, cause } = error;
  // A new error: callers in the other mode may get the same one, from one check that they share.
  const refusal = new AuthError(code, cause === undefined ? { message } : { message, cause });
  return Object.defineProperty(refusal, IN_COOKIES, { value: true });
}
