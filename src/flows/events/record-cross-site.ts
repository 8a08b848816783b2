import type { ClientInfo } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import { AuthError } from "../../errors.ts";
import { addressLimits, isWithinLimits } from "../../kit/enforce-limits.ts";
import { type Client, parseClient } from "../../kit/input.ts";
import { recordEvent } from "../../kit/record-event.ts";
import { isTimeout, within } from "../../lib/within.ts";

const TIMEOUT_MS = 2000;
const RULE = { points: 1, windowMs: 60_000 };
/** Those without an address are counted as one. */
const NOWHERE = "none";

/** Records a request that was refused for its origin, and that no page can fill the log with. */
export async function recordCrossSite(ctx: Context, clientInfo: ClientInfo): Promise<void> {
  const client = parseClient(clientInfo);
  // Whoever is refused waits for this: a store that hangs must not keep their connections.
  await within(TIMEOUT_MS, record(ctx, client)).catch((error) => {
    throw isTimeout(error) ? new AuthError("unavailable", { cause: error }) : error;
  });
}

async function record(ctx: Context, client: Client): Promise<void> {
  const limits = addressLimits("cross-site", [RULE], { ...client, ip: client.ip ?? NOWHERE });
  const refusal = { type: "cross_site_request", reason: "cross_site_request" } as const;
  if (!(await isWithinLimits(ctx, { ...refusal, limits, named: {}, client }))) return;
  await recordEvent(ctx, { ...refusal, outcome: "refused" }, client);
}
