import type { AuthEvent } from "../../domain/auth-event.ts";
import type { Credential } from "../../domain/credential.ts";
import { addMs } from "../../domain/duration.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import { createIdSource, type UserId } from "../../domain/ids.ts";
import type { OneTimeToken } from "../../domain/one-time-token.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { Session } from "../../domain/session.ts";
import type { User } from "../../domain/user.ts";

const DAY = 86_400_000;

/** A moment with milliseconds, which a store must keep. */
export function noon(offsetMs = 0): Date {
  return addMs(new Date("2026-01-01T12:00:00.123Z"), offsetMs);
}

/** An id of the same moment. */
export function newId<Id extends string>(at: Date = noon()): Id {
  return createIdSource()<Id>(at);
}

export function sampleUser(given: Partial<User> = {}): User {
  const id = newId<UserId>();
  return {
    id,
    email: `Ada.${id}@Example.com`,
    emailCanonical: `ada.${id}@example.com`,
    emailVerifiedAt: null,
    status: "active",
    epoch: 0,
    lastLoginAt: null,
    createdAt: noon(),
    updatedAt: noon(),
    deleteAfter: null,
    ...given,
  };
}

type Owned<Row> = Partial<Row> & { readonly userId: UserId };

export function sampleCredential(given: Owned<Credential>): Credential {
  return {
    id: newId(),
    kind: "password",
    identifier: given.userId,
    data: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    version: 0,
    createdAt: noon(),
    lastUsedAt: null,
    ...given,
  };
}

export function sampleSession(given: Owned<Session>): Session {
  return {
    id: newId(given.createdAt),
    amr: ["pwd"],
    authenticatedAt: noon(),
    refreshCounter: 0,
    refreshedAt: null,
    idleExpiresAt: noon(14 * DAY),
    expiresAt: noon(30 * DAY),
    revokedAt: null,
    revokeReason: null,
    ip: "203.0.113.7",
    userAgent: "Mozilla/5.0",
    createdAt: noon(),
    audience: "sallyport",
    ...given,
  };
}

export function sampleToken(given: Owned<OneTimeToken>): OneTimeToken {
  return {
    hash: newId(),
    purpose: "password_reset",
    epoch: 0,
    attempts: 0,
    data: "{}",
    expiresAt: noon(3_600_000),
    createdAt: noon(),
    ...given,
  };
}

export function sampleProof(given: Partial<EmailProof> = {}): EmailProof {
  return {
    id: newId(given.createdAt),
    purpose: "password_reset",
    email: "Ada@Example.com",
    emailCanonical: "ada@example.com",
    userId: null,
    epoch: null,
    nonce: newId(),
    attempts: 0,
    data: '{"locale":"en"}',
    sentAt: null,
    usedAt: null,
    expiresAt: noon(3_600_000),
    createdAt: noon(),
    ...given,
  };
}

/** The application of the samples: the default of `createAuth`. */
export const AUDIENCE = "sallyport";

export function sampleMail(given: Partial<QueuedMail> = {}): QueuedMail {
  return {
    id: newId(given.createdAt),
    kind: "password_reset",
    audience: AUDIENCE,
    recipient: "Ada@Example.com",
    proofId: null,
    data: '{"locale":"en"}',
    attempts: 0,
    lease: null,
    dueAt: noon(),
    deadAt: null,
    createdAt: noon(),
    ...given,
  };
}

export function sampleEvent(given: Partial<AuthEvent> = {}): AuthEvent {
  return {
    id: newId(given.occurredAt),
    type: "login",
    outcome: "success",
    reason: null,
    userId: null,
    attemptedEmail: null,
    sessionId: null,
    ip: "203.0.113.7",
    userAgent: "Mozilla/5.0",
    requestId: null,
    data: null,
    occurredAt: noon(),
    ...given,
  };
}

/** Texts that a careless store cuts, trims, folds, or runs. */
export const HOSTILE_TEXTS: readonly string[] = Object.freeze([
  "",
  " ",
  "a ",
  " a",
  "A",
  "o'hara\"; drop table auth_users; --",
  "\\'; select 1; /*",
  "%_[]?$1:name@p",
  '{"json":"ish","n":null}',
  "null",
  "0",
  "1e3",
  "line\r\nbreak\ttab",
  "\u{1f469}\u{200d}\u{1f680} \u{1f511}",
  "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
  "e\u0301 is not \u00e9",
  "bom \ufeff \u00df \u0130 \u0131",
  "x".repeat(1_000),
]);

/** The same texts, short enough for an index. */
export const HOSTILE_IDENTIFIERS: readonly string[] = Object.freeze(
  HOSTILE_TEXTS.map((text) => text.slice(0, 512)),
);
