import * as z from "zod/mini";
import { type Email, emailField, passwordField, REQUIRED } from "./input-fields.ts";
import { deviceTokenField, replacedTokenField } from "./input-schemas.ts";
import type {
  ChallengeProof,
  ResendInput,
  ResetInput,
  ResetRequestInput,
  SessionProof,
  SignupConfirmation,
} from "./inputs.ts";
import { type Fail, reading } from "./schema.ts";

// The inputs of the calls that send mail, and of those that confirm one.

/** The halves of a proof that a caller shows. Each is a text, of any form. */
export interface ShownHalves {
  readonly challengeToken?: string | undefined;
  readonly code?: string | undefined;
  readonly link?: string | undefined;
}

type TextField = z.ZodMiniType<string | undefined, string | undefined>;

function text(description: string): TextField {
  return z.lazy(() => z.optional(z.string("This must be text.")).check(z.describe(description)));
}

const halves = {
  challengeToken: text("What the browser kept that asked for the mail"),
  code: text("The digits of the mail; spaces and hyphens are ignored"),
  link: text("The token in the link of the mail"),
};

const newPassword = z.lazy(() => z.optional(passwordField));

interface WithPassword extends ShownHalves {
  readonly password?: string | undefined;
}

interface Confirmation extends WithPassword {
  readonly refreshToken?: string | undefined;
}

type Names = readonly (keyof WithPassword)[];

const IN_ONE_BROWSER: readonly Names[] = [
  ["challengeToken", "code"],
  ["challengeToken", "link"],
];
const IN_ANY_BROWSER: Names = ["link", "password"];

export const signupConfirmationInput: z.ZodMiniType<Confirmation, SignupConfirmation> = oneOf(
  () => z.strictObject({ ...halves, password: newPassword, refreshToken: replacedTokenField }),
  [...IN_ONE_BROWSER, IN_ANY_BROWSER],
);

export const challengeProofInput: z.ZodMiniType<ShownHalves, ChallengeProof> = oneOf(
  () => z.strictObject(halves),
  IN_ONE_BROWSER,
);

export const resetInput: z.ZodMiniType<WithPassword & { readonly password: string }, ResetInput> = oneOf(
  () => z.strictObject({ ...halves, password: passwordField }),
  [IN_ANY_BROWSER, ["challengeToken", "code", "password"]],
);

export const sessionProofInput: z.ZodMiniType<ShownHalves, SessionProof> = oneOf(
  () => z.strictObject(halves),
  [["link"], ["challengeToken", "code"]],
);

interface ResetRequest {
  readonly email: Email;
  readonly deviceToken?: string | undefined;
}

export const resetRequestInput: z.ZodMiniType<ResetRequest, ResetRequestInput> = z.lazy(() =>
  z.strictObject({
    email: emailField,
    deviceToken: deviceTokenField,
  }),
);

export const resendInput: z.ZodMiniType<ResendInput, ResendInput> = z.lazy(() =>
  z.strictObject({
    challengeToken: z.string({
      error: ({ input }) => (input === undefined ? REQUIRED : "This must be text."),
    }),
  }),
);

/**
 * One of several sets of fields, whole, and no field of another set. It refuses a half that is lacking in the same way
 * for every mail and every account: nothing is asked before.
 */
function oneOf<Output extends WithPassword, Input>(
  schema: () => z.ZodMiniType<Output>,
  sets: readonly Names[],
): z.ZodMiniType<Output, Input> {
  const judged = z.lazy(() => reading(schema(), judging(sets)));
  return judged as z.ZodMiniType<Output, Input>;
}

function judging<Output extends WithPassword>(sets: readonly Names[]): (given: Output, fail: Fail) => Output {
  const names = [...new Set(sets.flat())];
  return (given, fail) => {
    const shown = names.filter((name) => given[name] !== undefined && given[name] !== "");
    const [nearest = []] = sets.toSorted((a, b) => difference(a, shown) - difference(b, shown));
    const lacking = nearest.filter((name) => !shown.includes(name));
    const unexpected = shown.filter((name) => !nearest.includes(name));
    for (const name of lacking) fail(REQUIRED, { path: [name], code: "required" });
    for (const name of unexpected) {
      fail(`Leave this out, or send it with another field: ${describe(sets)}.`, {
        path: [name],
        code: "unexpected",
      });
    }
    return given;
  };
}

function difference(set: Names, shown: Names): number {
  return (
    set.filter((name) => !shown.includes(name)).length + shown.filter((name) => !set.includes(name)).length
  );
}

function describe(sets: readonly Names[]): string {
  return sets.map((names) => names.join(" and ")).join("; or ");
}
