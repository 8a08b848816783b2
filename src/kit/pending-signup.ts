import * as z from "zod/mini";
import type { JsonObject } from "../api/input-fields.ts";
import { jsonCodec } from "./codec.ts";
import type { ProofData } from "./mail-sent.ts";

/** What a signup keeps until its mailbox is proven. */
export interface PendingSignup {
  /** The hash of the password. */
  readonly hash: string;
  /** The application's own fields as they came. The schema judges them again, and then makes its output of them. */
  readonly fields: JsonObject | null;
}

const codec = jsonCodec(
  z.lazy(() =>
    z.strictObject({
      v: z.literal(1),
      hash: z.string(),
      fields: z.nullable(z.record(z.string(), z.unknown())),
    }),
  ),
);

export function writePending(pending: PendingSignup): ProofData {
  return { v: 1, ...pending };
}

/** Null: the proof was used or ended. */
export function readPending(data: string): PendingSignup | null {
  return codec.decode(data);
}
