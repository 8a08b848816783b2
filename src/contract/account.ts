import type { Auth } from "../api/auth.ts";
import {
  deviceTokenField,
  eventsPageInput,
  loginInput,
  passwordChangeInput,
  reauthenticateInput,
  replacedTokenField,
  signupInput,
  signupWithFieldsInput,
} from "../api/input-schemas.ts";
import { components } from "./described.ts";
import { jwksOutput } from "./key-shapes.ts";
import { meQuery, userOrNull } from "./optional-user.ts";
import { withRemember } from "./remember.ts";
import { BODY_ERRORS, LIMIT_ERRORS, pageQuery, TOKEN_ERRORS } from "./request.ts";
import { defineRoute, type RouteRow } from "./route.ts";
import {
  eventsOutput,
  loginOutput,
  mailSentOutput,
  meOutput,
  reauthenticatedOutput,
  signedInOutput,
  signupOutput,
} from "./shapes.ts";
import { tokenField } from "./token-fields.ts";

// The flows parse by these schemas, and the contract shows them under these names.
components.add(withRemember(signupInput), { id: "Credentials" });
components.add(withRemember(signupWithFieldsInput), { id: "SignupRequest" });
components.add(withRemember(loginInput), { id: "LoginRequest" });
components.add(reauthenticateInput, { id: "ReauthenticateRequest" });
components.add(passwordChangeInput, { id: "PasswordChangeRequest" });
tokenField("device", deviceTokenField);
tokenField("refresh", replacedTokenField);

/** The account: how to make it, how to prove that it is yours, and what is known of it. */
export function accountRoutes(auth: Auth): readonly RouteRow[] {
  return [...entryRoutes(auth), ...passwordRoutes(auth), ...ownRoutes(auth), keysRoute(auth)];
}

function entryRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "POST",
      path: "/signup",
      name: "signup",
      summary: "Create an account and sign it in",
      access: "public",
      accepts: "form",
      input: auth.hasSignupFields ? signupWithFieldsInput : signupInput,
      status: 201,
      output: signupOutput,
      ...(auth.mail.enabled && ({ mailed: mailSentOutput, mails: "signup" } as const)),
      errors: [...BODY_ERRORS, "weak_password", "email_taken", ...LIMIT_ERRORS],
      run: ({ input, client }) => auth.signup(input(), client),
    }),
    defineRoute({
      method: "POST",
      path: "/login",
      name: "login",
      summary: "Sign in with email and password",
      access: "public",
      accepts: "form",
      input: loginInput,
      status: 200,
      output: loginOutput,
      errors: [...BODY_ERRORS, "invalid_credentials", ...LIMIT_ERRORS],
      run: ({ input, client }) => auth.login(input(), client),
    }),
  ];
}

function passwordRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "POST",
      path: "/reauthenticate",
      name: "reauthenticate",
      summary: "Prove the password again, for a pair of tokens that says so",
      access: "bearer",
      input: reauthenticateInput,
      status: 200,
      output: reauthenticatedOutput,
      errors: [...BODY_ERRORS, ...TOKEN_ERRORS, "invalid_credentials", ...LIMIT_ERRORS],
      run: ({ tokens, input, client }) => auth.reauthenticate(tokens.access(), input(), client),
    }),
    defineRoute({
      method: "POST",
      path: "/password",
      name: "changePassword",
      summary: "Set a new password; every session ends, and a new one begins",
      access: "bearer",
      accepts: "form",
      input: passwordChangeInput,
      status: 200,
      output: signedInOutput,
      errors: [...BODY_ERRORS, ...TOKEN_ERRORS, "weak_password", "invalid_credentials", ...LIMIT_ERRORS],
      run: ({ tokens, input, client }) => auth.password.change(tokens.access(), input(), client),
    }),
  ];
}

function ownRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "GET",
      path: "/me",
      name: "me",
      summary: "The signed-in user and their session",
      access: "optional",
      query: meQuery,
      status: 200,
      output: meOutput,
      errors: TOKEN_ERRORS,
      run: (request) => userOrNull(request, () => auth.getUser(request.tokens.access(), request.client)),
    }),
    defineRoute({
      method: "GET",
      path: "/events",
      name: "listEvents",
      summary: "The user's audit trail, newest first",
      access: "bearer",
      query: eventsPageInput,
      status: 200,
      output: eventsOutput,
      errors: ["malformed_request", "invalid_input", ...TOKEN_ERRORS],
      run: ({ tokens, target, client }) => auth.events.list(tokens.access(), pageQuery(target), client),
    }),
  ];
}

function keysRoute(auth: Auth): RouteRow {
  return defineRoute({
    method: "GET",
    path: "/jwks.json",
    name: "jwks",
    summary: "The public keys of access tokens (RFC 7517); none, when a secret signs them",
    access: "public",
    status: 200,
    output: jwksOutput,
    // Shorter than verifiers keep the keys: after two refreshes of theirs every verifier has a new key.
    cacheControl: "public, max-age=300",
    errors: [],
    run: async () => auth.jwks(),
  });
}
