// The closed lists of the library, one line for each word. A typo does not compile. The HTTP contract and the tests of
// the documents derive from these lists. The codes of errors, with their statuses, are in `errors.ts`.

/** Every type of event, and the outcomes that it may have. */
export const EVENTS = {
  signup: ["success", "failure", "refused", "challenged"],
  login: ["success", "failure", "refused", "challenged"],
  refresh: ["failure", "refused"],
  refresh_repeated: ["success"],
  reauthenticate: ["success", "failure", "refused"],
  change_password: ["success", "failure", "refused"],
  request_password_reset: ["failure", "refused", "challenged"],
  reset_password: ["success", "failure", "refused"],
  request_email_verification: ["failure", "refused", "challenged"],
  verify_email: ["success", "failure", "refused"],
  resend_mail: ["failure", "refused", "challenged"],
  logout: ["success", "refused"],
  ended_session: ["failure"],
  revoke_session: ["success", "failure", "refused"],
  revoke_other_sessions: ["success", "refused"],
  replace_session: ["success"],
  disable: ["success", "failure"],
  enable: ["success", "failure"],
  delete: ["success", "failure"],
  mail: ["success", "failure"],
  cross_site_request: ["refused"],
  limiter_fallback: ["success", "failure"],
  limiter_full: ["success", "failure"],
} as const;

export type AuthEventType = keyof typeof EVENTS;

/** Events in no user's trail: they belong to no user, or to a deleted user. */
type OutsideTrails = "delete" | "cross_site_request" | "limiter_fallback" | "limiter_full";

export type OwnEventType = Exclude<AuthEventType, OutsideTrails>;

const OUTSIDE_TRAILS: Readonly<Record<OutsideTrails, true>> = {
  delete: true,
  cross_site_request: true,
  limiter_fallback: true,
  limiter_full: true,
};

/** The types of events that a user can find in their own trail. */
export const OWN_EVENT_TYPES: readonly OwnEventType[] = (Object.keys(EVENTS) as AuthEventType[]).filter(
  (type): type is OwnEventType => !(type in OUTSIDE_TRAILS),
);

/** `refused`: a limit stopped it, or another site sent it. `challenged`: right so far, but another proof is needed. */
export type AuthEventOutcome = (typeof EVENTS)[AuthEventType][number];

export const EVENT_OUTCOMES: readonly AuthEventOutcome[] = [...new Set(Object.values(EVENTS).flat())];

/**
 * The reasons of failed attempts that an error's code does not show. The caller never learns these reasons. Every
 * other failure has the code of its error as its reason.
 */
export const FAILURE_REASONS = {
  unknown_email: "no account has the email",
  no_password: "the account has no password",
  wrong_password: "the password is wrong",
  disabled: "the account is disabled",
  superseded: "a security change of the account came first",
  wrong_code: "the answer to a challenge, or the code of a mail, is wrong",
  wrong_link: "the link of a mail is wrong",
  proof_unknown: "the proof of the mail is unknown, expired, used or ended",
  proof_overtaken: "another confirmation of the mail came first",
  challenge_unknown: "the challenge is unknown, expired or used, or does not allow the method",
  challenge_overtaken: "another answer to the challenge came first",
  attempts_used_up: "the challenge, or the mail, allows no further answer",
  refresh_stale: "two further rotations came after the refresh token",
  refresh_reuse: "the refresh token was used before: the session was ended",
  undeliverable: "a mail was given up",
  refresh_exhausted: "the refresh counter is at its end: the session was ended",
} as const;

export type FailureReason = keyof typeof FAILURE_REASONS;

/** The kinds of credentials with which a user signs in. */
export const CREDENTIAL_KINDS = ["password", "totp", "recovery_codes", "passkey", "oauth"] as const;

export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** The purposes of one-time tokens. */
export const TOKEN_PURPOSES = ["challenge", "password_reset", "email_verification"] as const;

export type TokenPurpose = (typeof TOKEN_PURPOSES)[number];

/** What a proof of a mailbox is for. */
export const PROOF_PURPOSES = [
  "signup",
  "sign_in",
  "password_reset",
  "login",
  "email_verification",
  "email_change",
  "invitation",
  "email_revert",
  "deletion_undo",
] as const;

export type ProofPurpose = (typeof PROOF_PURPOSES)[number];

/** The purposes for which `secret` derives a key. A value made for one purpose is not valid for another. */
export const KEY_PURPOSES = [
  "access-token",
  "refresh-token",
  "device-token",
  "pseudonym",
  "mail-link",
  "mail-code",
  "mail-challenge",
] as const;

export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** The mails that bring no proof: answers to a request that changes nothing, and notices of what has happened. */
export const PLAIN_MAILS = [
  "signup_taken",
  "reset_not_needed",
  "unknown_reset",
  "email_change_taken",
  "email_change_requested",
  "email_changed",
  "email_reverted",
  "new_device",
  "password_changed",
  "factor_changed",
  "session_reuse",
  "account_deleted",
] as const;

export type PlainMail = (typeof PLAIN_MAILS)[number];

/** What a mail is about. A mail that brings a proof has the purpose of the proof as its kind. */
export type MailKind = ProofPurpose | PlainMail;

export const MAIL_KINDS: readonly MailKind[] = [...PROOF_PURPOSES, ...PLAIN_MAILS];
