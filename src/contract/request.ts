import type { ClientInfo } from "../api/auth.ts";
import { AuthError, type FieldError } from "../errors.ts";
import { headerValue } from "./message.ts";
import type { KnownRequest } from "./route.ts";

export const BODY_ERRORS = [
  "malformed_request",
  "payload_too_large",
  "unsupported_media_type",
  "invalid_input",
] as const;
export const TOKEN_ERRORS = ["invalid_token", "token_expired", "session_revoked", "session_expired"] as const;
export const LIMIT_ERRORS = ["rate_limited", "overloaded"] as const;

export function clientInfo({ client, headers }: Pick<KnownRequest, "client" | "headers">): ClientInfo {
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

const REQUIRED = { path: "refreshToken", code: "required", message: "This is required." };
const UNKNOWN = { path: "", code: "unknown_field", message: "There is an unknown field here." };

/** The one field of a body that is a refresh token alone. */
export function refreshTokenField(body: unknown): string {
  const { refreshToken, ...others } = Object(body) as Readonly<Record<string, unknown>>;
  refuseFields([
    ...(typeof refreshToken === "string" ? [] : [REQUIRED]),
    ...(Object.keys(others).length > 0 ? [UNKNOWN] : []),
  ]);
  return refreshToken as string;
}

export function requireNoFields(body: unknown): void {
  refuseFields(Object.keys(Object(body)).length > 0 ? [UNKNOWN] : []);
}

function refuseFields(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw new AuthError("invalid_input", { errors });
}
