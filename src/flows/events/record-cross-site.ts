import type { Context, OpenRequest } from "../../context.ts";
import type { Budget } from "../../domain/budget.ts";
import { AuthError } from "../../errors.ts";
import { parseClient } from "../../kit/input.ts";
import { recordBounded } from "../../kit/limits/record-bounded.ts";
import { isTimeout, within } from "../../lib/within.ts";

const TIMEOUT_MS = 2000;
/** The events of an address that are all recorded. After them, only milestones are recorded. */
const BUDGET: Budget = { name: "cross-site", address: [{ points: 1, windowMs: 60_000 }] };

/** Records a request that was refused because of its origin. No page can fill the log with such events. */
export async function recordCrossSite(
  ctx: Context,
  request: Pick<OpenRequest<never>, "client">,
): Promise<void> {
  const client = parseClient(request.client);
  const refusal = { type: "cross_site_request", reason: "cross_site_request", named: {}, client } as const;
  // The refused client waits for the record, so a store that hangs must not keep the connection open.
  await within(TIMEOUT_MS, recordBounded(ctx, BUDGET, refusal)).catch((error) => {
    throw isTimeout(error) ? new AuthError("unavailable", { cause: error }) : error;
  });
}
