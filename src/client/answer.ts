import { objectIn } from "./object-in.ts";
import { AuthProblem, type AuthProblemDetails, problem } from "./problem.ts";

const UNREACHABLE = "The server cannot be reached.";

export type Send = (request: Request) => Promise<Response>;

export interface Answer<Body> {
  readonly body: Body;
  /** The server's time; NaN where its `Date` cannot be read. */
  readonly date: number;
}

/** Sends a request of the client's own. Rejects with an `AuthProblem`, and with nothing else. */
export async function ask<Body>(send: Send, request: Request): Promise<Answer<Body>> {
  const { response, text } = await answerTo(send, request);
  const body = objectIn(text);
  if (!response.ok || !(body || response.status === 204)) throw problemIn(response, body);
  return { body: body as Body, date: Date.parse(response.headers.get("date") ?? "") };
}

async function answerTo(
  send: Send,
  request: Request,
): Promise<{ readonly response: Response; readonly text: string }> {
  try {
    const response = await send(request);
    return { response, text: await response.text() };
  } catch (cause) {
    throw new AuthProblem({ code: "unreachable", status: 0, title: UNREACHABLE }, { cause });
  }
}

/** The problem that a refused request of the application's own was answered with. */
export async function problemOf(response: Response): Promise<AuthProblem> {
  return problemIn(response, objectIn(await response.text()));
}

function problemIn(response: Response, body: object | undefined): AuthProblem {
  const { status, headers } = response;
  const details = body as AuthProblemDetails | undefined;
  return details?.code && headers.get("content-type")?.includes("problem+json")
    ? new AuthProblem({ ...details, status })
    : unexpectedAnswer(status);
}

export function unexpectedAnswer(status: number): AuthProblem {
  return problem("unexpected_answer", status, "The answer was not one of the server's.");
}

/** `unreachable`, `unexpected_answer`: the answer was lost on its way, and the server may have done what it was asked. */
export function wasLost(error: AuthProblem): boolean {
  return /^un[re]/.test(error.code);
}

/** The server's word that there is no session. */
export function isOver(error: AuthProblem): boolean {
  return /^(invalid_token|session_(revoked|expired))$/.test(error.code);
}
