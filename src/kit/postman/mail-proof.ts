import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { MailProof, MailService } from "../../mail-service.ts";
import { codeOf } from "../proofs/code.ts";
import { linkOf } from "../proofs/link.ts";

/** Makes the link and the code of a proof, for its mail. */
export function mailProof(ctx: Context, { settings }: MailService, proof: EmailProof): MailProof {
  const { expiresAt } = proof;
  const code = codeOf(ctx, proof);
  const codeEnd = codeEndOf(proof, settings.ttl.code);
  return { link: linkOf(ctx, proof), code, expiresAt, codeExpiresAt: code === null ? null : codeEnd };
}

/** Until when the code of a proof counts without its link. */
function codeEndOf({ createdAt, expiresAt }: EmailProof, ttlMs: number): Date {
  const end = addMs(createdAt, ttlMs);
  return end < expiresAt ? end : expiresAt;
}
