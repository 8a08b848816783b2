import * as z from "zod";
import type { ListedEvent } from "../api/auth.ts";

// The shapes of the contract: for the OpenAPI document, and for the tests that hold the answers to it.
// Input is judged by the flows; its shapes here only describe it.

/** The named schemas of the contract. A registry of our own: zod's global one is shared with the application. */
export const components: z.core.$ZodRegistry<{ readonly id: string }> = z.registry<{ readonly id: string }>();

const id = z.uuid();
const time = z.iso.datetime().describe("UTC, ISO 8601");
const nullableText = z.string().nullable();

const credentialsShape = {
  email: z.string().max(254).meta({ format: "idn-email" }),
  password: z.string().min(1).max(1024),
};

export const credentialsInput: z.ZodType = z
  .strictObject(credentialsShape)
  .register(components, { id: "Credentials" });

const password = z.string().min(1).max(1024);
const refreshTokenShape = { refreshToken: z.string().max(4096).describe("As the last answer gave it") };

export const refreshInput: z.ZodType = z
  .strictObject(refreshTokenShape)
  .register(components, { id: "RefreshRequest" });

export const reauthenticateInput: z.ZodType = z
  .strictObject({ password })
  .register(components, { id: "ReauthenticateRequest" });

export const passwordChangeInput: z.ZodType = z
  .strictObject({ currentPassword: password, newPassword: password })
  .register(components, { id: "PasswordChangeRequest" });

export const loginInput: z.ZodType = z
  .strictObject({
    ...credentialsShape,
    deviceToken: z.string().optional().describe("Of an earlier sign-in to this account on this device"),
  })
  .register(components, { id: "LoginRequest" });

export const eventsQuery: z.ZodObject = z.strictObject({
  limit: z.int().min(1).max(100).default(20).describe("Events on a page"),
  cursor: z.uuid().optional().describe("nextCursor of the page before"),
});

const user = z
  .strictObject({
    id,
    email: z.string(),
    emailVerified: z.boolean(),
    createdAt: time,
    lastLoginAt: time.nullable(),
  })
  .register(components, { id: "User" });

const sessionShape = {
  id,
  createdAt: time,
  expiresAt: time,
  ip: nullableText,
  userAgent: nullableText,
  amr: z.array(z.string()).describe("Authentication methods, RFC 8176"),
};

const session = z.strictObject(sessionShape).register(components, { id: "Session" });

const accessTokenShape = { accessToken: z.string(), accessTokenExpiresAt: time };

const refreshedShape = {
  status: z.literal("signed_in"),
  user,
  session,
  ...accessTokenShape,
  refreshToken: z.string().describe("For one refresh"),
  refreshTokenExpiresAt: time.describe("When the session ends unless it is refreshed before"),
};

const signedIn = z
  .strictObject({ ...refreshedShape, deviceToken: z.string().describe("For the next login on this device") })
  .register(components, { id: "SignedIn" });

const challenge = z
  .strictObject({
    status: z.literal("challenge"),
    kind: z.string(),
    challengeToken: z.string(),
    expiresAt: time,
  })
  .register(components, { id: "Challenge" });

const EVENT_TYPES = [
  "signup",
  "login",
  "refresh",
  "reauthenticate",
  "change_password",
  "logout",
  "revoke_session",
  "revoke_other_sessions",
  "disable",
  "enable",
  "delete",
] as const satisfies readonly ListedEvent["type"][];

const event = z
  .strictObject({
    id,
    type: z.enum(EVENT_TYPES),
    outcome: z.enum(["success", "failure", "refused", "challenged"]),
    reason: nullableText,
    sessionId: id.nullable(),
    ip: nullableText,
    userAgent: nullableText,
    requestId: nullableText,
    occurredAt: time,
  })
  .register(components, { id: "Event" });

export const signedInOutput: z.ZodType = signedIn;
export const refreshedOutput: z.ZodType = z
  .strictObject(refreshedShape)
  .register(components, { id: "Refreshed" });
export const reauthenticatedOutput: z.ZodType = z
  .strictObject(accessTokenShape)
  .register(components, { id: "Reauthenticated" });
export const revokedOutput: z.ZodType = z
  .strictObject({
    revoked: z.int().describe("How many sessions this ended, those included whose time was over"),
  })
  .register(components, { id: "RevokedSessions" });
export const jwksOutput: z.ZodType = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.enum(["OKP", "EC"]),
        crv: z.enum(["Ed25519", "P-256"]),
        x: z.string(),
        y: z.string().optional(),
        kid: z.string(),
        alg: z.enum(["EdDSA", "Ed25519", "ES256"]),
        use: z.literal("sig"),
      }),
    ),
  })
  .register(components, { id: "JsonWebKeySet" });
export const loginOutput: z.ZodType = z
  .union([signedIn, challenge])
  .register(components, { id: "LoginResult" });
export const meOutput: z.ZodType = z
  .strictObject({ user, session })
  .register(components, { id: "CurrentUser" });
export const sessionsOutput: z.ZodType = z
  .strictObject({
    sessions: z.array(
      z.strictObject({ ...sessionShape, current: z.boolean() }).register(components, { id: "ListedSession" }),
    ),
  })
  .register(components, { id: "SessionList" });
export const eventsOutput: z.ZodType = z
  .strictObject({ events: z.array(event), nextCursor: id.nullable() })
  .register(components, { id: "EventsPage" });

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
