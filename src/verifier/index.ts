export type { NoClaims, Principal, VerifyOptions } from "../api/auth.ts";
export type { Duration } from "../domain/duration.ts";
export type { SessionId, UserId } from "../domain/ids.ts";
export {
  AuthError,
  type AuthErrorCode,
  type AuthErrorDetails,
  type FieldError,
  isAuthError,
} from "../errors.ts";
export type { Clock } from "../ports/clock.ts";
export { createVerifier, type VerifiedPrincipal, type Verifier } from "./create-verifier.ts";
export type { JwksFetch, JwksInput, VerifierOptions, VerifierOptionsWith } from "./options.ts";
