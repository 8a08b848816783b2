import * as z from "zod";
import type {
  CurrentUser,
  EventsPage,
  ListedEvent,
  ListedSession,
  LoginChallenge,
  LoginResult,
  PublicUser,
  Reauthenticated,
  Refreshed,
  RevokedSessions,
  SessionInfo,
  SignedIn,
  SignupResult,
} from "../api/results.ts";
import type { JsonWebKeySet } from "../domain/signing-key.ts";
import { EVENT_OUTCOMES, OWN_EVENT_TYPES, type OwnEventType } from "../domain/vocabulary.ts";
import { component, components } from "./described.ts";
import { tokenField } from "./token-fields.ts";

// The results of the contract: for the OpenAPI document, and for the tests that compare answers with it.

const id = z.uuid();
const time = z.iso.datetime().describe("UTC, ISO 8601");
const nullableText = z.string().nullable();

export const sessionId: z.ZodType<string> = id;

const user = component<PublicUser>()(
  "User",
  z.strictObject({
    id,
    email: z.string(),
    emailVerified: z.boolean(),
    createdAt: time,
    lastLoginAt: time.nullable(),
  }),
);

const sessionShape = {
  id,
  createdAt: time,
  expiresAt: time,
  ip: nullableText,
  userAgent: nullableText,
  amr: z.array(z.string()).describe("Authentication methods, RFC 8176"),
};

const session = component<SessionInfo>()("Session", z.strictObject(sessionShape));

const pairShape = {
  accessToken: tokenField("access", z.string()),
  accessTokenExpiresAt: time,
  refreshToken: tokenField("refresh", z.string().describe("For one refresh")),
  refreshTokenExpiresAt: time.describe("When the session ends unless it is refreshed before"),
};

const refreshedShape = { status: z.literal("signed_in"), user, session, ...pairShape };

const nextDeviceToken = z.string().describe("For the next login on this device");

const signedIn = component<SignedIn>()(
  "SignedIn",
  z.strictObject({ ...refreshedShape, deviceToken: tokenField("device", nextDeviceToken) }),
);

const challenge = component<LoginChallenge>()(
  "Challenge",
  z.strictObject({
    status: z.literal("challenge"),
    kind: z.string().describe("The question"),
    methods: z.array(z.string()).describe("What answers it: any one of them"),
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
    sessionId: id.nullable(),
    ip: nullableText,
    userAgent: nullableText,
    requestId: nullableText,
    occurredAt: time,
  }),
);

export const signedInOutput: z.ZodType = signedIn;
export const refreshedOutput: z.ZodType = component<Refreshed>()("Refreshed", z.strictObject(refreshedShape));
export const reauthenticatedOutput: z.ZodType = component<Reauthenticated>()(
  "Reauthenticated",
  z.strictObject(pairShape),
);
export const revokedOutput: z.ZodType = component<RevokedSessions>()(
  "RevokedSessions",
  z.strictObject({
    revoked: z.int().describe("How many sessions this ended, those included whose time was over"),
  }),
);
const publicJwk = z.strictObject({
  kty: z.enum(["OKP", "EC"]),
  crv: z.enum(["Ed25519", "P-256"]),
  x: z.string(),
  y: z.string().optional(),
  kid: z.string(),
  alg: z.enum(["EdDSA", "Ed25519", "ES256"]),
  use: z.literal("sig"),
});
export const jwksOutput: z.ZodType = component<JsonWebKeySet>()(
  "JsonWebKeySet",
  z.strictObject({ keys: z.array(publicJwk) }),
);
export const loginOutput: z.ZodType = component<LoginResult>()("LoginResult", z.union([signedIn, challenge]));
export const signupOutput: z.ZodType = component<SignupResult>()(
  "SignupResult",
  z.union([signedIn, challenge]),
);
export const meOutput: z.ZodType = component<CurrentUser>()("CurrentUser", z.strictObject({ user, session }));
const listedSession = component<ListedSession>()(
  "ListedSession",
  z.strictObject({ ...sessionShape, current: z.boolean() }),
);

export const sessionsOutput: z.ZodType = component<{ sessions: readonly ListedSession[] }>()(
  "SessionList",
  z.strictObject({ sessions: z.array(listedSession) }),
);
export const eventsOutput: z.ZodType = component<OwnEvents>()(
  "EventsPage",
  z.strictObject({ events: z.array(event), nextCursor: id.nullable() }),
);

export const problemOutput: z.ZodType = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() })).optional(),
    retryAfterSeconds: z.int().optional(),
  })
  .register(components, { id: "Problem" });
