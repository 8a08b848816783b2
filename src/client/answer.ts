import { objectIn } from "./object-in.ts";
import { AuthProblem, type AuthProblemDetails, hasCode } from "./problem.ts";

export interface Sender {
  send(request: Request): Promise<Response>;
}

/** An answer without its tokens, and the tokens. What a page does not get it cannot log, keep or send. */
export interface Answer<Body> {
  readonly body: Body;
  readonly access?: string | undefined;
  readonly refresh?: string | undefined;
  readonly device?: string | undefined;
  /** The server's time; NaN where its `Date` cannot be read. */
  readonly date: number;
}

interface Tokens {
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly deviceToken?: string;
}

/**
 * Sends a request of the client's own. Rejects with an `AuthProblem`, and with nothing else. Another answer in the
 * server's place is not believed: where the server answers 204, nothing else says that it was done.
 */
export async function ask<Body>(sender: Sender, request: Request, isEmpty?: boolean): Promise<Answer<Body>> {
  let response: Response;
  let text: string;
  try {
    response = await sender.send(request);
    text = await response.text();
  } catch (cause) {
    throw new AuthProblem(
      { code: "unreachable", status: 0, title: "The server cannot be reached." },
      { cause },
    );
  }
  const found: Tokens | undefined = objectIn(text);
  const isOurs = isEmpty ? response.status === 204 : response.ok && found;
  if (!isOurs) throw problemIn(response, text);
  const { accessToken: access, refreshToken: refresh, deviceToken: device, ...rest } = found ?? {};
  const body = (found && rest) as Body;
  return { body, access, refresh, device, date: Date.parse(response.headers.get("date") ?? "") };
}

/** The problem that a refused request was answered with. */
export function problemIn({ status, headers }: Response, text: string): AuthProblem {
  const details = objectIn(text) as AuthProblemDetails | undefined;
  return details?.code && headers.get("content-type")?.includes("problem+json")
    ? new AuthProblem({ ...details, status })
    : unexpectedAnswer(status);
}

export function unexpectedAnswer(status: number): AuthProblem {
  return new AuthProblem({ code: "unexpected_answer", status, title: "The server cannot be understood." });
}

/** The server says that there is no session. */
export function isOver(error: AuthProblem): boolean {
  return hasCode(error, "session_revoked", "session_expired", "token_missing", "invalid_token");
}
