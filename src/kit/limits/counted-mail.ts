import type { Context } from "../../context.ts";
import type { Refund } from "./count.ts";

/** A mail that has counted in a budget, and waits for its transaction. Null: there is no mail. */
export type CountedMail = { readonly refund: Refund } | null;

/**
 * Gives the points of mails back, if their transaction stored nothing. Null: another call came first. An outage must not
 * use up what an owner may be sent, and a thief must not spend the owner's notices on calls that change nothing.
 */
export async function refundUnlessStored<T>(
  ctx: Context,
  mails: readonly CountedMail[],
  storing: Promise<T | null>,
): Promise<T | null> {
  const refund = async (): Promise<void> => {
    await Promise.all(mails.map((mail) => mail?.refund().catch(ctx.report)));
  };
  const stored = await storing.catch(async (error: unknown) => {
    await refund();
    throw error;
  });
  if (stored === null) await refund();
  return stored;
}
