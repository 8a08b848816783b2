import type { ClientInfo } from "../../auth.ts";
import { AuthError } from "../../errors.ts";
import { headerValue } from "../message.ts";
import type { KnownRequest } from "../route.ts";

export const BODY_ERRORS = [
  "malformed_request",
  "payload_too_large",
  "unsupported_media_type",
  "invalid_input",
] as const;
export const TOKEN_ERRORS = ["invalid_token", "token_expired", "session_revoked", "session_expired"] as const;
export const LIMIT_ERRORS = ["rate_limited", "overloaded"] as const;

export function clientInfo({ client, headers }: KnownRequest): ClientInfo {
  return { ...client, userAgent: headerValue(headers, "user-agent") };
}

export function pageQuery(target: string): { limit?: number; cursor?: string } {
  const start = target.indexOf("?");
  const parameters = new URLSearchParams(start < 0 ? "" : target.slice(start));
  const names = [...parameters.keys()];
  if (new Set(names).size < names.length) {
    throw new AuthError("malformed_request", { message: "A query parameter is there twice." });
  }
  const { limit, ...rest } = Object.fromEntries(parameters);
  // NaN for what is no plain number: the flow refuses it by name.
  return limit === undefined
    ? rest
    : { ...rest, limit: /^\d{1,9}$/.test(limit) ? Number(limit) : Number.NaN };
}
