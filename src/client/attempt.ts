import { isOver, problemIn } from "./answer.ts";
import { findOut } from "./first-visit.ts";
import type { Parts } from "./parts.ts";
import { type AuthProblem, hasCode, sessionChanged } from "./problem.ts";
import type { Renewal } from "./renewal.ts";

/**
 * Makes a call, and makes it again after a refresh. The call uses `assertSame` to check that the session is still the one
 * in which it began.
 */
export type Attempt = <T>(once: (assertSame: () => void) => Promise<T>) => Promise<T>;

export async function fetchWith(parts: Parts, attempt: Attempt, request: Request): Promise<Response> {
  // Another origin gets no token, and its 401 causes no refresh. A token of the page's own is left as it is.
  if (!parts.isHome(request.url) || request.headers.has("authorization")) return parts.send(request);
  let refusal: AuthProblem | undefined;
  let refused: Response | undefined;
  try {
    return await attempt(async () => {
      const response = await parts.send(
        withToken(parts, new Request(request.clone(), request.credentials === "omit" ? {} : parts.cookies())),
      );
      if (response.status !== 401) return response;
      refused = response;
      refusal = problemIn(response, await response.clone().text());
      throw refusal;
    });
  } catch (error) {
    if (refused && error === refusal) return refused;
    throw error;
  }
}

export function withToken(parts: Parts, request: Request): Request {
  const access = parts.session()?.access;
  if (access) request.headers.set("authorization", `Bearer ${access}`);
  return request;
}

export function createAttempt(parts: Parts, renewal: Renewal): Attempt {
  const mayRefresh = async (seen: string | null | undefined): Promise<boolean> => {
    if (parts.state() === "unknown") await findOut(parts);
    return parts.state() !== "signed_out" && renewal.refreshSince(seen);
  };
  /** Whether the call may be made again. Signs out here when the server says that the session is over. */
  const mayRepeat = async (error: AuthProblem, seen: string | null | undefined): Promise<boolean> => {
    // The browser does not send an expired cookie: the server then answers `token_missing`.
    if (hasCode(error, "token_expired", "token_missing", "invalid_token")) return mayRefresh(seen);
    if (isOver(error) && parts.text() === seen) parts.hold();
    return false;
  };

  const attempt: Attempt = async (once) => {
    const begun = parts.session()?.id;
    // No request is sent, and no answer is handed on, in the name of another user.
    const assertSame = (): void => {
      if (begun && parts.session()?.id !== begun) throw sessionChanged();
    };
    await renewal.refreshIfDue();
    assertSame();
    const seen = parts.text();
    try {
      return await once(assertSame);
    } catch (error) {
      if (!(await mayRepeat(error as AuthProblem, seen))) throw error;
      assertSame();
      return once(assertSame);
    }
  };
  return (once) => parts.stored(() => attempt(once));
}
