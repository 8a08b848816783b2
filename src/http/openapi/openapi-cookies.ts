import type { Route } from "../../contract/route.ts";
import type { CookieNames } from "../transport/cookies.ts";

export type Json = Readonly<Record<string, unknown>>;

/** A row as the contract tells of it. */
export interface DocumentedRoute extends Route {
  /** Default: as `access` says, with a bearer token. */
  readonly security?: readonly Json[];
  /** Of its success. */
  readonly headers?: Json;
  /** Of its 401. */
  readonly unauthorizedHeaders?: Json;
}

const SECURITY: Readonly<Record<Route["access"], readonly Json[]>> = {
  public: [],
  bearer: [{ access: [] }],
  refresh: [{ refresh: [] }],
  either: [{ refresh: [] }, { access: [] }],
};

/** Of every route: it was sent an `Authorization` header. */
const REFUSALS = ["malformed_request"] as const;

/** The same row in cookie mode. */
export function cookieRow(route: Route): DocumentedRoute {
  const { input, access, method, errors, ...rest } = route;
  const refusals = method === "GET" ? REFUSALS : [...REFUSALS, "cross_site_request" as const];
  const hasTokenBody = access === "refresh" || access === "either";
  return {
    ...rest,
    ...(input && !hasTokenBody && { input }),
    method,
    access,
    errors: [...new Set([...errors, ...refusals])],
    security: SECURITY[access],
    ...((route.issuesTokens || route.endsOwnSession) && { headers: SET_COOKIE }),
    ...(errors.includes("session_revoked") && { unauthorizedHeaders: SET_COOKIE }),
  };
}

const SET_COOKIE: Json = { "Set-Cookie": { $ref: "#/components/headers/Set-Cookie" } };

export const COOKIE_HEADERS: Json = {
  "Set-Cookie": {
    description: "The cookies of session and device; after the end of the session, its cookies without value",
    schema: { type: "string" },
  },
};

export function cookieSchemes({ access, refresh }: CookieNames): Json {
  return {
    access: { type: "apiKey", in: "cookie", name: access, description: "The access token" },
    refresh: { type: "apiKey", in: "cookie", name: refresh, description: "The refresh token" },
  };
}

const TOKENS = ["accessToken", "refreshToken", "deviceToken"];
/** The body that is a token alone. */
const TOKEN_BODY = "RefreshRequest";

/** The schemas without what cookies bring and take. */
export function withoutTokens(schemas: Readonly<Record<string, Json>>): Json {
  const { [TOKEN_BODY]: _none, ...kept } = schemas;
  return Object.fromEntries(Object.entries(kept).map(([name, schema]) => [name, withoutTokenFields(schema)]));
}

interface ObjectSchema extends Json {
  readonly properties?: Json;
  readonly required?: readonly string[];
}

function withoutTokenFields(schema: ObjectSchema): Json {
  const { properties, required } = schema;
  if (!properties) return schema;
  const isKept = (name: string): boolean => !TOKENS.includes(name);
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => isKept(name))),
    ...(required && { required: required.filter(isKept) }),
  };
}
