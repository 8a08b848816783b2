import type { LeaseId, MailId } from "../../domain/ids.ts";
import type { QueuedMail } from "../../domain/queued-mail.ts";
import type { AuthStore } from "../../ports/auth-store.ts";
import { AUDIENCE, newId, noon, sampleMail } from "./samples.ts";
import { minutes } from "./support.ts";

interface Wanted {
  readonly ms?: number;
  readonly limit?: number;
  readonly lease?: LeaseId;
  readonly audience?: string;
}

/** A claim for two minutes, `ms` after noon. */
export function claimMail(store: AuthStore, given: Wanted = {}): Promise<readonly QueuedMail[]> {
  const { ms = 0, limit = 10, lease = newId(), audience = AUDIENCE } = given;
  return store.outbox.claim({ audience, now: noon(ms), until: noon(ms + minutes(2)), limit, lease });
}

/** A mail that is due `ms` after noon. */
export async function putMail(store: AuthStore, ms = 0): Promise<QueuedMail> {
  const mail = sampleMail({ dueAt: noon(ms) });
  await store.outbox.put([mail]);
  return mail;
}

export function idsOf(mails: readonly QueuedMail[]): MailId[] {
  return mails.map(({ id }) => id);
}
