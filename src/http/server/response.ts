import type { HttpResponse } from "../../contract/message.ts";
import { AuthError, isAuthError } from "../../errors.ts";
import { challengeOf } from "../transport/challenge.ts";

export const NO_STORE = "no-store";

/** A JSON answer. By default no cache may store it (RFC 9111, section 5.2.2.5). */
export function jsonResponse(status: number, value: unknown, cacheControl: string = NO_STORE): HttpResponse {
  return withBody(status, value, { "content-type": "application/json", "cache-control": cacheControl });
}

export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { "cache-control": NO_STORE, ...headers }, setCookies: [], body: null };
}

/**
 * Turns an error into `application/problem+json` (RFC 9457), for routes of your application, too. An error
 * that is not an `AuthError` becomes `internal_error` without any detail.
 *
 * @example
 * import type { ServerResponse } from "node:http";
 * import { problemResponse, sendNodeResponse } from "sallyport/http";
 *
 * export function sendError(error: unknown, response: ServerResponse): void {
 *   sendNodeResponse(response, problemResponse(error));
 * }
 */
export function problemResponse(
  thrown: unknown,
  extraHeaders: Readonly<Record<string, string>> = {},
): HttpResponse {
  const error = shownError(thrown);
  const { status, code, errors, retryAfterSeconds } = error;
  const challenge = challengeOf(error);
  const problem = {
    type: `tag:sallyport,2026:problem:${code}`,
    title: error.message,
    status,
    code,
    ...(errors && { errors }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
  return withBody(status, problem, {
    "content-type": "application/problem+json",
    "cache-control": NO_STORE,
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    ...(challenge !== undefined && { "www-authenticate": challenge }),
    ...extraHeaders,
  });
}

/** The error that strangers see. They must not learn what is wrong inside, be it a fault or the configuration. */
export function shownError(thrown: unknown): AuthError {
  return isAuthError(thrown) && thrown.status !== 500 ? thrown : new AuthError("internal_error");
}

function withBody(status: number, value: unknown, headers: Readonly<Record<string, string>>): HttpResponse {
  const body = JSON.stringify(value);
  const length = String(Buffer.byteLength(body));
  return {
    status,
    headers: { ...headers, "content-length": length, "x-content-type-options": "nosniff" },
    setCookies: [],
    body,
  };
}
