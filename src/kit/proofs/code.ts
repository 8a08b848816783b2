import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Context } from "../../context.ts";
import type { EmailProof } from "../../domain/email-proof.ts";

/** A code with a space or a hyphen after each digit. */
const MAX_TYPED = 32;

/** Makes the code of a proof's mail, a text of digits. Nothing of it is stored. Null: mails bring no code. */
export function codeOf(ctx: Context, proof: EmailProof): string | null {
  const [first] = ctx.keys("mail-code") as readonly [KeyObject, ...KeyObject[]];
  const digits = digitsOf(ctx);
  return digits === null ? null : derive(ctx, proof, { key: first, digits });
}

/** Whether a typed text is the code of the proof, under any secret. People type spaces and hyphens: they are dropped. */
export function codeMatches(ctx: Context, proof: EmailProof, code: string): boolean {
  const digits = digitsOf(ctx);
  if (digits === null || code.length > MAX_TYPED) return false;
  const typed = Buffer.from(code.replace(/[\s-]/g, ""));
  const isCode = (key: KeyObject): boolean => {
    const right = Buffer.from(derive(ctx, proof, { key, digits }));
    return right.length === typed.length && timingSafeEqual(right, typed);
  };
  return ctx.keys("mail-code").some(isCode);
}

function digitsOf({ mail }: Context): number | null {
  return mail?.settings.codeDigits || null;
}

interface Derivation {
  readonly key: KeyObject;
  readonly digits: number;
}

function derive(ctx: Context, proof: EmailProof, { key, digits }: Derivation): string {
  const { issuer, audience } = ctx.settings;
  const { id, purpose, nonce } = proof;
  const mac = createHmac("sha256", key).update(JSON.stringify([issuer, audience, id, purpose, nonce]));
  // 64 bits: the bias of the remainder is below one in a billion.
  const number = mac.digest().readBigUInt64BE() % 10n ** BigInt(digits);
  return number.toString().padStart(digits, "0");
}
