import * as z from "zod/mini";
import type { Auth } from "../../api/auth.ts";
import { BODY_ERRORS, isTokenError, TOKEN_ERRORS } from "../../contract/request.ts";
import { defineRoute, type PresentedTokens, type RouteRow } from "../../contract/route.ts";
import { refreshedOutput } from "../../contract/shapes.ts";

export const RENEW_PATH = "/renew";

/** Renewal on the way to a page. Only browsers use it, so the contract does not have these rows. */
export function renewRows(auth: Auth): { readonly look: RouteRow; readonly renew: RouteRow } {
  const look = defineRoute({
    method: "GET",
    path: RENEW_PATH,
    name: "renewPage",
    summary: "The page that renews a session by a form",
    access: "optional",
    status: 200,
    errors: TOKEN_ERRORS,
    run: ({ tokens }) => isLive(auth, tokens),
  });
  const renew = defineRoute({
    method: "POST",
    path: RENEW_PATH,
    name: "renew",
    summary: "The next pair of tokens, unless a session lives",
    access: "refresh",
    accepts: "form only",
    input: z.strictObject({}),
    status: 200,
    output: refreshedOutput,
    errors: [...BODY_ERRORS, ...TOKEN_ERRORS, "rate_limited"],
    // Another tab may have renewed it by now. A second rotation would be for nothing.
    run: async ({ tokens, client }) =>
      (await isLive(auth, tokens)) ? null : auth.refresh(tokens.refresh(), client),
  });
  return { look, renew };
}

async function isLive(auth: Auth, tokens: PresentedTokens): Promise<boolean> {
  try {
    await auth.verifyToken(tokens.access());
    return true;
  } catch (error) {
    if (isTokenError(error)) return false;
    throw error;
  }
}
