import type { Context } from "../context.ts";
import type { Budget } from "../domain/budget.ts";
import type { Session } from "../domain/session.ts";
import type { Client } from "./input.ts";
import { recordBounded } from "./limits/record-bounded.ts";

const BUDGET: Budget = { name: "refresh-repeated", session: [{ points: 1, windowMs: 60_000 }] };

/**
 * Records that a used refresh token came again within the grace, from another address or user agent than its rotation.
 * A client that lost the answer comes from the same place. Another place has a copy of the token.
 */
export async function recordRepeat(ctx: Context, session: Session, client: Client): Promise<void> {
  const { id: sessionId, userId, ip: lastIp, userAgent } = session;
  // The last rotation wrote both into the row.
  if (client.ip === lastIp && client.userAgent === userAgent) return;
  await recordBounded(ctx, BUDGET, {
    type: "refresh_repeated",
    outcome: "success",
    reason: null,
    named: { userId, sessionId },
    data: lastIp === null ? null : { lastIp },
    client,
    session: sessionId,
  });
}
