import { createItem } from "./item.ts";
import type { ClientMail, MailPurpose, PendingMail } from "./mail-types.ts";
import { objectIn } from "./object-in.ts";
import type { ClientStorage } from "./types.ts";

/** The challenges of this browser, by purpose: the newest of each. */
interface Pending extends Pick<ClientMail, "keep" | "pending"> {
  forget(purpose: MailPurpose): void;
}

export function createPending(keyOf: () => string, storage: ClientStorage | null | undefined): Pending {
  // A server may have a `localStorage` too, which all its users would share.
  const own = (): ClientStorage | undefined => (globalThis.location ? globalThis.localStorage : undefined);
  const item = createItem(() => (storage === undefined ? own() : storage), keyOf);
  const all = (): Readonly<Record<string, PendingMail | undefined>> => ({ ...objectIn(item.get() ?? "") });
  const write = (purpose: MailPurpose, kept: PendingMail | undefined): void =>
    item.set(JSON.stringify({ ...all(), [purpose]: kept }));
  return {
    keep: (purpose, { challengeToken, expiresAt }) => write(purpose, { challengeToken, expiresAt }),
    pending: (purpose) => {
      const kept = all();
      return (Object.hasOwn(kept, purpose) && kept[purpose]) || null;
    },
    forget: (purpose) => {
      if (all()[purpose]) write(purpose, undefined);
    },
  };
}
