import type { AuthErrorCode, FieldError } from "../errors.ts";

/**
 * The codes that this release knows: those of the server, and four of the client's own.
 *
 * - `unreachable`: no answer came. The network failed, another origin does not allow the page, or there was a redirect.
 * - `unexpected_answer`: the answer is not the server's, but perhaps a proxy's; or the server has the other transport.
 * - `session_changed`: the session changed during the call, perhaps in another tab.
 * - `storage_failed`: the storage of `asyncStorage` cannot be read.
 */
export type KnownProblemCode =
  | AuthErrorCode
  | "unreachable"
  | "unexpected_answer"
  | "session_changed"
  | "storage_failed";

/** What went wrong. A newer server may send a code that this release does not know. */
export type AuthProblemCode = KnownProblemCode | (string & {});

/** One failed rule of one input field. */
export interface ProblemField extends FieldError {}

export interface AuthProblemDetails {
  readonly code: AuthProblemCode;
  readonly status: number;
  readonly title: string;
  readonly errors?: readonly ProblemField[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** Every refusal and failure of the client. A page may show `message`: it holds no input and no token. */
export class AuthProblem extends Error {
  declare readonly code: AuthProblemCode;
  /** The HTTP status; 0 when there was no answer. */
  declare readonly status: number;
  /** Every failed rule at once, for `invalid_input` and `weak_password`. */
  declare readonly errors: readonly ProblemField[] | undefined;
  /** Whole seconds, for `rate_limited`, `overloaded` and `unavailable`. */
  declare readonly retryAfterSeconds: number | undefined;

  constructor(
    { title, code, status, errors, retryAfterSeconds }: AuthProblemDetails,
    options?: ErrorOptions,
  ) {
    super(title, options);
    // One by one: a server may send any member.
    Object.assign(this, { name: "AuthProblem", code, status, errors, retryAfterSeconds });
  }
}

/** Recognises an `AuthProblem` of any copy of the client. `instanceof` knows only the class of its own copy. */
export function isAuthProblem(error: unknown): error is AuthProblem {
  return error instanceof Error && error.name === "AuthProblem";
}

/** Whether the problem has one of these codes. A code that is not listed, a future one too, is another problem. */
export function hasCode({ code }: AuthProblem, ...codes: readonly KnownProblemCode[]): boolean {
  return codes.includes(code as KnownProblemCode);
}

export function sessionChanged(): AuthProblem {
  return new AuthProblem({ code: "session_changed", status: 0, title: "The session changed." });
}

export function tokenMissing(): AuthProblem {
  return new AuthProblem({ code: "token_missing", status: 401, title: "The session is missing." });
}
