import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import { AuthError } from "../../errors.ts";

/** The token of an `Authorization: Bearer` header (RFC 6750, section 2.1), or throws `invalid_token`. */
export function bearerToken(headers: HttpHeaders): string {
  const match = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(headerValue(headers, "authorization") ?? "");
  if (!match) throw new AuthError("invalid_token");
  return match[1] as string;
}
