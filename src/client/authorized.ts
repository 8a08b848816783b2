import { type Answer, ask, isOver, problemIn } from "./answer.ts";
import type { Call } from "./place.ts";
import { type AuthProblem, sessionChanged } from "./problem.ts";
import type { Parts, Renewal } from "./renewal.ts";

/** Calls that a session is needed for: with a token that is good, and for the user whom they were begun for. */
export interface Authorized {
  /** One of the server's routes. `keep` stores what it changes, while nobody else does in any tab. */
  call<Body>(path: string, call?: Call, keep?: (answer: Answer<Body>) => void): Promise<Body>;
  /** One of the application's. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
}

/** Makes a call, and once more after a refresh. The call asserts, of its answer, that it came for the same user. */
type Attempt = <T>(once: (assertSame: () => void) => Promise<T>) => Promise<T>;

export function createAuthorized(parts: Parts, renewal: Renewal): Authorized {
  const { send, place, exclusive } = parts;
  const attempt = attempts(parts, renewal);
  return {
    call: <Body>(path: string, details?: Call, keep?: (answer: Answer<Body>) => void) =>
      attempt(async (assertSame) => {
        const work = async (): Promise<Body> => {
          // While it waited for its turn, somebody else may have signed in.
          assertSame();
          const answer = await ask<Body>(send, withToken(parts, place.own(path, details)), details?.isEmpty);
          assertSame();
          keep?.(answer);
          return answer.body;
        };
        return keep ? exclusive(work) : work();
      }),
    fetch: async (input, init) => fetchWith(parts, attempt, new Request(input, init)),
  };
}

async function fetchWith(parts: Parts, attempt: Attempt, request: Request): Promise<Response> {
  const { send, place } = parts;
  // Nor are other origins' answers believed. And who brings a token knows what it is for.
  if (!place.isHome(request.url) || request.headers.has("authorization")) return send(request);
  let refusal: AuthProblem | undefined;
  let refused: Response | undefined;
  try {
    return await attempt(async () => {
      const response = await send(
        withToken(parts, new Request(request.clone(), request.credentials === "omit" ? {} : place.cookies)),
      );
      if (response.status !== 401) return response;
      refused = response;
      refusal = problemIn(response, await response.clone().text());
      throw refusal;
    });
  } catch (error) {
    if (!refused || error !== refusal) throw error;
    return refused;
  }
}

function withToken({ held }: Parts, request: Request): Request {
  const access = held.session()?.access;
  if (access) request.headers.set("authorization", `Bearer ${access}`);
  return request;
}

function attempts({ held }: Parts, { refreshIfDue, refreshSince }: Renewal): Attempt {
  /** Whether it may be tried again. Signs out here, when the server says that the session is over. */
  const mayRepeat = async (error: unknown, seen: string | null): Promise<boolean> => {
    // An expired cookie does not come any more: then the server says that there is none.
    if (/^(token_expired|invalid_token)$/.test((error as AuthProblem).code)) {
      return held.state() !== "signed_out" && refreshSince(seen);
    }
    if (isOver(error as AuthProblem) && held.text() === seen) held.hold(undefined);
    return false;
  };

  return async (once) => {
    const begun = held.session()?.id;
    // Nothing goes out, and nothing comes back, for another user than the one whom it was meant for.
    const assertSame = (): void => {
      if (begun && held.session()?.id !== begun) throw sessionChanged();
    };
    await refreshIfDue();
    assertSame();
    const seen = held.text();
    try {
      return await once(assertSame);
    } catch (error) {
      if (!(await mayRepeat(error, seen))) throw error;
      assertSame();
      return once(assertSame);
    }
  };
}
