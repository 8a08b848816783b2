import { type KeyObject, randomUUID } from "node:crypto";
import type { Context, DeviceGrant } from "../context.ts";
import type { Device, PresentedDevice } from "../domain/device.ts";
import { DEVICE_TOKEN_MS } from "../domain/device-token.ts";
import type { UserId } from "../domain/ids.ts";
import { sealedToken } from "../lib/sealed-token.ts";
import { readUuid, writeUuid } from "../lib/uuid-bytes.ts";
import type { Parties } from "../tokens/access-claims.ts";

// version (1 byte) | expiry in milliseconds since the epoch (6, big-endian) | user id (16) | the user's epoch (4) |
// device id (16: a random UUID)
const VERSION = 2;
const EXPIRY_AT = 1;
const EXPIRY_BYTES = 6;
const USER_AT = 7;
const EPOCH_AT = 23;
const ID_AT = 27;
const ID_BYTES = 16;
const BYTES = ID_AT + ID_BYTES;

/**
 * Makes and recognises device tokens. The seal covers the account's email, but the token does not contain it. So a
 * token is valid for one account, known or unknown, and the check needs no read of the store. Whether the token still
 * belongs to the present user of that email shows after the read that a login makes anyhow.
 */
export function deviceTokens(
  keys: readonly KeyObject[],
  { issuer, audience }: Parties,
): Context["deviceTokens"] {
  const { seal, open } = sealedToken({ keys, boundTo: [issuer, audience], headBytes: BYTES });
  return Object.freeze({
    issue({ user, device, at }: DeviceGrant): string {
      const head = Buffer.alloc(BYTES);
      head.writeUInt8(VERSION, 0);
      head.writeUIntBE(at.getTime() + DEVICE_TOKEN_MS, EXPIRY_AT, EXPIRY_BYTES);
      writeUuid(head, user.id, USER_AT);
      head.writeUInt32BE(user.epoch, EPOCH_AT);
      if (device === null) writeUuid(head, randomUUID(), ID_AT);
      else Buffer.from(device, "base64url").copy(head, ID_AT);
      return seal(head, user.emailCanonical);
    },
    read(token: unknown, emailCanonical: string, now: Date): PresentedDevice | null {
      const head = open(token, emailCanonical);
      if (head?.[0] !== VERSION) return null;
      if (now.getTime() >= head.readUIntBE(EXPIRY_AT, EXPIRY_BYTES)) return null;
      return {
        id: head.toString("base64url", ID_AT) as Device,
        userId: readUuid(head, USER_AT) as UserId,
        epoch: head.readUInt32BE(EPOCH_AT),
      };
    },
  });
}
