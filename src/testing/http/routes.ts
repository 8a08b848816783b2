import { EMAIL, PASSWORD } from "./shapes.ts";

/** A row of the contract, as the suite asks it. */
export interface SuiteRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly access: "public" | "bearer" | "either";
  /** What a valid request holds; none: there is no body. */
  readonly body?: Readonly<Record<string, string>>;
}

/** The contract. A server whose document names another route does not pass. */
export const ROUTES: readonly SuiteRoute[] = [
  { method: "POST", path: "/signup", access: "public", body: { email: EMAIL, password: PASSWORD } },
  { method: "POST", path: "/login", access: "public", body: { email: EMAIL, password: PASSWORD } },
  { method: "POST", path: "/reauthenticate", access: "bearer", body: { password: PASSWORD } },
  {
    method: "POST",
    path: "/password",
    access: "bearer",
    body: { currentPassword: PASSWORD, newPassword: "Another2staple" },
  },
  { method: "GET", path: "/me", access: "bearer" },
  { method: "GET", path: "/events", access: "bearer" },
  { method: "GET", path: "/jwks.json", access: "public" },
  { method: "POST", path: "/refresh", access: "public", body: { refreshToken: "" } },
  { method: "POST", path: "/logout", access: "either", body: { refreshToken: "" } },
  { method: "GET", path: "/sessions", access: "bearer" },
  { method: "DELETE", path: "/sessions", access: "bearer" },
  { method: "DELETE", path: "/sessions/{id}", access: "bearer" },
  { method: "GET", path: "/openapi.json", access: "public" },
];

const LINK = "A".repeat(66);

/** What a server has besides these with the option `mailer`. */
export const MAIL_ROUTES: readonly SuiteRoute[] = [
  { method: "POST", path: "/signup/confirm", access: "public", body: { link: LINK, password: PASSWORD } },
  {
    method: "POST",
    path: "/challenges/email",
    access: "public",
    body: { challengeToken: "x", code: "000000" },
  },
  { method: "POST", path: "/email/resend", access: "public", body: { challengeToken: "x" } },
  { method: "POST", path: "/password/reset", access: "public", body: { email: EMAIL } },
  {
    method: "POST",
    path: "/password/reset/confirm",
    access: "public",
    body: { link: LINK, password: PASSWORD },
  },
  { method: "POST", path: "/email/verification", access: "bearer" },
  { method: "POST", path: "/email/verification/confirm", access: "bearer", body: { link: LINK } },
];

/** Of each path, what `Allow` says. */
export const ALLOW: Readonly<Record<string, string>> = {
  "/signup": "POST, OPTIONS",
  "/login": "POST, OPTIONS",
  "/reauthenticate": "POST, OPTIONS",
  "/password": "POST, OPTIONS",
  "/me": "GET, HEAD, OPTIONS",
  "/events": "GET, HEAD, OPTIONS",
  "/jwks.json": "GET, HEAD, OPTIONS",
  "/refresh": "POST, OPTIONS",
  "/logout": "POST, OPTIONS",
  "/sessions": "GET, HEAD, DELETE, OPTIONS",
  "/sessions/{id}": "DELETE, OPTIONS",
  "/openapi.json": "GET, HEAD, OPTIONS",
};

export const WITH_BODY: readonly SuiteRoute[] = ROUTES.filter(({ body }) => body !== undefined);
export const BEARER: readonly SuiteRoute[] = ROUTES.filter(({ access }) => access === "bearer");
export const GETS: readonly SuiteRoute[] = ROUTES.filter(({ method }) => method === "GET");

/** An id that no user and no session has. */
export const UNKNOWN_ID = "018f0000-0000-7000-8000-000000000000";

/** A path that can be asked: with an unknown id. */
export function concrete(path: string): string {
  return path.replace("{id}", UNKNOWN_ID);
}
