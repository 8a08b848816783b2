import * as z from "zod/mini";
import type { Auth, ClientInfo } from "../api/auth.ts";
import { isAuthError } from "../errors.ts";
import { components } from "./described.ts";
import { BODY_ERRORS, TOKEN_ERRORS } from "./request.ts";
import { defineRoute, type RouteRow } from "./route.ts";
import { refreshedOutput, revokedOutput, sessionId, sessionsOutput } from "./shapes.ts";
import { tokenField } from "./token-fields.ts";

/** Only over HTTP: the call of `Auth` takes the token itself. */
const refreshInput: z.ZodMiniType<unknown, { refreshToken: string }> = z
  .strictObject({
    refreshToken: tokenField(
      "refresh",
      z.string().check(z.maxLength(4096), z.describe("As the last answer gave it")),
    ),
  })
  .register(components, { id: "RefreshRequest" });

/** The sessions of a user: how to keep one, see all of them, and end them. */
export function sessionRoutes(auth: Auth): readonly RouteRow[] {
  return [...ownSessionRoutes(auth), ...allSessionsRoutes(auth)];
}

function ownSessionRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "POST",
      path: "/refresh",
      name: "refresh",
      summary: "The next pair of tokens for a refresh token",
      access: "refresh",
      input: refreshInput,
      status: 200,
      output: refreshedOutput,
      errors: [...BODY_ERRORS, "invalid_token", "session_revoked", "session_expired", "rate_limited"],
      run: ({ tokens, client }) => auth.refresh(tokens.refresh(), client),
    }),
    defineRoute({
      method: "POST",
      path: "/logout",
      name: "logout",
      summary: "End the session of an access or refresh token, expired or not",
      access: "either",
      accepts: "form",
      input: refreshInput,
      status: 204,
      errors: [...BODY_ERRORS, "token_missing", "invalid_token", "rate_limited"],
      limitedBy: "session",
      run: ({ tokens, client }) => endSessions(auth, tokens.ending(), client),
      endsOwnSession: () => true,
    }),
  ];
}

function allSessionsRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "GET",
      path: "/sessions",
      name: "listSessions",
      summary: "The user's live sessions, newest first",
      access: "bearer",
      status: 200,
      output: sessionsOutput,
      errors: TOKEN_ERRORS,
      run: async ({ tokens, client }) => ({ sessions: await auth.sessions.list(tokens.access(), client) }),
    }),
    defineRoute({
      method: "DELETE",
      path: "/sessions",
      name: "revokeOtherSessions",
      summary: "End every session of the user but the current one",
      access: "bearer",
      status: 200,
      output: revokedOutput,
      errors: [...TOKEN_ERRORS, "rate_limited"],
      limitedBy: "session",
      run: ({ tokens, client }) => auth.sessions.revokeOthers(tokens.access(), client),
    }),
    defineRoute({
      method: "DELETE",
      path: "/sessions/{id}",
      parameters: { id: sessionId },
      name: "revokeSession",
      summary: "End one session of the user",
      access: "bearer",
      status: 204,
      errors: [...TOKEN_ERRORS, "not_found", "rate_limited"],
      limitedBy: "session",
      run: ({ tokens, parameters, client }) => auth.sessions.revoke(tokens.access(), parameters.id, client),
      endsOwnSession: ({ current }) => current,
    }),
  ];
}

/**
 * Ends the session of each token. A token that is not genuine is ignored beside a genuine one, so that sign-out works.
 * A failure is told after all tokens were tried: a planted token must not keep the others from their end.
 */
async function endSessions(auth: Auth, tokens: readonly string[], client: ClientInfo): Promise<void> {
  const refusals: unknown[] = [];
  const failures: unknown[] = [];
  for (const token of tokens) {
    await auth.logout(token, client).catch((error) => {
      const isRefusal = isAuthError(error) && error.code === "invalid_token";
      (isRefusal ? refusals : failures).push(error);
    });
  }
  if (failures.length > 0) throw failures[0];
  if (refusals.length === tokens.length) throw refusals[0];
}
