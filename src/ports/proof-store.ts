import type { EmailProof, ProofPurpose } from "../domain/email-proof.ts";
import type { ProofId, UserId } from "../domain/ids.ts";
import type { AttemptLimit } from "./token-store.ts";

/**
 * Proofs of a mailbox. A proof stays until it expires, whatever becomes of it: an attempt at a used proof costs the same
 * writes as an attempt at any other.
 */
export interface ProofStore {
  open(proof: EmailProof): Promise<void>;
  /** Null: unknown or expired. A used or ended proof is found, with its `usedAt`. */
  find(id: ProofId, now: Date): Promise<EmailProof | null>;
  /**
   * Binds the proof to a user and an epoch, if it was never bound. The first binding stays, also after the deletion of
   * its user. False: unknown, or bound before.
   */
  bind(id: ProofId, userId: UserId, epoch: number): Promise<boolean>;
  /** Empties the addresses and the data of a proof without a user: no user has its address. */
  forget(id: ProofId): Promise<void>;
  /**
   * Counts one attempt if fewer than `max` were counted. Used and ended proofs count as well. False: `max` is reached,
   * or the proof is expired or unknown.
   */
  countAttempt(id: ProofId, limit: AttemptLimit): Promise<boolean>;
  /** Uses the proof, and empties its data: only one caller ever does. False: used, ended, expired or unknown. */
  take(id: ProofId, now: Date): Promise<boolean>;
  markSent(id: ProofId, at: Date): Promise<void>;
  /**
   * Lets one proof live until `expiresAt` at least: of those that were sent to the address for the purpose, and are
   * neither used nor ended, the one that was sent last. It may have expired. Answers the proof as it then is. Null:
   * there is no such proof.
   */
  renew(purpose: ProofPurpose, emailCanonical: string, renewal: ProofRenewal): Promise<EmailProof | null>;
  /** Ends proofs of a user that are neither used nor ended, and empties their data. Answers how many it ended. */
  endAll(userId: UserId, ending: ProofEnding): Promise<number>;
}

export interface ProofRenewal {
  /** Only a proof that was sent after this. */
  readonly sentAfter: Date;
  readonly expiresAt: Date;
}

export interface ProofEnding {
  /** Proofs of these purposes go on. */
  readonly keep: readonly ProofPurpose[];
  /**
   * Of the purposes in `keep`, those of a later epoch end as well. The epoch decides and not the time: the clocks of two
   * instances differ.
   */
  readonly laterThan?: number | undefined;
  readonly at: Date;
}
