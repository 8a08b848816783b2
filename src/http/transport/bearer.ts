import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import { AuthError } from "../../errors.ts";

/** Nothing, or credentials of another scheme: the client does not know that a token is needed. */
const NO_TOKEN = /^$|^(?!bearer\b)[\w-]+ /i;

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, section 2.1). Throws `token_missing` if there is none, and
 * `invalid_token` for anything else.
 */
export function bearerToken(headers: HttpHeaders): string {
  const authorization = headerValue(headers, "authorization") ?? "";
  const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization);
  if (match) return match[1] as string;
  throw new AuthError(NO_TOKEN.test(authorization) ? "token_missing" : "invalid_token");
}
