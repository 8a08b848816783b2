import type { z } from "zod";
import type { Auth, ClientInfo, LoginInput, SignupInput } from "../auth.ts";
import { AuthError, type AuthErrorCode } from "../errors.ts";
import { bearerToken } from "./bearer.ts";
import { readJson } from "./body.ts";
import { type HttpClient, type HttpRequest, headerValue } from "./message.ts";
import {
  credentialsInput,
  eventsOutput,
  eventsQuery,
  loginOutput,
  meOutput,
  sessionsOutput,
  signupOutput,
} from "./schemas.ts";

/** One row of the HTTP contract. */
export interface Route {
  readonly method: "GET" | "POST";
  /** Below the base path. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly access: "public" | "bearer";
  readonly input?: z.ZodType;
  readonly query?: z.ZodObject;
  readonly status: number;
  /** None: the answer has no body. */
  readonly output?: z.ZodType;
  /** Default `no-store`. */
  readonly cacheControl?: string;
  readonly errors: readonly AuthErrorCode[];
  run(auth: Auth, request: KnownRequest): Promise<unknown>;
}

/** A request whose client is known, at least to have no address. */
export interface KnownRequest extends HttpRequest {
  readonly client: HttpClient & { readonly ip: string | null };
}

const BODY_ERRORS = [
  "malformed_request",
  "payload_too_large",
  "unsupported_media_type",
  "invalid_input",
] as const;
const TOKEN_ERRORS = ["invalid_token", "token_expired", "session_revoked", "session_expired"] as const;
const LIMIT_ERRORS = ["rate_limited", "overloaded"] as const;

/** Every route but the contract's own, which is made from these. */
export const routes: readonly Route[] = [
  {
    method: "POST",
    path: "/signup",
    name: "signup",
    summary: "Create an account and sign it in",
    access: "public",
    input: credentialsInput,
    status: 201,
    output: signupOutput,
    errors: [...BODY_ERRORS, "weak_password", "email_taken", ...LIMIT_ERRORS],
    run: (auth, request) => auth.signup(readJson(request) as SignupInput, clientInfo(request)),
  },
  {
    method: "POST",
    path: "/login",
    name: "login",
    summary: "Sign in with email and password",
    access: "public",
    input: credentialsInput,
    status: 200,
    output: loginOutput,
    errors: [...BODY_ERRORS, "invalid_credentials", ...LIMIT_ERRORS],
    run: (auth, request) => auth.login(readJson(request) as LoginInput, clientInfo(request)),
  },
  {
    method: "POST",
    path: "/logout",
    name: "logout",
    summary: "End the session of the access token, expired or not",
    access: "bearer",
    status: 204,
    errors: ["invalid_token"],
    run: (auth, request) => auth.logout(bearerToken(request.headers), clientInfo(request)),
  },
  {
    method: "GET",
    path: "/me",
    name: "me",
    summary: "The signed-in user and their session",
    access: "bearer",
    status: 200,
    output: meOutput,
    errors: TOKEN_ERRORS,
    run: (auth, request) => auth.getUser(bearerToken(request.headers)),
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
    method: "GET",
    path: "/events",
    name: "listEvents",
    summary: "The user's audit trail, newest first",
    access: "bearer",
    query: eventsQuery,
    status: 200,
    output: eventsOutput,
    errors: ["malformed_request", "invalid_input", ...TOKEN_ERRORS],
    run: (auth, request) => auth.events.list(bearerToken(request.headers), pageQuery(request.target)),
  },
];

function clientInfo({ client, headers }: KnownRequest): ClientInfo {
  return { ...client, userAgent: headerValue(headers, "user-agent") };
}

function pageQuery(target: string): { limit?: number; cursor?: string } {
  const start = target.indexOf("?");
  const parameters = new URLSearchParams(start < 0 ? "" : target.slice(start));
  const names = [...parameters.keys()];
  if (new Set(names).size < names.length) {
    throw new AuthError("malformed_request", { message: "A query parameter is there twice." });
  }
  const { limit, ...rest } = Object.fromEntries(parameters);
  // NaN for what is no plain number: the flow refuses it by name.
  return limit === undefined
    ? rest
    : { ...rest, limit: /^\d{1,9}$/.test(limit) ? Number(limit) : Number.NaN };
}
