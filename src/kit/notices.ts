import type { Context } from "../context.ts";
import type { QueuedMail } from "../domain/queued-mail.ts";
import type { User } from "../domain/user.ts";
import type { PlainMail } from "../domain/vocabulary.ts";
import type { MailService } from "../mail-service.ts";
import type { Client } from "./input.ts";
import type { Refund } from "./limits/count.ts";
import { countNotice } from "./limits/mail-budgets.ts";
import type { QuietCount } from "./limits/quiet.ts";
import { requestOf } from "./mail-sent.ts";
import { mailRow } from "./proofs/mail-row.ts";
import { isUnproven } from "./reclaim.ts";

type NoticeKind = Extract<PlainMail, "new_device" | "password_changed" | "session_reuse">;

/** The notices of this release, each with its option in `mail.notices`. */
const OPTIONS: Readonly<Record<NoticeKind, keyof MailService["settings"]["notices"]>> = {
  new_device: "newDevice",
  password_changed: "passwordChanged",
  session_reuse: "sessionReuse",
};

export interface Notice {
  readonly kind: NoticeKind;
  readonly user: User;
  readonly client: Client;
  /** The account was taken back: its address had not been proven. */
  readonly reclaimed?: boolean | undefined;
}

export interface PreparedNotice {
  /** For the transaction that it tells of. */
  readonly mail: QueuedMail;
  /** For a transaction that does not come to be. Otherwise a thief could spend the owner's notices on nothing. */
  readonly refund: Refund;
}

/**
 * Prepares the mail that tells an owner what happens. The caller puts it into the transaction that it tells of. Null:
 * the application wants no such notice, or the user had ten of them today. Notices go to proven addresses only: another
 * one may be a stranger's, whose mailbox no squatter may fill.
 */
export async function prepareNotice(ctx: Context, notice: Notice): Promise<PreparedNotice | null> {
  const { kind, user, client, reclaimed } = notice;
  if (!ctx.mail?.settings.notices[OPTIONS[kind]] || isUnproven(user)) return null;
  const { isWithin, isLast, refund } = await countNotice(ctx, user.id).catch((error): QuietCount => {
    // What the notice tells of must not wait for the limiter.
    ctx.report(error);
    return { isWithin: true, isLast: false, refund: async () => {} };
  });
  if (!isWithin) return null;
  const mail = mailRow(ctx, {
    kind,
    recipient: user.email,
    proofId: null,
    data: requestOf(client, { userId: user.id, isLast, reclaimed: reclaimed === true }),
  });
  return { mail, refund };
}
