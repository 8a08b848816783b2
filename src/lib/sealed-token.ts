import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { isCanonicalBase64url } from "./base64url.ts";

const MAC_BYTES = 32;

/**
 * Tokens that are `base64url(head | HMAC-SHA256)`: readable by all, made by nobody else, and nothing of them
 * is stored. The HMAC covers the head, whose length is fixed, and a context that is not in the token.
 */
export interface SealedToken {
  seal(head: Buffer, context?: string): string;
  /** The head, or null for what is not one of ours. */
  open(token: unknown, context?: string): Buffer | null;
}

/** The first key makes, all recognise. */
export function sealedToken(keys: readonly KeyObject[], headBytes: number): SealedToken {
  const [first] = keys as readonly [KeyObject];
  const length = Math.ceil(((headBytes + MAC_BYTES) * 4) / 3);
  return Object.freeze<SealedToken>({
    seal: (head, context = "") => Buffer.concat([head, macOf(first, head, context)]).toString("base64url"),
    open: (token, context = "") => {
      // The length and the one spelling first: what is no token of ours costs no HMAC, and has no twin.
      if (typeof token !== "string" || token.length !== length || !isCanonicalBase64url(token)) return null;
      const bytes = Buffer.from(token, "base64url");
      const head = bytes.subarray(0, headBytes);
      const given = bytes.subarray(headBytes);
      return keys.some((key) => timingSafeEqual(macOf(key, head, context), given)) ? head : null;
    },
  });
}

function macOf(key: KeyObject, head: Buffer, context: string): Buffer {
  return createHmac("sha256", key).update(head).update(context).digest();
}
