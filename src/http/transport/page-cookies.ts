import type { HttpHeaders } from "../../contract/message.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TokenCookies } from "./cookies.ts";
import { isToken } from "./issued.ts";

/** It says that a session may be there. It signs no user in. */
export const HINT = "1";

/** The cookies that only pages need. Neither signs a user in. The lines are for `Set-Cookie`. */
export interface PageCookies {
  /** Whether this browser may have a session that can be renewed. */
  mayRenew(headers: HttpHeaders): boolean;
  /** The token of the challenge that a form answers, with the mark of a brief sign-in. */
  challenge(headers: HttpHeaders): string | undefined;
  keepChallenge(token: string, expiresAt: Date): string;
  endChallenge(): string;
  endHint(): string;
}

export function pageCookies(cookies: TokenCookies, clock: Clock): PageCookies {
  return {
    mayRenew: (headers) => cookies.readAll(headers, "renew").length > 0,
    challenge(headers) {
      const tokens = cookies.readAll(headers, "challenge");
      // A neighbour may have planted one of two, and nothing tells which.
      return tokens.length === 1 ? tokens[0] : undefined;
    },
    keepChallenge(token, expiresAt) {
      if (!isToken(token)) throw new TypeError("A challenge token has characters that no cookie may have");
      return String(cookies.make("challenge", token, secondsUntil(expiresAt, clock.now())));
    },
    endChallenge: () => String(cookies.make("challenge", "", 0)),
    endHint: () => String(cookies.make("renew", "", 0)),
  };
}

/** Whole seconds, as `Max-Age` has them. */
export function secondsUntil(end: Date, now: Date): number {
  return Math.max(0, Math.floor((end.getTime() - now.getTime()) / 1000));
}
