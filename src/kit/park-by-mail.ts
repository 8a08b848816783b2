import * as z from "zod/mini";
import type { Asked, Asking, Context, SignInAttempt, Ticket } from "../context.ts";
import type { SessionId } from "../domain/ids.ts";
import type { AuthStore } from "../ports/auth-store.ts";
import { jsonCodec } from "./codec.ts";
import { prepareUserMail } from "./mail-to-user.ts";

const codec = jsonCodec(
  z.lazy(() =>
    z.strictObject({
      v: z.literal(1),
      issuer: z.string(),
      audience: z.string(),
      amr: z.readonly(z.array(z.string())),
      device: z.nullable(z.string()),
      replaces: z.nullable(z.string()),
    }),
  ),
);

/**
 * Prepares to park a sign-in as a proof of the user's mailbox. The answer stores it in the transaction of the sign-in.
 * The proof is bound to the user and their epoch.
 */
export async function parkByMail(
  ctx: Context,
  attempt: SignInAttempt & Asking,
): Promise<Pick<Asked, "park" | "counted">> {
  const { user, client, amr, device, replaces } = attempt;
  const { issuer, audience } = ctx.settings;
  const data = { v: 1, issuer, audience, amr, device, replaces };
  const { sent, write, refund } = await prepareUserMail(ctx, { purpose: "login", user, client, data });
  const park = async (tx: AuthStore): Promise<Ticket> => {
    await write(tx);
    return { challengeToken: sent.challengeToken, expiresAt: sent.expiresAt };
  };
  return { park, counted: { refund } };
}

/** Reads a parked sign-in. Null: another version, or another application, parked it. */
export function readParked(
  { settings }: Context,
  data: string,
): Pick<SignInAttempt, "amr" | "device" | "replaces"> | null {
  const parked = codec.decode(data);
  if (parked?.issuer !== settings.issuer || parked.audience !== settings.audience) return null;
  return { amr: parked.amr, device: parked.device, replaces: parked.replaces as SessionId | null };
}
