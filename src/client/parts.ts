import type { Sender } from "./answer.ts";
import { createExclusive, type Exclusive } from "./exclusive.ts";
import { createHeld, type Held } from "./held.ts";
import { createPlace, type Place } from "./place.ts";
import type { AuthClientOptions } from "./types.ts";

/** What every part of a client needs. */
export interface Parts extends Place, Held, Sender {
  readonly exclusive: Exclusive;
  readonly now: () => number;
}

export function createParts(options: AuthClientOptions<unknown>): Parts {
  const { fetch: own, now = Date.now, locks = globalThis.navigator?.locks } = options;
  // A browser's `fetch` refuses to be called as a method.
  const send: Sender["send"] = (request) => (own ?? fetch)(request);
  const place = createPlace(options);
  const held = createHeld(place, options);
  // No other tab sees what is in memory here: there is nothing to wait for.
  const inTurn = createExclusive(place.key, place.isBearer && !options.storage ? null : locks);
  return { ...place, ...held, send, exclusive: (work) => inTurn(() => held.stored(work)), now };
}
