import type { Auth } from "sallyport";
import { type AuthHandler, createHandler } from "sallyport/http";
import { codeOf, PASSWORD } from "./harness.ts";
import { JOB } from "./session-endings.ts";

const ANY_SESSION = "00000000-0000-7000-8000-000000000000";

type Call = (token: string) => Promise<unknown>;

/** Every call that takes an access token, but for `verifyToken` and `logout`: each reads the session. */
export function signedCalls(auth: Auth): Readonly<Record<string, Call>> {
  const change = { currentPassword: PASSWORD, newPassword: "Another2horse" };
  return {
    getUser: (token) => auth.getUser(token),
    reauthenticate: (token) => auth.reauthenticate(token, { password: PASSWORD }, JOB),
    "password.change": (token) => auth.password.change(token, change, JOB),
    "sessions.list": (token) => auth.sessions.list(token),
    "sessions.revoke": (token) => auth.sessions.revoke(token, ANY_SESSION, JOB),
    "sessions.revokeOthers": (token) => auth.sessions.revokeOthers(token, JOB),
    "events.list": (token) => auth.events.list(token),
  };
}

/** Every call of the library that takes any token. */
export function allCalls(auth: Auth): Readonly<Record<string, Call>> {
  return {
    verifyToken: (token) => auth.verifyToken(token),
    refresh: (token) => auth.refresh(token, JOB),
    logout: (token) => auth.logout(token, JOB),
    ...signedCalls(auth),
  };
}

/** How each call ends, by its name. */
export async function codesOf(
  calls: Readonly<Record<string, Call>>,
  token: string,
): Promise<Record<string, string>> {
  const codes: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) codes[name] = await codeOf(call(token));
  return codes;
}

/** The same code for every call. */
export function each(calls: object, code: string): Record<string, string> {
  return Object.fromEntries(Object.keys(calls).map((name) => [name, code]));
}

/** `GET /auth/me` with a bearer token: the code of the answer. */
export function meOverHttp(auth: Auth, token: string): Promise<string> {
  return send(
    auth,
    new Request("http://localhost/auth/me", { headers: { authorization: `Bearer ${token}` } }),
  );
}

/** `POST /auth/refresh`: the code of the answer. */
export function refreshOverHttp(auth: Auth, refreshToken: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ refreshToken });
  return send(auth, new Request("http://localhost/auth/refresh", { method: "POST", headers, body }));
}

const handlers = new WeakMap<Auth, AuthHandler>();

async function send(auth: Auth, request: Request): Promise<string> {
  const handler = handlers.get(auth) ?? createHandler(auth);
  handlers.set(auth, handler);
  const response = await handler(request, JOB);
  return response.ok ? "fulfilled" : ((await response.json()) as { code: string }).code;
}
