import type { Context } from "../../context.ts";
import type { EmailProof } from "../../domain/email-proof.ts";
import type { ProofId } from "../../domain/ids.ts";
import { isCanonicalBase64url } from "../../lib/base64url.ts";
import { type SealedToken, sealedToken } from "../../lib/sealed-token.ts";
import { readUuid, writeUuid } from "../../lib/uuid-bytes.ts";

// version (1 byte) | proof id (16). The seal follows.
const VERSION = 1;
const ID_AT = 1;
const HEAD_BYTES = 17;
/** 49 bytes with the seal. */
const LENGTH = 66;

/** A link that came back, by its shape. Only a proof can tell whether it is genuine. */
export interface PresentedLink {
  /** The proof to look up. */
  readonly id: ProofId;
  /** Whether it is the link of this proof as it now is: of its purpose, address, user and epoch. */
  matches(proof: EmailProof): boolean;
}

/** Makes the token of a proof's link. Nothing of it is stored: the same proof gives the same link again. */
export function linkOf(ctx: Context, proof: EmailProof): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(VERSION, 0);
  writeUuid(head, proof.id, ID_AT);
  return seals(ctx).seal(head, sealedTextsOf(proof));
}

/** Reads what was presented as a link. Null: it is no link. A link has one spelling. */
export function readLink(ctx: Context, text: unknown): PresentedLink | null {
  if (typeof text !== "string" || text.length !== LENGTH || !isCanonicalBase64url(text)) return null;
  const head = Buffer.from(text, "base64url");
  if (head[0] !== VERSION) return null;
  const id = readUuid(head, ID_AT) as ProofId;
  return Object.freeze<PresentedLink>({
    id,
    matches: (proof) => proof.id === id && seals(ctx).open(text, sealedTextsOf(proof)) !== null,
  });
}

function seals(ctx: Context): SealedToken {
  const { issuer, audience } = ctx.settings;
  return sealedToken({ keys: ctx.keys("mail-link"), boundTo: [issuer, audience], headBytes: HEAD_BYTES });
}

// The address, the user and the epoch are sealed too: a link that was sent before a change of them is refused.
function sealedTextsOf({ purpose, nonce, emailCanonical, userId, epoch }: EmailProof): string {
  return JSON.stringify([purpose, nonce, emailCanonical, userId, epoch]);
}
