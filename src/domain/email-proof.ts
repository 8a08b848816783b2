import type { ProofId, UserId } from "./ids.ts";
import type { ProofPurpose } from "./vocabulary.ts";

export type { ProofPurpose } from "./vocabulary.ts";

/**
 * A row of `auth_email_proofs`: a proof of a mailbox. It holds neither the link nor the code of its mail. Both are
 * derived from it and from `secret`, when the mail is sent and when they come back.
 */
export interface EmailProof {
  readonly id: ProofId;
  readonly purpose: ProofPurpose;
  /** As it was typed: mail goes to this address. Empty: no user has the address, or the user was deleted. */
  readonly email: string;
  readonly emailCanonical: string;
  /** Null: not bound to a user, or the user was deleted. */
  readonly userId: UserId | null;
  /** The user's epoch when the proof was bound. Null: it was never bound. */
  readonly epoch: number | null;
  /** 32 random bytes, base64url. Worthless without `secret`. */
  readonly nonce: string;
  readonly attempts: number;
  /** JSON: what the purpose needs. `{}` once the proof is used or ended. */
  readonly data: string;
  /** When the mail was sent last. */
  readonly sentAt: Date | null;
  /** When the proof was used or ended. The row stays until it expires. */
  readonly usedAt: Date | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
}
