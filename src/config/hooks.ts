import * as z from "zod";
import type { ClaimsHook, UserCreatedHook } from "../api/options.ts";
import { functionOption } from "./fields.ts";

export interface HooksSettings {
  readonly userCreated?: UserCreatedHook | undefined;
  readonly claims?: ClaimsHook<object> | undefined;
}

export const hooks: z.ZodType<HooksSettings> = z.strictObject({
  userCreated: functionOption<UserCreatedHook>().optional(),
  claims: functionOption<ClaimsHook<object>>().optional(),
});
