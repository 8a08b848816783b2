import type { LoginInput, PasswordChangeInput, ReauthenticateInput, SignupInput } from "../api/auth.ts";
import { readJson } from "./body.ts";
import { BODY_ERRORS, clientInfo, LIMIT_ERRORS, pageQuery, TOKEN_ERRORS } from "./request.ts";
import type { Route } from "./route.ts";
import {
  credentialsInput,
  eventsOutput,
  eventsQuery,
  jwksOutput,
  loginInput,
  loginOutput,
  meOutput,
  passwordChangeInput,
  reauthenticatedOutput,
  reauthenticateInput,
  signedInOutput,
} from "./shapes.ts";

/** Who one is: making an account, proving it is one's own, and what is known of it. */
export const accountRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/signup",
    name: "signup",
    summary: "Create an account and sign it in",
    access: "public",
    input: credentialsInput,
    status: 201,
    output: signedInOutput,
    issuesTokens: true,
    errors: [...BODY_ERRORS, "weak_password", "email_taken", ...LIMIT_ERRORS],
    run: (auth, request) => auth.signup(readJson(request) as SignupInput, clientInfo(request)),
  },
  {
    method: "POST",
    path: "/login",
    name: "login",
    summary: "Sign in with email and password",
    access: "public",
    input: loginInput,
    status: 200,
    output: loginOutput,
    issuesTokens: true,
    errors: [...BODY_ERRORS, "invalid_credentials", ...LIMIT_ERRORS],
    run: (auth, request) => auth.login(request.tokens.login() as LoginInput, clientInfo(request)),
  },
  {
    method: "POST",
    path: "/reauthenticate",
    name: "reauthenticate",
    summary: "Prove the password again, for an access token that says so",
    access: "bearer",
    input: reauthenticateInput,
    status: 200,
    output: reauthenticatedOutput,
    issuesTokens: true,
    errors: [...BODY_ERRORS, ...TOKEN_ERRORS, "invalid_credentials", ...LIMIT_ERRORS],
    run: (auth, request) => {
      const token = request.tokens.access();
      return auth.reauthenticate(token, readJson(request) as ReauthenticateInput, clientInfo(request));
    },
  },
  {
    method: "POST",
    path: "/password",
    name: "changePassword",
    summary: "Set a new password; every session ends, and a new one begins",
    access: "bearer",
    input: passwordChangeInput,
    status: 200,
    output: signedInOutput,
    issuesTokens: true,
    errors: [...BODY_ERRORS, ...TOKEN_ERRORS, "weak_password", "invalid_credentials", ...LIMIT_ERRORS],
    run: (auth, request) => {
      const token = request.tokens.access();
      return auth.password.change(token, readJson(request) as PasswordChangeInput, clientInfo(request));
    },
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
    run: (auth, request) => auth.getUser(request.tokens.access()),
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
    run: (auth, request) => auth.events.list(request.tokens.access(), pageQuery(request.target)),
  },
  {
    method: "GET",
    path: "/jwks.json",
    name: "jwks",
    summary: "The public keys of access tokens (RFC 7517); none, when a secret signs them",
    access: "public",
    status: 200,
    output: jwksOutput,
    // Shorter than verifiers keep it: a key that was published is everywhere after two of their refreshes.
    cacheControl: "public, max-age=300",
    errors: [],
    run: async (auth) => auth.jwks(),
  },
];
