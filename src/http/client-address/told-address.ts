import { bareAddress } from "./hop-address.ts";

/**
 * Tells the client's address of a request. `platform` is the second argument of the handler. `null`: there is no address.
 * `undefined`: it is not known, and the request is refused.
 */
export type ClientAddress<Platform = unknown> = (
  request: Request,
  platform: Platform,
) => string | null | undefined;

/** The same, checked. It throws unless the function told a single address, or null. */
export type TellAddress = (request: Request, platform: unknown) => string | null;

/** Checks each address that the application's function tells. `onNone` is called for each `null`. */
export function toldAddress(clientAddress: ClientAddress<never>, onNone: () => void): TellAddress {
  return (request, platform) => {
    // The function names the type of its platform: the caller of the handler passes that.
    const told: unknown = clientAddress(request, platform as never);
    const address = typeof told === "string" ? bareAddress(told) : null;
    if (address !== null) return address;
    if (told !== null) throw new TypeError(UNKNOWN);
    onNone();
    return null;
  };
}

// A list or a name would be one key for many clients, or a key that a client chose.
const UNKNOWN =
  "clientAddress told no single address: return one IP address at once, or null if the client has none. A preset " +
  "tells none if its header is missing: then a request came past the platform";
