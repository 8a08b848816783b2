import type { User } from "./domain/user.ts";

/** The random id of a device, as its token holds it. */
export type Device = string;

/** A login whose proofs so far were right. */
export interface LoginAttempt {
  readonly user: User;
  readonly amr: readonly string[];
  /** The known device that it came from; null: none was shown. */
  readonly device: Device | null;
}

/**
 * Something that stands between right credentials and a session, as a second factor does. Gates are asked
 * before any session exists; the first that applies parks the login as a challenge.
 */
export interface LoginGate {
  /** Names the challenge: `totp`, `email`. */
  readonly kind: string;
  applies(attempt: LoginAttempt): Promise<boolean>;
}
