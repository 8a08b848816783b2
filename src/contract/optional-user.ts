import * as z from "zod/mini";
import type { CurrentUser } from "../api/results.ts";
import { isTokenError, queryOf } from "./request.ts";
import type { KnownRequest } from "./route.ts";
import type { Me } from "./shapes.ts";

export const meQuery: z.ZodMiniType = z.object({
  optional: z.optional(z.literal("")).check(z.describe("Answers 200 without a user in place of 401")),
});

/**
 * The user of the request. With `?optional`, a request without a user gets an answer in place of a refusal. Only what
 * is wrong with the token becomes that answer: an outage or a malformed request stays an error.
 */
export async function userOrNull(
  { target, tokens }: KnownRequest,
  find: () => Promise<CurrentUser>,
): Promise<Me> {
  try {
    return await find();
  } catch (error) {
    if (!isOptional(target) || !isTokenError(error)) throw error;
    return { user: null, session: null, renewable: tokens.hasRefreshCookie() };
  }
}

/** The name alone counts. With a value, or twice, it is a query that this route does not know. */
function isOptional(target: string): boolean {
  const values = queryOf(target).getAll("optional");
  return values.length === 1 && values[0] === "";
}
