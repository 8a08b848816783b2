import type { Auth, ClientInfo, RevokedSession } from "../api/auth.ts";
import { isAuthError } from "../errors.ts";
import { BODY_ERRORS, clientInfo, TOKEN_ERRORS } from "./request.ts";
import type { Route } from "./route.ts";
import { refreshedOutput, refreshInput, revokedOutput, sessionsOutput } from "./shapes.ts";

/** What begins with a login: going on with a session, seeing all of them, ending them. */
export const sessionRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/refresh",
    name: "refresh",
    summary: "The next pair of tokens for a refresh token",
    access: "refresh",
    input: refreshInput,
    status: 200,
    output: refreshedOutput,
    issuesTokens: true,
    errors: [...BODY_ERRORS, "invalid_token", "session_revoked", "session_expired", "rate_limited"],
    run: (auth, request) => auth.refresh(request.tokens.refresh(), clientInfo(request)),
  },
  {
    method: "POST",
    path: "/logout",
    name: "logout",
    summary: "End the session of an access or refresh token, expired or not",
    access: "either",
    input: refreshInput,
    status: 204,
    errors: [...BODY_ERRORS, "invalid_token"],
    endsOwnSession: () => true,
    run: (auth, request) => endSessions(auth, request.tokens.ending(), clientInfo(request)),
  },
  {
    method: "GET",
    path: "/sessions",
    name: "listSessions",
    summary: "The user's live sessions, newest first",
    access: "bearer",
    status: 200,
    output: sessionsOutput,
    errors: TOKEN_ERRORS,
    run: async (auth, request) => ({ sessions: await auth.sessions.list(request.tokens.access()) }),
  },
  {
    method: "DELETE",
    path: "/sessions",
    name: "revokeOtherSessions",
    summary: "End every session of the user but the current one",
    access: "bearer",
    status: 200,
    output: revokedOutput,
    errors: TOKEN_ERRORS,
    run: (auth, request) => auth.sessions.revokeOthers(request.tokens.access(), clientInfo(request)),
  },
  {
    method: "DELETE",
    path: "/sessions/{id}",
    name: "revokeSession",
    summary: "End one session of the user",
    access: "bearer",
    status: 204,
    errors: [...TOKEN_ERRORS, "not_found"],
    endsOwnSession: (result) => (result as RevokedSession).current,
    run: (auth, request) => {
      const token = request.tokens.access();
      return auth.sessions.revoke(token, request.parameters["id"] ?? "", clientInfo(request));
    },
  },
];

/** Ends the session of each token. One that is no token keeps nobody from signing out, unless it is the only one. */
async function endSessions(auth: Auth, tokens: readonly string[], client: ClientInfo): Promise<void> {
  const refusals: unknown[] = [];
  for (const token of tokens) {
    await auth.logout(token, client).catch((error) => {
      if (!isAuthError(error) || error.code !== "invalid_token") throw error;
      refusals.push(error);
    });
  }
  if (refusals.length === tokens.length) throw refusals[0];
}
