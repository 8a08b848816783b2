import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Context, PresentedRefresh } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import { isCanonicalBase64url } from "../domain/token-format.ts";

// version (1 byte) | session id (16) | counter (4, big-endian) | HMAC-SHA256 of all before (32)
const VERSION = 1;
const ID_AT = 1;
const COUNTER_AT = 17;
const MAC_AT = 21;
const BYTES = MAC_AT + 32;
const LENGTH = Math.ceil((BYTES * 4) / 3);

/** Makes and recognises refresh tokens. The first key makes, all recognise. */
export function refreshTokens(keys: readonly KeyObject[]): Context["refreshTokens"] {
  const [first] = keys as readonly [KeyObject];
  return Object.freeze({
    issue({ sessionId, counter }: PresentedRefresh): string {
      const head = Buffer.alloc(MAC_AT);
      head.writeUInt8(VERSION, 0);
      head.write(sessionId.replaceAll("-", ""), ID_AT, "hex");
      head.writeUInt32BE(counter, COUNTER_AT);
      return Buffer.concat([head, macOf(first, head)]).toString("base64url");
    },
    read(token: unknown): PresentedRefresh | null {
      // The length and the one spelling first: what is no token of ours costs no HMAC, and has no twin.
      if (typeof token !== "string" || token.length !== LENGTH || !isCanonicalBase64url(token)) return null;
      const bytes = Buffer.from(token, "base64url");
      const head = bytes.subarray(0, MAC_AT);
      const given = bytes.subarray(MAC_AT);
      const isOurs = keys.some((key) => timingSafeEqual(macOf(key, head), given));
      if (!isOurs || head[0] !== VERSION) return null;
      return { sessionId: readId(head), counter: head.readUInt32BE(COUNTER_AT) };
    },
  });
}

function macOf(key: KeyObject, head: Buffer): Buffer {
  return createHmac("sha256", key).update(head).digest();
}

function readId(head: Buffer): SessionId {
  const hex = head.toString("hex", ID_AT, COUNTER_AT);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join("-") as SessionId;
}
