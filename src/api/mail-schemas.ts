import * as z from "zod/mini";
import type { MailId } from "../domain/ids.ts";
import { isUuid } from "../lib/uuid.ts";
import type { DeadMailPageInput } from "./mail-api.ts";
import { reading } from "./schema.ts";

const NEXT_CURSOR = "Use nextCursor of the previous page.";

interface DeadMailPageRequest {
  readonly limit: number;
  readonly cursor?: MailId | undefined;
}

export const deadMailPageInput: z.ZodMiniType<DeadMailPageRequest, DeadMailPageInput> = z.lazy(() =>
  z.strictObject({
    limit: z._default(
      z.int("Use a whole number.").check(z.minimum(1, "Use at least 1."), z.maximum(100, "Use at most 100.")),
      20,
    ),
    cursor: z.optional(
      reading(
        z.string(NEXT_CURSOR),
        (id, fail): MailId => (isUuid(id) ? (id as MailId) : fail(NEXT_CURSOR, { code: "invalid_cursor" })),
      ),
    ),
  }),
);
