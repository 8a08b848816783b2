import type { Context } from "../../context.ts";
import { type Budget, onlyScopes } from "../../domain/budget.ts";
import type { PresentedDevice } from "../../domain/device.ts";
import { withoutTag } from "../../domain/email.ts";
import type { ProofId, UserId } from "../../domain/ids.ts";
import type { ProofPurpose } from "../../domain/vocabulary.ts";
import { pseudonymsOf } from "../record-event.ts";
import { countQuietly, type QuietCount } from "./quiet.ts";

const DAY_MS = 86_400_000;
const MAX_RESENDS = 3;
/** Longer than any mail counts. */
const RESEND_WINDOW_MS = 8 * DAY_MS;
const NOTICES: Budget = { name: "mail-notice", account: [{ points: 10, windowMs: DAY_MS }] };

/** The names under which mails to one address count. `+tags` of one address count together. */
export function recipientKeys(ctx: Context, emailCanonical: string): readonly string[] {
  return pseudonymsOf(ctx, withoutTag(emailCanonical));
}

interface Recipient {
  readonly keys: readonly string[];
  /** A known device of the recipient. Its rules count in place of the address's: no stranger can use them up. */
  readonly device?: PresentedDevice | null | undefined;
}

/**
 * Counts a mail to an address. Each purpose has counters of its own. Beyond them, the answer stays the same and no
 * further mail is made.
 */
export function countMail(ctx: Context, purpose: ProofPurpose, recipient: Recipient): Promise<QuietCount> {
  const budget = {
    ...onlyScopes(ctx.settings.limits.mail, "account", "device", "devices"),
    name: `mail-${purpose}`,
  };
  return countQuietly(ctx, budget, { account: recipient.keys, device: recipient.device });
}

/** Counts one more sending of the same mail. */
export function countResend(ctx: Context, id: ProofId): Promise<QuietCount> {
  const budget: Budget = {
    name: "mail-resend",
    account: [{ points: MAX_RESENDS, windowMs: RESEND_WINDOW_MS }],
  };
  return countQuietly(ctx, budget, { account: [id] });
}

/** Counts a notice to a user. */
export function countNotice(ctx: Context, userId: UserId): Promise<QuietCount> {
  return countQuietly(ctx, NOTICES, { account: [userId] });
}

/**
 * Counts a guess of a code, over all mails to one address. It counts under each name that the ticket has, so that
 * instances that share a secret share the budget, whichever secret they have first.
 */
export function countCode(ctx: Context, recipient: readonly string[]): Promise<QuietCount> {
  const budget = onlyScopes(ctx.settings.limits.proof, "account");
  return countQuietly(ctx, budget, { account: recipient });
}
