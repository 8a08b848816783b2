import { driverField } from "./driver-error.ts";

const INVALID_STATEMENT_NAME = "26000";
const DUPLICATE_STATEMENT = "42P05";
const FEATURE_NOT_SUPPORTED = "0A000";

/**
 * PostgreSQL refused a named statement before it ran: the name means nothing on this connection, or another statement, or
 * a plan from before a change of the schema.
 */
export function isStaleStatement(error: unknown): boolean {
  const code = driverField(error, "code");
  if (code === FEATURE_NOT_SUPPORTED) return driverField(error, "routine") === "RevalidateCachedQuery";
  return code === INVALID_STATEMENT_NAME || code === DUPLICATE_STATEMENT;
}
