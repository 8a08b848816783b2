import * as z from "zod/mini";
import type {
  CurrentUser,
  EventsPage,
  ListedEvent,
  ListedSession,
  LoginChallenge,
  LoginResult,
  MailSent,
  PublicUser,
  Reauthenticated,
  Refreshed,
  RevokedSessions,
  SessionInfo,
  SignedIn,
  SignedUp,
  SignupResult,
} from "../api/results.ts";
import { EVENT_OUTCOMES, OWN_EVENT_TYPES, type OwnEventType } from "../domain/vocabulary.ts";
import { component, components } from "./described.ts";
import { tokenField } from "./token-fields.ts";

// The results of the contract: for the OpenAPI document, and for the tests that compare answers with it.

const id = z.uuid();
const time = z.iso.datetime().check(z.describe("UTC, ISO 8601"));
const nullableText = z.nullable(z.string());

export const sessionId: z.ZodMiniType<string> = id;

const user = component<PublicUser>()(
  "User",
  z.strictObject({
    id,
    email: z.string(),
    emailVerified: z.boolean(),
    createdAt: time,
    lastLoginAt: z.nullable(time),
  }),
);

const sessionShape = {
  id,
  createdAt: time,
  expiresAt: time,
  ip: nullableText,
  userAgent: nullableText,
  amr: z.array(z.string()).check(z.describe("Authentication methods, RFC 8176")),
};

const session = component<SessionInfo>()("Session", z.strictObject(sessionShape));

const pairShape = {
  accessToken: tokenField("access", z.string()),
  accessTokenExpiresAt: time,
  refreshToken: tokenField("refresh", z.string().check(z.describe("For one refresh"))),
  refreshTokenExpiresAt: time.check(z.describe("When the session ends unless it is refreshed before")),
};

const refreshedShape = { status: z.literal("signed_in"), user, session, ...pairShape };

const nextDeviceToken = z.string().check(z.describe("For the next login on this device"));

const signedIn = component<SignedIn>()(
  "SignedIn",
  z.strictObject({ ...refreshedShape, deviceToken: tokenField("device", nextDeviceToken) }),
);

const challenge = component<LoginChallenge>()(
  "Challenge",
  z.strictObject({
    status: z.literal("challenge"),
    kind: z.string().check(z.describe("The question")),
    methods: z.array(z.string()).check(z.describe("What answers it: any one of them")),
    challengeToken: z.string(),
    expiresAt: time,
  }),
);

type OwnEvent = Omit<ListedEvent, "type"> & { readonly type: OwnEventType };
type OwnEvents = Omit<EventsPage, "events"> & { readonly events: readonly OwnEvent[] };

const event = component<OwnEvent>()(
  "Event",
  z.strictObject({
    id,
    type: z.enum(OWN_EVENT_TYPES),
    outcome: z.enum(EVENT_OUTCOMES),
    reason: nullableText,
    sessionId: z.nullable(id),
    ip: nullableText,
    userAgent: nullableText,
    requestId: nullableText,
    occurredAt: time,
  }),
);

export const signedInOutput: z.ZodMiniType = signedIn;
export const refreshedOutput: z.ZodMiniType = component<Refreshed>()(
  "Refreshed",
  z.strictObject(refreshedShape),
);
export const reauthenticatedOutput: z.ZodMiniType = component<Reauthenticated>()(
  "Reauthenticated",
  z.strictObject(pairShape),
);
export const revokedOutput: z.ZodMiniType = component<RevokedSessions>()(
  "RevokedSessions",
  z.strictObject({
    revoked: z.int().check(z.describe("How many sessions this ended, those included whose time was over")),
  }),
);
export const loginOutput: z.ZodMiniType = component<LoginResult>()(
  "LoginResult",
  z.union([signedIn, challenge]),
);
const signedUp = component<SignedUp>()(
  "SignedUp",
  z.strictObject({
    ...refreshedShape,
    deviceToken: tokenField("device", nextDeviceToken),
    challengeToken: z
      .optional(z.string())
      .check(z.describe('Only with `email.verification: "later"`: beside the code of the mail')),
  }),
);

export const mailSentOutput: z.ZodMiniType = component<MailSent>()(
  "MailSent",
  z.strictObject({
    status: z.literal("check_email"),
    challengeToken: z.string().check(z.describe("For the browser that asked, beside the code of the mail")),
    expiresAt: time.check(z.describe("When the link of the mail ends")),
  }),
);

/** With a mailer the answer may be `mailSentOutput`, too. */
export const signupOutput: z.ZodMiniType = component<Exclude<SignupResult, MailSent>>()(
  "SignupResult",
  z.union([signedUp, challenge]),
);

export const verifiedOutput: z.ZodMiniType = component<CurrentUser>()(
  "VerifiedUser",
  z.strictObject({ user, session }),
);
/** The answer to `GET /me`. Only `?optional` allows null, and brings `renewable`. */
export interface Me {
  readonly user: PublicUser | null;
  readonly session: SessionInfo | null;
  readonly renewable?: boolean | undefined;
}

export const meOutput: z.ZodMiniType = component<Me>()(
  "CurrentUser",
  z.strictObject({
    user: z.nullable(user).check(z.describe("Null with `optional` alone, if no user is signed in")),
    session: z.nullable(session).check(z.describe("Null if `user` is null")),
    renewable: z
      .optional(z.boolean())
      .check(
        z.describe("If `user` is null: whether a refresh cookie came, of any value. A refresh may help"),
      ),
  }),
);
const listedSession = component<ListedSession>()(
  "ListedSession",
  z.strictObject({ ...sessionShape, current: z.boolean() }),
);

export const sessionsOutput: z.ZodMiniType = component<{ sessions: readonly ListedSession[] }>()(
  "SessionList",
  z.strictObject({ sessions: z.array(listedSession) }),
);
export const eventsOutput: z.ZodMiniType = component<OwnEvents>()(
  "EventsPage",
  z.strictObject({ events: z.array(event), nextCursor: z.nullable(id) }),
);

export const problemOutput: z.ZodMiniType = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    errors: z.optional(z.array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() }))),
    retryAfterSeconds: z.optional(z.int()),
  })
  .register(components, { id: "Problem" });
