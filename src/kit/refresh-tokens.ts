import type { KeyObject } from "node:crypto";
import type { Context, PresentedRefresh } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import { sealedToken } from "../lib/sealed-token.ts";

// version (1 byte) | session id (16) | counter (4, big-endian)
const VERSION = 1;
const ID_AT = 1;
const COUNTER_AT = 17;
const BYTES = 21;

/** Makes and recognises refresh tokens. */
export function refreshTokens(keys: readonly KeyObject[]): Context["refreshTokens"] {
  const { seal, open } = sealedToken(keys, BYTES);
  return Object.freeze({
    issue({ sessionId, counter }: PresentedRefresh): string {
      const head = Buffer.alloc(BYTES);
      head.writeUInt8(VERSION, 0);
      head.write(sessionId.replaceAll("-", ""), ID_AT, "hex");
      head.writeUInt32BE(counter, COUNTER_AT);
      return seal(head);
    },
    read(token: unknown): PresentedRefresh | null {
      const head = open(token);
      if (head?.[0] !== VERSION) return null;
      return { sessionId: readId(head), counter: head.readUInt32BE(COUNTER_AT) };
    },
  });
}

function readId(head: Buffer): SessionId {
  const hex = head.toString("hex", ID_AT, COUNTER_AT);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join("-") as SessionId;
}
