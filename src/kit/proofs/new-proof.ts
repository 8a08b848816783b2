import { randomBytes } from "node:crypto";
import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { ProofId } from "../../domain/ids.ts";

const NONCE_BYTES = 32;

interface ProofDraft extends Pick<EmailProof, "purpose" | "email" | "emailCanonical" | "userId" | "epoch"> {
  /** What the purpose needs. It becomes JSON. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly ttl: number;
}

/** Makes a proof that is not sent yet. Its link and its code follow from it and from `secret`. */
export function newProof(ctx: Context, { ttl, data, ...draft }: ProofDraft): EmailProof {
  const createdAt = ctx.clock.now();
  return {
    ...draft,
    id: ctx.newId<ProofId>(createdAt),
    nonce: randomBytes(NONCE_BYTES).toString("base64url"),
    attempts: 0,
    data: JSON.stringify(data),
    sentAt: null,
    usedAt: null,
    expiresAt: addMs(createdAt, ttl),
    createdAt,
  };
}
