import { AuthError } from "../../errors.ts";
import { bearerToken } from "../bearer.ts";
import { readJson } from "../body.ts";
import type { KnownRequest, Route } from "../route.ts";
import { refreshedOutput, refreshInput, revokedOutput, sessionsOutput } from "../schemas.ts";
import { BODY_ERRORS, clientInfo, TOKEN_ERRORS } from "./request.ts";

/** What begins with a login: going on with a session, seeing all of them, ending them. */
export const sessionRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/refresh",
    name: "refresh",
    summary: "The next pair of tokens for a refresh token",
    access: "public",
    input: refreshInput,
    status: 200,
    output: refreshedOutput,
    errors: [...BODY_ERRORS, "invalid_token", "session_revoked", "session_expired", "rate_limited"],
    run: (auth, request) => auth.refresh(refreshToken(request), clientInfo(request)),
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
    run: (auth, request) => {
      const byBody = request.headers["authorization"] === undefined && request.body.kind !== "none";
      return auth.logout(byBody ? refreshToken(request) : bearerToken(request.headers), clientInfo(request));
    },
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
    run: async (auth, request) => ({ sessions: await auth.sessions.list(bearerToken(request.headers)) }),
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
    run: (auth, request) => auth.sessions.revokeOthers(bearerToken(request.headers), clientInfo(request)),
  },
  {
    method: "DELETE",
    path: "/sessions/{id}",
    name: "revokeSession",
    summary: "End one session of the user",
    access: "bearer",
    status: 204,
    errors: [...TOKEN_ERRORS, "not_found"],
    run: (auth, request) => {
      const token = bearerToken(request.headers);
      return auth.sessions.revoke(token, request.parameters["id"] ?? "", clientInfo(request));
    },
  },
];

const REQUIRED = { path: "refreshToken", code: "required", message: "This is required." };
const UNKNOWN = { path: "", code: "unknown_field", message: "There is an unknown field here." };

function refreshToken(request: KnownRequest): string {
  const { refreshToken: token, ...others } = Object(readJson(request)) as Readonly<Record<string, unknown>>;
  const errors = [
    ...(typeof token === "string" ? [] : [REQUIRED]),
    ...(Object.keys(others).length > 0 ? [UNKNOWN] : []),
  ];
  if (errors.length > 0) throw new AuthError("invalid_input", { errors });
  return token as string;
}
