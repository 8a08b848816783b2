import type { RouteRow } from "../../contract/route.ts";
import type { AuthErrorCode } from "../../errors.ts";
import type { CookieNames } from "../transport/cookies.ts";
import { headerReference, type Json } from "./json.ts";

/** How the contract describes tokens. Everything else is the same in both modes. */
export interface Mode {
  /** Whether bodies have the fields that are tokens. */
  readonly hasTokensInBodies: boolean;
  /** Whether rows that accept forms take them. */
  readonly takesForms: boolean;
  readonly security: Readonly<Record<RouteRow["access"], readonly Json[]>>;
  readonly securitySchemes: Json;
  /** Headers that only this mode has. */
  readonly headers: Json;
  /** Those of every answer that no cache may keep. */
  readonly privateHeaders: Json;
  /** The codes that this mode adds to those of the row. */
  addedErrors(row: RouteRow): readonly AuthErrorCode[];
  successHeaders(row: RouteRow): Json;
  unauthorizedHeaders(row: RouteRow): Json;
}

export const bearerMode: Mode = Object.freeze<Mode>({
  hasTokensInBodies: true,
  takesForms: false,
  // The second choice of `either` is the token in the body.
  security: {
    public: [],
    refresh: [],
    bearer: [{ bearer: [] }],
    optional: [{ bearer: [] }, {}],
    either: [{ bearer: [] }, {}],
  },
  securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
  headers: {
    "WWW-Authenticate": {
      description: "What a token needs (RFC 6750). Without any token, the scheme alone",
      schema: { type: "string", examples: ["Bearer", 'Bearer error="invalid_token"'] },
    },
  },
  privateHeaders: {},
  addedErrors: () => [],
  successHeaders: () => ({}),
  unauthorizedHeaders: ({ errors }) =>
    errors.includes("invalid_token") ? headerReference("WWW-Authenticate") : {},
});

const SET_COOKIE = headerReference("Set-Cookie");

export function cookieMode({ access, refresh }: CookieNames, takesForms: boolean): Mode {
  return {
    hasTokensInBodies: false,
    takesForms,
    security: {
      public: [],
      bearer: [{ access: [] }],
      optional: [{ access: [] }, {}],
      refresh: [{ refresh: [] }],
      either: [{ refresh: [] }, { access: [] }],
    },
    securitySchemes: {
      access: { type: "apiKey", in: "cookie", name: access, description: "The access token" },
      refresh: { type: "apiKey", in: "cookie", name: refresh, description: "The refresh token" },
    },
    headers: {
      "Set-Cookie": {
        description:
          "The cookies of session and device; after the end of the session, its cookies without value",
        schema: { type: "string" },
      },
      ...(takesForms && { Location: { description: "A path of the site", schema: { type: "string" } } }),
      Vary: {
        description: "The answer is for this page and its cookies alone",
        schema: { type: "string", examples: ["Origin, Cookie"] },
      },
    },
    privateHeaders: headerReference("Vary"),
    // Every route refuses an `Authorization` header. A refresh has no body that could lack its token.
    addedErrors: ({ method, access }) => [
      "malformed_request",
      ...(method === "GET" ? [] : (["cross_site_request"] as const)),
      ...(access === "refresh" ? (["token_missing"] as const) : []),
    ],
    successHeaders: ({ brings, endsOwnSession }) =>
      endsOwnSession || Object.keys(brings).length > 0 ? SET_COOKIE : {},
    unauthorizedHeaders: ({ errors }) => (errors.includes("session_revoked") ? SET_COOKIE : {}),
  };
}
