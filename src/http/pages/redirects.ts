import type { HttpResponse } from "../../contract/message.ts";
import type { AuthError } from "../../errors.ts";
import { emptyResponse } from "../server/response.ts";
import { withQuery } from "./local-path.ts";

/** 303: the browser asks for the other page by GET, whatever this was (RFC 9110, section 15.4.4). */
export function seeOther(location: string, setCookies: readonly string[] = []): HttpResponse {
  return { ...emptyResponse(303, { location, "content-length": "0" }), setCookies };
}

/** A name of ours, or of the application's schema. Anything else might be text that a user or a stranger wrote. */
const CODE = /^[a-z][a-z0-9_-]{0,63}$/;

export function codesOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => (CODE.test(name) ? name : "invalid")))];
}

interface Refusal {
  readonly page: string;
  readonly returnTo: string | null;
  /** Null: the page has nothing to explain. */
  readonly error: Pick<AuthError, "code" | "errors" | "retryAfterSeconds"> | null;
}

/** The page that a refusal leads to. Codes alone are in its address: no link can write a text on it. */
export function refusalPage({ page, returnTo, error }: Refusal): string {
  const wait = error?.retryAfterSeconds;
  return withQuery(page, {
    error: codesOf(error ? [error.code] : []),
    rule: codesOf(error?.errors?.map(({ code }) => code) ?? []),
    wait: wait === undefined ? [] : [String(wait)],
    returnTo: returnTo === null ? [] : [returnTo],
  });
}
