/**
 * Turns passwords into strings that can be stored, and back into a verdict.
 *
 * Each of `hash` and `verify` costs the same time for any input, stored hashes with older, cheaper
 * parameters included: time must not tell who has an account. The caller bounds the password's length
 * and how many calls run at once.
 */
export interface PasswordHasher {
  /** Names the algorithm, for error messages: `argon2id`. */
  readonly name: string;
  hash(password: string): Promise<string>;
  /** False also for a stored text that it cannot read or whose parameters are beyond its caps. */
  verify(stored: string, password: string): Promise<boolean>;
  /** Whether the stored hash has other parameters than new ones get. */
  needsRehash(stored: string): boolean;
}
