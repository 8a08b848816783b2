import { randomUUID } from "node:crypto";

declare const brand: unique symbol;
type Brand<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Brand<"UserId">;
export type SessionId = Brand<"SessionId">;
export type CredentialId = Brand<"CredentialId">;
export type EventId = Brand<"EventId">;
export type ProofId = Brand<"ProofId">;
export type MailId = Brand<"MailId">;
export type LeaseId = Brand<"LeaseId">;

/** Makes an id. The type parameter names its kind. */
export type NewId = <Id extends string>(at: Date) => Id;

/** The most that ids run ahead of the clock: a step of a minute, and the lead of a burst of ids. */
const MAX_LEAD_MS = 120_000;

/**
 * Makes a source of UUIDv7 (RFC 9562, section 5.7). The ids of one source strictly increase, also within a
 * millisecond and when the clock steps back by at most a minute: a list sorted by id is in the order of creation. A
 * clock that was further ahead was wrong, and the ids follow it back: their time decides when events are purged. Ids
 * are unique in any case, by their 62 random bits.
 */
export function createIdSource(): NewId {
  let lastMs = 0;
  let counter = 0;
  return <Id extends string>(at: Date): Id => {
    const random = randomUUID(); // drawn from a pool: several times faster than asking for bytes
    const now = at.getTime();
    if (now > lastMs || lastMs - now > MAX_LEAD_MS) {
      lastMs = now;
      counter = Number.parseInt(random.slice(0, 4), 16) & 0x7ff; // half the range stays free for this millisecond
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    return format(lastMs, counter, random) as Id;
  };
}

/** Time and counter in front; variant and 62 random bits as in the UUIDv4. */
function format(ms: number, counter: number, random: string): string {
  const time = ms.toString(16).padStart(12, "0");
  const sequence = counter.toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence}-${random.slice(19)}`;
}

/** The smallest UUIDv7 of a moment: ids made before the moment sort below it, all others above. */
export function firstIdAt<Id extends string>(at: Date): Id {
  const time = at.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000` as Id;
}

const DAY_MS = 86_400_000;
/** The most such ids that a purge counts. */
export const MAX_AHEAD = 1_000;

/** Ids from here on were made by a clock that was more than a day ahead of `now`. */
export function firstIdAhead<Id extends string>(now: Date): Id {
  return firstIdAt<Id>(new Date(now.getTime() + DAY_MS));
}
