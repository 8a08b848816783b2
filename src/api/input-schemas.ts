import * as z from "zod/mini";
import type { EventId } from "../domain/ids.ts";
import {
  type AuthEventOutcome,
  EVENT_OUTCOMES,
  OWN_EVENT_TYPES,
  type OwnEventType,
} from "../domain/vocabulary.ts";
import { isUuid } from "../lib/uuid.ts";
import { type Email, emailField, type JsonObject, ownFields, passwordField } from "./input-fields.ts";
import type {
  EventsPageInput,
  LoginInput,
  PasswordChangeInput,
  PurgeOptions,
  ReauthenticateInput,
  SignupInput,
} from "./inputs.ts";
import { reading } from "./schema.ts";

// One schema for each input: the flow parses with it, and the HTTP contract describes it.

interface Credentials {
  readonly email: Email;
  readonly password: string;
}

/** The flow reads the token, and ignores a forged one. */
export const replacedTokenField: z.ZodMiniType<string | undefined, string | undefined> = z.lazy(() =>
  z
    .optional(z.string("This must be text."))
    .check(
      z.describe("The refresh token of the session that is open on this device: the new session replaces it"),
    ),
);

interface Replacing {
  readonly refreshToken?: string | undefined;
}

const signupShape = { email: emailField, password: passwordField, refreshToken: replacedTokenField };

export const signupInput: z.ZodMiniType<Credentials & Replacing, SignupInput> = z.lazy(() =>
  z.strictObject(signupShape),
);

interface WithJson {
  readonly fields?: JsonObject | undefined;
}

/** For an application with the option `signup.fields`. Its own schema judges the fields afterwards. */
export const signupWithFieldsInput: z.ZodMiniType<Credentials & Replacing & WithJson, SignupInput> = z.lazy(
  () => z.strictObject({ ...signupShape, fields: z.optional(ownFields) }),
);

/** The flow reads the token, and ignores a forged one. */
export const deviceTokenField: z.ZodMiniType<string | undefined, string | undefined> = z.lazy(() =>
  z
    .optional(z.string("This must be text."))
    .check(z.describe("The device token of an earlier sign-in to this account on this device")),
);

interface Returning extends Credentials, Replacing {
  readonly deviceToken?: string | undefined;
}

export const loginInput: z.ZodMiniType<Returning, LoginInput> = z.lazy(() =>
  z.strictObject({
    email: emailField,
    password: passwordField,
    deviceToken: deviceTokenField,
    refreshToken: replacedTokenField,
  }),
);

export const reauthenticateInput: z.ZodMiniType<ReauthenticateInput, ReauthenticateInput> = z.lazy(() =>
  z.strictObject({
    password: passwordField,
  }),
);

export const passwordChangeInput: z.ZodMiniType<PasswordChangeInput, PasswordChangeInput> = z.lazy(() =>
  z.strictObject({
    currentPassword: passwordField,
    newPassword: passwordField,
  }),
);

const NEXT_CURSOR = "Use nextCursor of the previous page.";

export interface EventsPageRequest {
  readonly limit: number;
  readonly cursor?: EventId | undefined;
  readonly type?: readonly OwnEventType[] | undefined;
  readonly outcome?: readonly AuthEventOutcome[] | undefined;
}

export const eventsPageInput: z.ZodMiniType<EventsPageRequest, EventsPageInput> = z.lazy(() =>
  z.strictObject({
    limit: z
      ._default(
        z
          .int("Use a whole number.")
          .check(z.minimum(1, "Use at least 1."), z.maximum(100, "Use at most 100.")),
        20,
      )
      .check(z.describe("Events on a page")),
    // A cursor is the id of the last event of a page. Only an id reaches the query.
    cursor: z
      .optional(
        reading(
          z.string(NEXT_CURSOR).check(z.meta({ format: "uuid" })),
          (id, fail): EventId =>
            isUuid(id) ? (id as EventId) : fail(NEXT_CURSOR, { code: "invalid_cursor" }),
        ),
      )
      .check(z.describe("nextCursor of the previous page")),
    type: someOf(OWN_EVENT_TYPES).check(z.describe("Only events of these types")),
    outcome: someOf(EVENT_OUTCOMES).check(z.describe("Only events with these outcomes")),
  }),
);

type WordsField<Word> = z.ZodMiniType<readonly Word[] | undefined, readonly Word[] | undefined>;

/** Some words of a closed list. An empty list is an error: it would match no event. */
function someOf<Word extends string>(words: readonly Word[]): WordsField<Word> {
  const word = z.enum(words, `Use one of: ${words.join(", ")}.`);
  return z.optional(
    z
      .array(word, "This must be a list.")
      .check(
        z.minLength(1, "Name at least one."),
        z.maxLength(words.length, `Name at most ${words.length}.`),
      ),
  );
}

export const purgeOptions: z.ZodMiniType<PurgeOptions, PurgeOptions> = z.lazy(() =>
  z.strictObject({
    maxMs: z.optional(
      z.custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= 0, {
        params: { code: "invalid_duration" },
        message: "Use whole milliseconds, 0 or more.",
      }),
    ),
  }),
);
