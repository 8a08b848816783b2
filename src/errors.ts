/** The cause of an error, for programs. Codes are API: a release may add a code, but never renames one. */
export type AuthErrorCode =
  | "malformed_request"
  | "invalid_credentials"
  | "invalid_token"
  | "token_missing"
  | "invalid_challenge"
  | "token_expired"
  | "session_revoked"
  | "session_expired"
  | "forbidden"
  | "reauthentication_required"
  | "cross_site_request"
  | "not_found"
  | "method_not_allowed"
  | "request_timeout"
  | "email_taken"
  | "payload_too_large"
  | "unsupported_media_type"
  | "invalid_input"
  | "invalid_code"
  | "weak_password"
  | "rate_limited"
  | "internal_error"
  | "invalid_configuration"
  | "overloaded"
  | "unavailable";

/** One failed rule of one input field. */
export interface FieldError {
  /** The field: `email`, `password`, `client.ip`. */
  readonly path: string;
  readonly code: string;
  /** A sentence for the user. It never holds the input. */
  readonly message: string;
}

export interface AuthErrorDetails {
  readonly errors?: readonly FieldError[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
  readonly message?: string | undefined;
}

// One line for each code: the HTTP status, and a message that a stranger may read. No message tells accounts apart.
const CODES: Readonly<Record<AuthErrorCode, readonly [status: number, message: string]>> = {
  malformed_request: [400, "The request could not be understood."],
  invalid_credentials: [401, "Email or password is wrong."],
  invalid_token: [401, "The token is not valid."],
  token_missing: [401, "No token was sent."],
  invalid_challenge: [401, "This sign-in has expired. Begin again."],
  token_expired: [401, "The token has expired."],
  session_revoked: [401, "The session was ended."],
  session_expired: [401, "The session has expired."],
  forbidden: [403, "You are not allowed to do this."],
  reauthentication_required: [403, "Enter your password again to do this."],
  cross_site_request: [403, "Cross-site request refused."],
  not_found: [404, "There is nothing here."],
  method_not_allowed: [405, "This method is not allowed here."],
  request_timeout: [408, "The request did not arrive in time."],
  email_taken: [409, "An account with this email already exists."],
  payload_too_large: [413, "The request body is too large."],
  unsupported_media_type: [415, "The request body must be application/json."],
  invalid_input: [422, "Some fields are not valid."],
  invalid_code: [422, "The code or link is wrong, used or too old."],
  weak_password: [422, "The password is too weak."],
  rate_limited: [429, "Too many attempts. Try again later."],
  internal_error: [500, "Something went wrong on our side."],
  invalid_configuration: [500, "The authentication library is not configured correctly."],
  overloaded: [503, "The service is busy. Try again shortly."],
  unavailable: [503, "The service is not available at the moment. Try again shortly."],
};

const RETRY_AFTER: Readonly<Partial<Record<AuthErrorCode, number>>> = { overloaded: 1, unavailable: 5 };

const BRAND: unique symbol = Symbol.for("sallyport.AuthError");

/** Every refusal and failure of the library. Messages hold no input. `cause` is for the operator. */
export class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** The matching HTTP status. */
  readonly status: number;
  /** Every failed rule at once, for `invalid_input` and `weak_password`. */
  readonly errors: readonly FieldError[] | undefined;
  /** Whole seconds, for `rate_limited`, `overloaded` and `unavailable`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    const [status, message] = CODES[code];
    super(details.message ?? message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = "AuthError";
    this.code = code;
    this.status = status;
    this.errors = details.errors;
    this.retryAfterSeconds = details.retryAfterSeconds ?? RETRY_AFTER[code];
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Recognises an `AuthError` of any copy of the library. `instanceof` recognises only those of its own copy. */
export function isAuthError(error: unknown): error is AuthError {
  return typeof error === "object" && error !== null && BRAND in error;
}

const SPARES_COOKIES: unique symbol = Symbol.for("sallyport.sparesCookies");

/**
 * Marks a refusal that says nothing of the cookies which the browser has by now: the token is another application's, its
 * cookie came twice, or an answer in between has replaced it.
 */
export function sparingCookies(error: AuthError): AuthError {
  return Object.defineProperty(error, SPARES_COOKIES, { value: true });
}

/** Makes an `invalid_token` for a token of no session here. */
export function notOurs(): AuthError {
  return sparingCookies(new AuthError("invalid_token"));
}

export function sparesCookies(error: AuthError): boolean {
  return SPARES_COOKIES in error;
}

/** Makes the error for a mistake in the options. The message must name the option and the fix. */
export function misconfigured(message: string, cause?: unknown): AuthError {
  return new AuthError("invalid_configuration", cause === undefined ? { message } : { message, cause });
}

/** The HTTP status of a code, for the OpenAPI document. */
export function statusOf(code: AuthErrorCode): number {
  return CODES[code][0];
}
