import * as z from "zod/mini";
import type { Operator } from "../api/auth.ts";
import type { AuthEvent } from "../domain/auth-event.ts";
import { type Client, headerField, parseClient, parseInput } from "./input.ts";

const MAX_BY = 120;
const MAX_REASON = 500;

/** The operator of a call, with texts that a database can store. */
export interface ParsedOperator {
  readonly client: Client;
  /** The operator's `by` and `reason`, for the event. Null: the call has neither. */
  readonly said: AuthEvent["data"];
}

const operatorInput = z.lazy(() =>
  z.object({
    client: z.object({ by: headerField(MAX_BY), reason: headerField(MAX_REASON) }),
  }),
);

/** Parses the operator of a call. Throws `invalid_input`. Every call of `auth.users` starts with it. */
export function parseOperator(operator: Operator): ParsedOperator {
  const client = parseClient(operator);
  const { by, reason } = parseInput(operatorInput, { client: operator }).client;
  const said = { ...(by !== null && { by }), ...(reason !== null && { reason }) };
  return { client, said: Object.keys(said).length > 0 ? said : null };
}
