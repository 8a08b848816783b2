import type { HttpResponse } from "../../contract/message.ts";
import { AuthError, isAuthError } from "../../errors.ts";

export const NO_STORE = "no-store";

/** A JSON answer. Answers of an authentication service are nobody's to keep (RFC 9111, section 5.2.2.5). */
export function jsonResponse(status: number, value: unknown, cacheControl: string = NO_STORE): HttpResponse {
  return withBody(status, value, { "content-type": "application/json", "cache-control": cacheControl });
}

export function emptyResponse(status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status, headers: { "cache-control": NO_STORE, ...headers }, setCookies: [], body: null };
}

/**
 * An error as `application/problem+json` (RFC 9457). For application routes as well: what is not an
 * `AuthError` becomes `internal_error` without any detail.
 */
export function problemResponse(
  thrown: unknown,
  extraHeaders: Readonly<Record<string, string>> = {},
): HttpResponse {
  // What is wrong inside is nobody's business outside, a configuration no more than a fault.
  const error = isAuthError(thrown) && thrown.status !== 500 ? thrown : new AuthError("internal_error");
  const { status, code, errors, retryAfterSeconds } = error;
  const problem = {
    type: `urn:sallyport:problem:${code}`,
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
    ...(isBearerFailure(error) && { "www-authenticate": 'Bearer error="invalid_token"' }),
    ...extraHeaders,
  });
}

// RFC 6750, section 3. A wrong password is no bearer failure.
function isBearerFailure({ status, code }: AuthError): boolean {
  return status === 401 && code !== "invalid_credentials";
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
