export { type ConsoleMailerOptions, consoleMailer } from "./adapters/console/console-mailer.ts";
export { type MemoryRateLimiterOptions, memoryRateLimiter } from "./adapters/memory/rate-limiter.ts";
export { memoryStore } from "./adapters/memory/store.ts";
export type * from "./api/auth.ts";
export type * from "./api/mail.ts";
export type * from "./api/options.ts";
export type { Route } from "./contract/route.ts";
export { createAuth } from "./create-auth.ts";
export {
  type AuthEvent,
  type AuthEventOutcome,
  type AuthEventType,
  type OwnEventType,
  targetOf,
} from "./domain/auth-event.ts";
export type { Credential, CredentialKind } from "./domain/credential.ts";
export type { Duration, RateRule } from "./domain/duration.ts";
export type { EmailProof, ProofPurpose } from "./domain/email-proof.ts";
export type { CredentialId, EventId, LeaseId, MailId, ProofId, SessionId, UserId } from "./domain/ids.ts";
export type { OneTimeToken, TokenPurpose } from "./domain/one-time-token.ts";
export {
  type CharacterClass,
  type PasswordPolicies,
  type PasswordPolicy,
  passwordPolicies,
} from "./domain/password-policy.ts";
export type { QueuedMail } from "./domain/queued-mail.ts";
export type { Session } from "./domain/session.ts";
export type { JsonWebKeySet, PublicJwk, SigningAlgorithm } from "./domain/signing-key.ts";
export type { User, UserStatus } from "./domain/user.ts";
export type { AuthWarning, WarningCode } from "./domain/warnings.ts";
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type FieldError,
  isAuthError,
} from "./errors.ts";
export type { ApisOf, AuthWith, Feature, Features } from "./feature.ts";
export { layoutMail } from "./kit/mail/layout.ts";
export type * from "./ports/auth-store.ts";
export type { Clock } from "./ports/clock.ts";
export type * from "./ports/mailer.ts";
export type { PasswordHasher } from "./ports/password-hasher.ts";
export type {
  FullTable,
  FullTableListener,
  KeyRule,
  LimiterOutage,
  LimitScope,
  OutageListener,
  RateAttempt,
  RateLimiter,
  RateVerdict,
} from "./ports/rate-limiter.ts";
