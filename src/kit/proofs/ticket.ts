import type { Context } from "../../context.ts";
import type { ProofPurpose } from "../../domain/email-proof.ts";
import type { ProofId } from "../../domain/ids.ts";
import { MAX_SECRETS } from "../../domain/secret-strength.ts";
import { type SealedToken, sealedToken } from "../../lib/sealed-token.ts";
import { readUuid, writeUuid } from "../../lib/uuid-bytes.ts";

// version (1 byte) | proof id (16) | end in milliseconds since the epoch (6, big-endian) | pseudonym (36, ASCII) |
// limit keys (36 each, ASCII): as many as an application may have secrets, filled up with zeros
const VERSION = 1;
const ID_AT = 1;
const END_AT = 17;
const END_BYTES = 6;
const PSEUDONYM_AT = 23;
/** The length of every pseudonym. */
const TEXT_BYTES = 36;
const LIMIT_KEYS_AT = PSEUDONYM_AT + TEXT_BYTES;
const HEAD_BYTES = LIMIT_KEYS_AT + MAX_SECRETS * TEXT_BYTES;

/**
 * What a challenge token says of the browser that asked for a mail. So a wrong answer and a resend know their limits and
 * their event without any row: they cost the same whatever became of the proof.
 */
export interface MailTicket {
  readonly id: ProofId;
  /** The pseudonym of the address. */
  readonly pseudonym: string;
  /** The pseudonyms under which the limits of the address count, one for each secret of the instance that was asked. */
  readonly limitKeys: readonly string[];
  readonly purpose: ProofPurpose;
}

/** A ticket that came back. */
export interface PresentedTicket extends MailTicket {
  /** When the challenge token ends. */
  readonly expiresAt: Date;
}

/** Makes the challenge token of a mail: it proves that this browser asked. Nothing of it is stored. */
export function issueTicket(ctx: Context, ticket: MailTicket, expiresAt: Date): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(VERSION, 0);
  writeUuid(head, ticket.id, ID_AT);
  head.writeUIntBE(expiresAt.getTime(), END_AT, END_BYTES);
  writeText(head, ticket.pseudonym, PSEUDONYM_AT);
  for (const [slot, key] of ticket.limitKeys.entries()) writeText(head, key, limitKeyAt(slot));
  return seals(ctx).seal(head, ticket.purpose);
}

/** Reads a challenge token. Null: it is forged, it has ended, or it is of another purpose or application. */
export function readTicket(ctx: Context, purpose: ProofPurpose, token: unknown): PresentedTicket | null {
  const head = seals(ctx).open(token, purpose);
  if (head?.[0] !== VERSION) return null;
  const expiresAt = new Date(head.readUIntBE(END_AT, END_BYTES));
  if (ctx.clock.now() >= expiresAt) return null;
  const textAt = (at: number): string => head.toString("latin1", at, at + TEXT_BYTES);
  return {
    id: readUuid(head, ID_AT) as ProofId,
    pseudonym: textAt(PSEUDONYM_AT),
    limitKeys: SLOTS.map((slot) => textAt(limitKeyAt(slot))).filter((key) => !key.startsWith("\0")),
    purpose,
    expiresAt,
  };
}

const SLOTS: readonly number[] = Array.from({ length: MAX_SECRETS }, (_, slot) => slot);

function limitKeyAt(slot: number): number {
  return LIMIT_KEYS_AT + slot * TEXT_BYTES;
}

function writeText(into: Buffer, text: string, at: number): void {
  if (text.length !== TEXT_BYTES) throw new TypeError("A challenge token holds pseudonyms alone");
  into.write(text, at, "latin1");
}

function seals(ctx: Context): SealedToken {
  const { issuer, audience } = ctx.settings;
  return sealedToken({
    keys: ctx.keys("mail-challenge"),
    boundTo: [issuer, audience],
    headBytes: HEAD_BYTES,
  });
}
