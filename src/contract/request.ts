import type { EventsPageInput } from "../api/inputs.ts";
import { AuthError, type FieldError, isAuthError } from "../errors.ts";

export const BODY_ERRORS = [
  "malformed_request",
  "request_timeout",
  "payload_too_large",
  "unsupported_media_type",
  "invalid_input",
] as const;
export const TOKEN_ERRORS = [
  "token_missing",
  "invalid_token",
  "token_expired",
  "session_revoked",
  "session_expired",
] as const;
/** Whether an error says that no user is signed in. No other error does: not an outage, not another site. */
export function isTokenError(error: unknown): boolean {
  return isAuthError(error) && TOKEN_ERRORS.some((code) => code === error.code);
}

export const LIMIT_ERRORS = ["rate_limited", "overloaded"] as const;

/** The parameters that are lists. A comma parts their words. */
const LISTS: readonly string[] = ["type", "outcome"];

export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf("?");
  return new URLSearchParams(start < 0 ? "" : target.slice(start));
}

/** The query of a page of events, as the client sent it. The flow checks it, and names each wrong field. */
export function pageQuery(target: string): EventsPageInput {
  const parameters = queryOf(target);
  const names = [...parameters.keys()];
  if (new Set(names).size < names.length) {
    throw new AuthError("malformed_request", { message: "A query parameter is there twice." });
  }
  return Object.fromEntries([...parameters].map(([name, text]) => [name, valueOfParameter(name, text)]));
}

function valueOfParameter(name: string, text: string): unknown {
  if (LISTS.includes(name)) return text.split(",");
  // If it is not a plain number it becomes NaN, which the flow refuses.
  return name === "limit" ? Number(/^\d{1,9}$/.test(text) ? text : Number.NaN) : text;
}

const REQUIRED = { path: "refreshToken", code: "required", message: "This is required." };
const UNKNOWN = { path: "", code: "unknown_field", message: "There is an unknown field here." };

/** The refresh token of a body that has this one field. */
export function refreshTokenField(body: object): string {
  const { refreshToken, ...others }: { readonly refreshToken?: unknown } = body;
  const isText = typeof refreshToken === "string";
  const hasOthers = Object.keys(others).length > 0;
  if (isText && !hasOthers) return refreshToken;
  return refuseFields([...(isText ? [] : [REQUIRED]), ...(hasOthers ? [UNKNOWN] : [])]);
}

export function requireNoFields(body: object): void {
  if (Object.keys(body).length > 0) refuseUnknownField();
}

export function refuseUnknownField(): never {
  return refuseFields([UNKNOWN]);
}

function refuseFields(errors: readonly FieldError[]): never {
  throw new AuthError("invalid_input", { errors });
}
