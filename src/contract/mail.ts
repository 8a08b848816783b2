import type { Auth } from "../api/auth.ts";
import {
  challengeProofInput,
  resendInput,
  resetInput,
  resetRequestInput,
  sessionProofInput,
  signupConfirmationInput,
} from "../api/proof-schemas.ts";
import { components } from "./described.ts";
import { withRemember } from "./remember.ts";
import { BODY_ERRORS, LIMIT_ERRORS, TOKEN_ERRORS } from "./request.ts";
import { defineRoute, type RouteRow } from "./route.ts";
import { loginOutput, mailSentOutput, verifiedOutput } from "./shapes.ts";

// The flows parse by these schemas, and the contract shows them under these names.
components.add(withRemember(signupConfirmationInput), { id: "SignupConfirmation" });
components.add(challengeProofInput, { id: "ChallengeProof" });
components.add(resetRequestInput, { id: "PasswordResetRequest" });
components.add(resetInput, { id: "PasswordReset" });
components.add(resendInput, { id: "ResendRequest" });
components.add(sessionProofInput, { id: "SessionProof" });

/**
 * What mails, and what answers a mail. Without a mailer there are no such routes. None of them answers GET: a mail scanner
 * opens every link.
 */
export function mailRoutes(auth: Auth): readonly RouteRow[] {
  if (!auth.mail.enabled) return [];
  return [...entryRoutes(auth), resendRoute(auth), ...resetRoutes(auth), ...verificationRoutes(auth)];
}

function entryRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "POST",
      path: "/signup/confirm",
      name: "confirmSignup",
      summary: "Create the account of a signup by its mail, and sign it in",
      access: "public",
      accepts: "form",
      input: signupConfirmationInput,
      status: 201,
      output: loginOutput,
      errors: [...BODY_ERRORS, "weak_password", "invalid_code", "email_taken", ...LIMIT_ERRORS],
      run: ({ input, client }) => auth.confirmSignup(input(), client),
    }),
    defineRoute({
      method: "POST",
      path: "/challenges/email",
      name: "answerEmail",
      summary: "Answer the challenge `email` of a sign-in by its mail",
      access: "public",
      accepts: "form",
      input: challengeProofInput,
      status: 200,
      output: loginOutput,
      errors: [...BODY_ERRORS, "invalid_code", "rate_limited"],
      run: ({ input, client }) => auth.challenges.email(input(), client),
    }),
  ];
}

function resendRoute(auth: Auth): RouteRow {
  return defineRoute({
    method: "POST",
    path: "/email/resend",
    name: "resendMail",
    summary: "Send a mail again, with the same link and code",
    access: "public",
    accepts: "form",
    input: resendInput,
    status: 202,
    output: mailSentOutput,
    errors: [...BODY_ERRORS, "invalid_code", "rate_limited"],
    run: ({ input, client }) => auth.mail.resend(input(), client),
  });
}

function resetRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "POST",
      path: "/password/reset",
      name: "requestPasswordReset",
      summary: "Send a mail that sets a new password, if there is an account",
      access: "public",
      accepts: "form",
      input: resetRequestInput,
      mails: "password_reset",
      status: 202,
      output: mailSentOutput,
      errors: [...BODY_ERRORS, "rate_limited"],
      run: ({ input, client }) => auth.password.requestReset(input(), client),
    }),
    defineRoute({
      method: "POST",
      path: "/password/reset/confirm",
      name: "resetPassword",
      summary: "Set a new password by a mail; every session ends, and none begins",
      access: "public",
      accepts: "form",
      input: resetInput,
      status: 204,
      errors: [...BODY_ERRORS, "weak_password", "invalid_code", ...LIMIT_ERRORS],
      run: ({ input, client }) => auth.password.reset(input(), client),
    }),
  ];
}

function verificationRoutes(auth: Auth): readonly RouteRow[] {
  return [
    defineRoute({
      method: "POST",
      path: "/email/verification",
      name: "requestEmailVerification",
      summary: "Send the signed-in user a mail that verifies their address",
      access: "bearer",
      accepts: "form",
      mails: "email_verification",
      status: 202,
      output: mailSentOutput,
      errors: [...TOKEN_ERRORS, "rate_limited"],
      limitedBy: "session",
      run: ({ tokens, client }) => auth.email.requestVerification(tokens.access(), client),
    }),
    defineRoute({
      method: "POST",
      path: "/email/verification/confirm",
      name: "verifyEmail",
      summary: "Verify the address of the signed-in user by a mail",
      access: "bearer",
      accepts: "form",
      input: sessionProofInput,
      status: 200,
      output: verifiedOutput,
      errors: [...BODY_ERRORS, ...TOKEN_ERRORS, "invalid_code", "rate_limited"],
      run: ({ tokens, input, client }) => auth.email.verify(tokens.access(), input(), client),
    }),
  ];
}
