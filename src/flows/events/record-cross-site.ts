import type { Context, OpenRequest } from "../../context.ts";
import type { Budget } from "../../domain/budget.ts";
import { AuthError } from "../../errors.ts";
import { type Client, parseClient } from "../../kit/input.ts";
import { isWithinLimits } from "../../kit/limits/budget.ts";
import { recordEvent } from "../../kit/record-event.ts";
import { isTimeout, within } from "../../lib/within.ts";

const TIMEOUT_MS = 2000;
/** The events of an address that are all recorded. After them, only milestones are recorded. */
const BUDGET: Budget = { name: "cross-site", address: [{ points: 1, windowMs: 60_000 }] };
/** All clients without an address count as one address. */
const NOWHERE = "none";

/** Records a request that was refused because of its origin. No page can fill the log with such events. */
export async function recordCrossSite(
  ctx: Context,
  request: Pick<OpenRequest<never>, "client">,
): Promise<void> {
  const client = parseClient(request.client);
  // The refused client waits for the record, so a store that hangs must not keep the connection open.
  await within(TIMEOUT_MS, record(ctx, client)).catch((error) => {
    throw isTimeout(error) ? new AuthError("unavailable", { cause: error }) : error;
  });
}

async function record(ctx: Context, client: Client): Promise<void> {
  const refusal = { type: "cross_site_request", reason: "cross_site_request" } as const;
  const address = client.ip ?? NOWHERE;
  if (!(await isWithinLimits(ctx, BUDGET, { ...refusal, named: {}, client, address }))) return;
  await recordEvent(ctx, { ...refusal, outcome: "refused" }, client);
}
