import type { Context, OpenRequest } from "../../context.ts";
import type { MailId } from "../../domain/ids.ts";
import { AuthError } from "../../errors.ts";
import { isUuid } from "../../lib/uuid.ts";

/** Lets a mail that was given up be due again. A malformed id never reaches a query. */
export async function retryMail(
  ctx: Context,
  { input: id }: Pick<OpenRequest<string>, "input">,
): Promise<void> {
  const isKnown = typeof id === "string" && isUuid(id);
  if (isKnown && (await ctx.store.outbox.revive(id as MailId, ctx.clock.now()))) return;
  throw new AuthError("not_found");
}
