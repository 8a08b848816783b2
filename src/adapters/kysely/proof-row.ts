import type { EmailProof } from "../../domain/email-proof.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { ProofRow } from "./tables.ts";

export const PROOF_COLUMNS = [
  "id",
  "purpose",
  "email",
  "email_canonical",
  "user_id",
  "epoch",
  "nonce",
  "attempts",
  "data",
  "sent_at",
  "used_at",
  "expires_at",
  "created_at",
] as const;

/** A proof of no user, or of a deleted one. */
export const WITHOUT_ADDRESS = { email: "", email_canonical: "", data: "{}" } as const;

export function writeProof(proof: EmailProof, { encodeTime }: SqlDialect): ProofRow {
  return {
    id: proof.id,
    purpose: proof.purpose,
    email: proof.email,
    email_canonical: proof.emailCanonical,
    user_id: proof.userId,
    epoch: proof.epoch,
    nonce: proof.nonce,
    attempts: proof.attempts,
    data: proof.data,
    sent_at: proof.sentAt && encodeTime(proof.sentAt),
    used_at: proof.usedAt && encodeTime(proof.usedAt),
    expires_at: encodeTime(proof.expiresAt),
    created_at: encodeTime(proof.createdAt),
  };
}

export function readProof(row: ProofRow, { decodeTime }: SqlDialect): EmailProof {
  return {
    id: row.id,
    purpose: row.purpose,
    email: row.email,
    emailCanonical: row.email_canonical,
    userId: row.user_id,
    epoch: row.epoch === null ? null : Number(row.epoch),
    nonce: row.nonce,
    attempts: Number(row.attempts),
    data: row.data,
    sentAt: row.sent_at === null ? null : decodeTime(row.sent_at),
    usedAt: row.used_at === null ? null : decodeTime(row.used_at),
    expiresAt: decodeTime(row.expires_at),
    createdAt: decodeTime(row.created_at),
  };
}
