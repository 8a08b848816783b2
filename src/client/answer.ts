import { objectIn } from "./object-in.ts";
import { AuthProblem, type AuthProblemDetails, problem } from "./problem.ts";

const UNREACHABLE = "The server cannot be reached.";

export type Send = (request: Request) => Promise<Response>;

export interface Answer<Body> {
  readonly body: Body;
  /** The server's time; NaN where its `Date` cannot be read. */
  readonly date: number;
}

/**
 * Sends a request of the client's own. Rejects with an `AuthProblem`, and with nothing else. Whoever else answers in the
 * server's place is not believed: where the server's answer is 204, nothing else says that it was done.
 */
export async function ask<Body>(send: Send, request: Request, isEmpty?: boolean): Promise<Answer<Body>> {
  let response: Response;
  let text: string;
  try {
    response = await send(request);
    text = await response.text();
  } catch (cause) {
    throw new AuthProblem({ code: "unreachable", status: 0, title: UNREACHABLE }, { cause });
  }
  const body = objectIn(text);
  const isOurs = isEmpty ? response.status === 204 : response.ok && body;
  if (!isOurs) throw problemIn(response, text);
  return { body: body as Body, date: Date.parse(response.headers.get("date") ?? "") };
}

/** The problem that a refused request was answered with. */
export function problemIn({ status, headers }: Response, text: string): AuthProblem {
  const details = objectIn(text) as AuthProblemDetails | undefined;
  return details?.code && headers.get("content-type")?.includes("problem+json")
    ? new AuthProblem({ ...details, status })
    : unexpectedAnswer(status);
}

export function unexpectedAnswer(status: number): AuthProblem {
  return problem("unexpected_answer", status, "The server cannot be understood.");
}

/** `unreachable`, `unexpected_answer`: the answer was lost on its way, and the server may have done what it was asked. */
export function wasLost(error: AuthProblem): boolean {
  return /^un[re]/.test(error.code);
}

/** The server's word that there is no session. */
export function isOver(error: AuthProblem): boolean {
  return /^(invalid_token|session_[re].*)$/.test(error.code);
}
