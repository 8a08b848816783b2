import type { KeyObject } from "node:crypto";
import type { Context, PresentedRefresh } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import { sealedToken } from "../lib/sealed-token.ts";
import { readUuid, writeUuid } from "../lib/uuid-bytes.ts";
import type { Parties } from "../tokens/access-claims.ts";

// version (1 byte) | session id (16) | counter (4, big-endian)
const VERSION = 2;
const ID_AT = 1;
const COUNTER_AT = 17;
const BYTES = 21;

/** Makes and recognises refresh tokens. The seal covers the issuer and the audience of the application. */
export function refreshTokens(
  keys: readonly KeyObject[],
  { issuer, audience }: Parties,
): Context["refreshTokens"] {
  const { seal, open } = sealedToken({ keys, boundTo: [issuer, audience], headBytes: BYTES });
  return Object.freeze({
    issue({ sessionId, counter }: PresentedRefresh): string {
      const head = Buffer.alloc(BYTES);
      head.writeUInt8(VERSION, 0);
      writeUuid(head, sessionId, ID_AT);
      head.writeUInt32BE(counter, COUNTER_AT);
      return seal(head);
    },
    read(token: unknown): PresentedRefresh | null {
      const head = open(token);
      if (head?.[0] !== VERSION) return null;
      return { sessionId: readUuid(head, ID_AT) as SessionId, counter: head.readUInt32BE(COUNTER_AT) };
    },
  });
}
