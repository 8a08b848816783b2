/**
 * Hashes passwords for storage, and verifies them.
 *
 * `hash` and `verify` each cost the same time for any input, also for stored hashes with older, cheaper
 * parameters: time must not tell who has an account. The caller bounds the password's length and the number
 * of parallel calls.
 */
export interface PasswordHasher {
  /** The algorithm's name, for error messages: `argon2id`. */
  readonly name: string;
  hash(password: string): Promise<string>;
  /**
   * Also false, at the cost of a `hash`, for a stored text that it cannot read, or with parameters beyond its caps. If
   * it throws, the call ends in `internal_error`: no fault of a hasher is an answer.
   */
  verify(stored: string, password: string): Promise<boolean>;
  /** Whether a new hash would get other parameters than the stored one has. */
  needsRehash(stored: string): boolean;
}
