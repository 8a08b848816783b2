import { isIP } from "node:net";
import type { Headers, Members, Shape } from "./expect.ts";

export const EMAIL = "ada@example.com";
export const PASSWORD = "Correct1horse";
export const WRONG = "Wrong1password";
export const USER_AGENT = "HttpSuite/1.0";

export const ID: RegExp = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export const TIME: RegExp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ACCESS_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const OPAQUE_TOKEN = /^[\w-]{20,}$/;
const ADDRESS = (value: unknown): boolean => typeof value === "string" && isIP(value) !== 0;

export const USER: Members = {
  id: ID,
  email: EMAIL,
  emailVerified: false,
  createdAt: TIME,
  lastLoginAt: TIME,
};

export const SESSION: Members = {
  id: ID,
  createdAt: TIME,
  expiresAt: TIME,
  ip: ADDRESS,
  userAgent: USER_AGENT,
  amr: ["pwd"],
};

export const REAUTHENTICATED: Members = {
  accessToken: ACCESS_TOKEN,
  accessTokenExpiresAt: TIME,
  refreshToken: OPAQUE_TOKEN,
  refreshTokenExpiresAt: TIME,
};

export const REFRESHED: Members = {
  status: "signed_in",
  user: USER,
  session: SESSION,
  ...REAUTHENTICATED,
};

export const SIGNED_IN: Members = { ...REFRESHED, deviceToken: OPAQUE_TOKEN };

/** Of an account whose address was proven. */
export const VERIFIED: Members = { ...USER, emailVerified: true };

export const MAIL_SENT: Members = { status: "check_email", challengeToken: OPAQUE_TOKEN, expiresAt: TIME };

/** One event of the audit trail. */
export function eventShape(type: string, outcome: string, reason: string | null): Shape {
  return {
    id: ID,
    type,
    outcome,
    reason,
    sessionId: outcome === "success" ? ID : null,
    ip: ADDRESS,
    userAgent: USER_AGENT,
    requestId: null,
    occurredAt: TIME,
  };
}

/** The fields of a rule of the client's address. */
export function limited(rule: {
  readonly of: number;
  readonly left: number;
  readonly reset?: number;
}): Headers {
  return {
    "ratelimit-policy": `"address";q=${rule.of};w=60`,
    ratelimit: `"address";r=${rule.left};t=${rule.reset ?? 60}`,
  };
}

/** What `SIGNED_IN` is, for reading on. */
export interface SignedIn {
  readonly user: { readonly id: string };
  readonly session: { readonly id: string };
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly deviceToken: string;
  readonly accessTokenExpiresAt: string;
}
