import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { isCanonicalBase64url } from "./base64url.ts";

const MAC_BYTES = 32;

/**
 * Tokens of the form `base64url(head | HMAC-SHA256)`. Anyone can read them, only we can make them, and nothing
 * of them is stored. The HMAC covers texts that are not in the token, and the head, whose length is fixed.
 */
export interface SealedToken {
  seal(head: Buffer, context?: string): string;
  /** The head, or null: the token is forged, or not a token. */
  open(token: unknown, context?: string): Buffer | null;
}

export interface SealedTokenOptions {
  /** The first key makes tokens, all keys verify them. */
  readonly keys: readonly KeyObject[];
  /** The texts that every token is bound to: with another one of them, it is forged. */
  readonly boundTo: readonly string[];
  readonly headBytes: number;
}

export function sealedToken({ keys, boundTo, headBytes }: SealedTokenOptions): SealedToken {
  const [first] = keys as readonly [KeyObject];
  const length = Math.ceil(((headBytes + MAC_BYTES) * 4) / 3);
  const macOf = (key: KeyObject, head: Buffer, context: string): Buffer =>
    createHmac("sha256", key)
      .update(framed([...boundTo, context]))
      .update(head)
      .digest();
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

// Each text follows its length. Without it, "shop" and "admin" would seal like "shopad" and "min".
function framed(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
