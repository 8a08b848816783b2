import * as z from "zod";
import type { EventId } from "../domain/ids.ts";
import {
  type AuthEventOutcome,
  EVENT_OUTCOMES,
  OWN_EVENT_TYPES,
  type OwnEventType,
} from "../domain/vocabulary.ts";
import { isUuid } from "../lib/uuid.ts";
import { type Email, emailField, passwordField } from "./input-fields.ts";
import type {
  EventsPageInput,
  LoginInput,
  PasswordChangeInput,
  PurgeOptions,
  ReauthenticateInput,
  SignupInput,
} from "./inputs.ts";

// One schema for each input: the flow parses with it, and the HTTP contract describes it.

interface Credentials {
  readonly email: Email;
  readonly password: string;
}

/** The flow reads the token, and ignores a forged one. */
export const replacedTokenField: z.ZodType<string | undefined, string | undefined> = z
  .string("This must be text.")
  .optional()
  .describe("The refresh token of the session that is open on this device: the new session replaces it");

interface Replacing {
  readonly refreshToken?: string | undefined;
}

export const signupInput: z.ZodType<Credentials & Replacing, SignupInput> = z.strictObject({
  email: emailField,
  password: passwordField,
  refreshToken: replacedTokenField,
});

/** The flow reads the token, and ignores a forged one. */
export const deviceTokenField: z.ZodType<string | undefined, string | undefined> = z
  .string("This must be text.")
  .optional()
  .describe("The device token of an earlier sign-in to this account on this device");

interface Returning extends Credentials, Replacing {
  readonly deviceToken?: string | undefined;
}

export const loginInput: z.ZodType<Returning, LoginInput> = z.strictObject({
  email: emailField,
  password: passwordField,
  deviceToken: deviceTokenField,
  refreshToken: replacedTokenField,
});

export const reauthenticateInput: z.ZodType<ReauthenticateInput, ReauthenticateInput> = z.strictObject({
  password: passwordField,
});

export const passwordChangeInput: z.ZodType<PasswordChangeInput, PasswordChangeInput> = z.strictObject({
  currentPassword: passwordField,
  newPassword: passwordField,
});

const NEXT_CURSOR = "Use nextCursor of the previous page.";

export interface EventsPageRequest {
  readonly limit: number;
  readonly cursor?: EventId | undefined;
  readonly type?: readonly OwnEventType[] | undefined;
  readonly outcome?: readonly AuthEventOutcome[] | undefined;
}

export const eventsPageInput: z.ZodType<EventsPageRequest, EventsPageInput> = z.strictObject({
  limit: z
    .int("Use a whole number.")
    .min(1, "Use at least 1.")
    .max(100, "Use at most 100.")
    .default(20)
    .describe("Events on a page"),
  // A cursor is the id of the last event of a page. Only an id reaches the query.
  cursor: z
    .string(NEXT_CURSOR)
    .meta({ format: "uuid" })
    .refine(isUuid, { params: { code: "invalid_cursor" }, message: NEXT_CURSOR })
    .transform((id) => id as EventId)
    .optional()
    .describe("nextCursor of the previous page"),
  type: someOf(OWN_EVENT_TYPES).describe("Only events of these types"),
  outcome: someOf(EVENT_OUTCOMES).describe("Only events with these outcomes"),
});

type WordsField<Word> = z.ZodType<readonly Word[] | undefined, readonly Word[] | undefined>;

/** Some words of a closed list. An empty list is an error: it would match no event. */
function someOf<Word extends string>(words: readonly Word[]): WordsField<Word> {
  return z
    .array(z.enum(words, `Use one of: ${words.join(", ")}.`), "This must be a list.")
    .min(1, "Name at least one.")
    .max(words.length, `Name at most ${words.length}.`)
    .optional();
}

export const purgeOptions: z.ZodType<PurgeOptions, PurgeOptions> = z.strictObject({
  maxMs: z
    .custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= 0, {
      params: { code: "invalid_duration" },
      message: "Use whole milliseconds, 0 or more.",
    })
    .optional(),
});
