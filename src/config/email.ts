import * as z from "zod/mini";

const VERIFICATIONS = ["required", "later", "off"] as const;

/** When a user proves that the address of the account is theirs. */
type Verification = (typeof VERIFICATIONS)[number];

export interface EmailSettings {
  readonly verification: Verification;
}

interface ParsedEmail {
  readonly verification?: Verification | undefined;
}

export const email: z.ZodMiniType<ParsedEmail> = z.lazy(() =>
  z.strictObject({
    verification: z.optional(z.enum(VERIFICATIONS, 'must be "required", "later" or "off"')),
  }),
);

/** All who can send mail ask for the proof, unless they say otherwise. */
export function emailSettings({ verification }: ParsedEmail, hasMailer: boolean): EmailSettings {
  return { verification: verification ?? (hasMailer ? "required" : "off") };
}
