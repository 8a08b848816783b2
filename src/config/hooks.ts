import * as z from "zod/mini";
import type { ClaimsHook, UserCreatedHook } from "../api/options.ts";
import { functionOption } from "./fields.ts";

export interface HooksSettings {
  readonly userCreated?: UserCreatedHook<unknown> | undefined;
  readonly claims?: ClaimsHook<object> | undefined;
}

export const hooks: z.ZodMiniType<HooksSettings> = z.lazy(() =>
  z.strictObject({
    userCreated: z.optional(functionOption<UserCreatedHook<unknown>>()),
    claims: z.optional(functionOption<ClaimsHook<object>>()),
  }),
);
