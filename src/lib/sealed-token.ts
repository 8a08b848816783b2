import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { isCanonicalBase64url } from "./base64url.ts";

const MAC_BYTES = 32;

/**
 * Tokens of the form `base64url(head | HMAC-SHA256)`. Anyone can read them, only we can make them, and nothing
 * of them is stored. The HMAC covers the head, whose length is fixed, and a context that is not in the token.
 */
export interface SealedToken {
  seal(head: Buffer, context?: string): string;
  /** The head, or null: the token is forged, or not a token. */
  open(token: unknown, context?: string): Buffer | null;
}

/** The first key makes tokens, all keys verify them. */
export function sealedToken(keys: readonly KeyObject[], headBytes: number): SealedToken {
  const [first] = keys as readonly [KeyObject];
  const length = Math.ceil(((headBytes + MAC_BYTES) * 4) / 3);
  return Object.freeze<SealedToken>({
    seal: (head, context = "") => Buffer.concat([head, macOf(first, head, context)]).toString("base64url"),
    open: (token, context = "") => {
      // Length and spelling first: a text of another form costs no HMAC, and a token has one spelling.
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
