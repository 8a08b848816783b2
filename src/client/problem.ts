import type { AuthErrorCode, FieldError } from "../errors.ts";

/**
 * What went wrong: a code of the server, or one of the client's own.
 *
 * - `unreachable`: no answer came. The network, another origin without CORS, or a redirect.
 * - `unexpected_answer`: what answered was not the server, but perhaps a proxy; or it is of the other transport.
 * - `session_changed`: meanwhile somebody signed in or out here, perhaps in another tab.
 */
export type AuthProblemCode =
  | AuthErrorCode
  | "unreachable"
  | "unexpected_answer"
  | "session_changed"
  // A newer server may know more.
  | (string & {});

/** One failed rule of one input field. */
export interface ProblemField extends FieldError {}

export interface AuthProblemDetails {
  readonly code: AuthProblemCode;
  readonly status: number;
  readonly title: string;
  readonly errors?: readonly ProblemField[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** Every refusal and failure of the client. `message` may be shown; it holds no input and no token. */
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
    // Not `details` as they are: a server may send any member.
    Object.assign(this, { name: "AuthProblem", code, status, errors, retryAfterSeconds });
  }
}

/** Recognises an `AuthProblem` of any copy of the client, where `instanceof` knows only its own. */
export function isAuthProblem(error: unknown): error is AuthProblem {
  return error instanceof Error && error.name === "AuthProblem";
}

export function sessionChanged(): AuthProblem {
  return problem("session_changed", 0, "Somebody signed in or out meanwhile.");
}

/** One of the client's own. */
export function problem(code: AuthProblemCode, status: number, title: string): AuthProblem {
  return new AuthProblem({ code, status, title });
}
