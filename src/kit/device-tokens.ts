import { type KeyObject, randomBytes } from "node:crypto";
import type { Context } from "../context.ts";
import type { Device } from "../domain/device.ts";
import { DEVICE_TOKEN_MS } from "../domain/device-token.ts";
import { sealedToken } from "../lib/sealed-token.ts";

// version (1 byte) | expiry in milliseconds since the epoch (6, big-endian) | device id (16)
const VERSION = 1;
const EXPIRY_AT = 1;
const EXPIRY_BYTES = 6;
const ID_AT = 7;
const ID_BYTES = 16;

/**
 * Makes and recognises device tokens. The seal covers the account's email, but the token does not contain it. So a
 * token is valid for one account, known or unknown, and the check needs no read of the store.
 */
export function deviceTokens(keys: readonly KeyObject[]): Context["deviceTokens"] {
  const { seal, open } = sealedToken(keys, ID_AT + ID_BYTES);
  return Object.freeze({
    issue(emailCanonical: string, at: Date, device: Device | null): string {
      const head = Buffer.alloc(ID_AT + ID_BYTES);
      head.writeUInt8(VERSION, 0);
      head.writeUIntBE(at.getTime() + DEVICE_TOKEN_MS, EXPIRY_AT, EXPIRY_BYTES);
      (device === null ? randomBytes(ID_BYTES) : Buffer.from(device, "base64url")).copy(head, ID_AT);
      return seal(head, emailCanonical);
    },
    read(token: unknown, emailCanonical: string, now: Date): Device | null {
      const head = open(token, emailCanonical);
      if (head?.[0] !== VERSION) return null;
      if (now.getTime() >= head.readUIntBE(EXPIRY_AT, EXPIRY_BYTES)) return null;
      return head.toString("base64url", ID_AT) as Device;
    },
  });
}
