import { readJson } from "../../contract/body.ts";
import type { HttpRequest } from "../../contract/message.ts";
import type { RouteRow } from "../../contract/route.ts";
import { AuthError } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";

// A sign-in with `remember: false` is brief: the browser forgets its cookies when it closes. The mark on the refresh
// cookie keeps the next cookies brief, and the mark on a challenge those of its answer. A user may write or remove a
// mark: it decides nothing but how long the browser keeps a cookie.

/** No token begins with it. */
const MARK = "~";

export function marked(token: string): string {
  return `${MARK}${token}`;
}

export function isMarked(value: unknown): value is string {
  return typeof value === "string" && value.startsWith(MARK);
}

export function unmarked(value: string): string {
  return isMarked(value) ? value.slice(MARK.length) : value;
}

/** The body without what only this transport reads. */
export function withoutMarks(route: RouteRow, body: object): object {
  const { remember, ...fields }: { readonly remember?: unknown; readonly challengeToken?: unknown } = body;
  const input = route.takesRemember ? fields : body;
  if (route.takesRemember && remember !== undefined && typeof remember !== "boolean") throw notBoolean();
  const { challengeToken } = fields;
  return isMarked(challengeToken) ? { ...input, challengeToken: unmarked(challengeToken) } : input;
}

/** Whether the body of a sign-in asks for cookies that the browser forgets. */
export function asksForBrief({ input }: RouteRow, request: HttpRequest): boolean {
  if (!input) return false;
  const { remember, challengeToken }: { readonly remember?: unknown; readonly challengeToken?: unknown } =
    readJson(request);
  return remember === false || isMarked(challengeToken);
}

/** Whether own code asks for such cookies. A mistake must not make the cookies of a shared computer last. */
export function readsBrief(options: unknown): boolean {
  const problem = optionsProblem(options, ["remember"]);
  if (problem) throw new TypeError(`cookies(result, options): ${problem}`);
  const { remember = true }: { readonly remember?: unknown } = Object(options);
  if (typeof remember !== "boolean")
    throw new TypeError("cookies(result, options): remember must be true or false");
  return !remember;
}

function notBoolean(): AuthError {
  const message = "This must be true or false.";
  return new AuthError("invalid_input", { errors: [{ path: "remember", code: "invalid_type", message }] });
}
