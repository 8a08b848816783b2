import type { Context } from "../../context.ts";
import { addMs } from "../../domain/duration.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { MailProof, MailService } from "../../mail-service.ts";
import { codeOf } from "../proofs/code.ts";
import { linkOf } from "../proofs/link.ts";

/** Makes the link and the code of a proof, for its mail. A mail that comes late has no code that has ended. */
export function mailProof(ctx: Context, { settings }: MailService, proof: EmailProof): MailProof {
  const { expiresAt } = proof;
  const codeEnd = codeEndOf(proof, settings.ttl.code);
  const code = ctx.clock.now() < codeEnd ? codeOf(ctx, proof) : null;
  return { link: linkOf(ctx, proof), code, expiresAt, codeExpiresAt: code === null ? null : codeEnd };
}

/** Until when the code of a proof counts without its link. */
function codeEndOf({ createdAt, expiresAt }: EmailProof, ttlMs: number): Date {
  const end = addMs(createdAt, ttlMs);
  return end < expiresAt ? end : expiresAt;
}
