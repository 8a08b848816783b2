import type { ClientInfo, NoClaims } from "../../api/auth.ts";
import type { Caller } from "../caller/caller.ts";
import type { PlatformHead } from "../caller/request-head.ts";
import type { Requirements } from "../caller/requirements.ts";
import type { AuthHandler } from "./auth-handler.ts";

/** The second argument of a handler. It may be left out if `clientAddress` does not need it. */
export type PlatformArgument<Platform> = unknown extends Platform
  ? [platform?: Platform]
  : [platform: Platform];

/**
 * A handler with the option `clientAddress`. No socket tells the address, so `toNodeHandler` refuses it. In your own
 * routes `{ request, platform }` tells what the function needs.
 *
 * @example
 * import { createHandler } from "sallyport/http";
 *
 * interface Env {
 *   readonly peer: string;
 * }
 * const handler = createHandler(auth, { clientAddress: (_request, { peer }: Env) => peer });
 *
 * export async function route(request: Request, platform: Env): Promise<Response> {
 *   const me = await handler.authenticate({ request, platform });
 *   return Response.json({ userId: me.userId });
 * }
 */
export interface PlatformHandler<Claims extends object = NoClaims, Platform = unknown>
  extends Omit<AuthHandler<Claims>, "addressBy" | "authenticate" | "identify" | "client" | "clientAddress"> {
  /** Answers one request. `platform` is what your platform tells of it, for `clientAddress`. */
  (request: Request, ...platform: PlatformArgument<Platform>): Promise<Response>;
  /** The option tells the client's address. */
  readonly addressBy: "clientAddress";
  /**
   * As that of `AuthHandler`. If `clientAddress` tells no address, the caller's `client.ip` is null, and the warning
   * `unknown_address` says so once.
   */
  authenticate(
    request: PlatformHead<Platform>,
    ...requirements: readonly Requirements<Claims>[]
  ): Promise<Caller<Claims>>;
  /** As that of `AuthHandler`, with the address as above. */
  identify(request: PlatformHead<Platform>): Promise<Caller<Claims> | null>;
  /**
   * The client of a request, for calls of `auth`: its address by `clientAddress`, its user agent, and its id. Throws a
   * `TypeError` if the address is not known.
   */
  client(request: PlatformHead<Platform>): ClientInfo;
  /**
   * The client's address of a request to a route of your application, by the same function. Use it for limits of your
   * own. Throws a `TypeError` if the address is not known.
   */
  clientAddress(request: Request, ...platform: PlatformArgument<Platform>): string | null;
}
