import { ask } from "./answer.ts";
import type { Parts } from "./parts.ts";
import { sessionChanged } from "./problem.ts";
import type { CurrentUser } from "./types.ts";

/** Without a user: `renewable` says that the browser has sent a refresh cookie. */
interface NoUser {
  readonly user: null;
  readonly session: null;
  readonly renewable: boolean;
}

/**
 * Asks who is signed in. The answer is a success in any case, so the console of the browser stays clean. Signs out here
 * when the answer says that no refresh would help.
 */
export function findOut(parts: Parts): Promise<CurrentUser | NoUser> {
  return parts.exclusive(async () => {
    const seen = parts.text();
    const { body } = await ask<CurrentUser | NoUser>(parts, parts.own("me?optional"));
    // Without locks another tab may have signed in meanwhile.
    if (parts.text() !== seen && parts.session()?.id !== body.session?.id) throw sessionChanged();
    if (body.user) meet(parts, body);
    else if (!body.renewable) parts.hold();
    return body;
  });
}

/** Keeps what an answer of `me` says. In cookie mode nothing else tells whose the cookies are. */
export function meet(parts: Parts, body: CurrentUser): void {
  const id = body.session?.id;
  if (parts.isBearer || parts.session()?.id === id) parts.know(body);
  else if (id) parts.hold({ id }, undefined, body);
  parts.snapshot();
}
