import type { Context } from "../../context.ts";
import type { Budget } from "../../domain/budget.ts";
import { recordEvent } from "../record-event.ts";
import { type Attempted, isWithinLimits } from "./budget.ts";
import { draftOf } from "./refusal.ts";

/** All clients without an address count as one address. */
const NOWHERE = "none";

/**
 * Records an event of a call that no limit stops. Beyond the budget it records one event at each doubling, as a refusal
 * does. So no client can fill the log by repeating its call.
 */
export async function recordBounded(ctx: Context, budget: Budget, attempted: Attempted): Promise<void> {
  const counted = { ...attempted, address: attempted.client.ip ?? NOWHERE };
  if (await isWithinLimits(ctx, budget, counted))
    await recordEvent(ctx, draftOf(attempted), attempted.client);
}
