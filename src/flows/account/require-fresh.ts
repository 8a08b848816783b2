import type { Principal } from "../../api/auth.ts";
import type { Context } from "../../context.ts";
import { type Duration, parseDuration } from "../../domain/duration.ts";
import { AuthError } from "../../errors.ts";

const INVALID = { path: "maxAge", code: "invalid_duration", message: 'Use a duration such as "5m".' };

/** Throws unless the user proved their identity within `maxAge`, according to the principal's token. */
export function requireFresh(
  ctx: Context,
  principal: Pick<Principal, "authenticatedAt">,
  maxAge: Duration = "5m",
): void {
  const longest = parseDuration(maxAge);
  if (longest === null) throw new AuthError("invalid_input", { errors: [INVALID] });
  const provenAt = principal?.authenticatedAt;
  const age = ctx.clock.now().getTime() - (provenAt instanceof Date ? provenAt.getTime() : Number.NaN);
  // Not `age > longest`: the age is NaN for a missing principal or an invalid date, and these must fail.
  if (!(age <= longest)) throw new AuthError("reauthentication_required");
}
