import type { HttpHeaders } from "../../contract/message.ts";
import type { RequestWithSocket } from "../client-address/peer-address.ts";

/**
 * Method and headers of a request: they name its user. A `Request` of the web, a request of `node:http`, `node:http2` or
 * Express, `request.raw` of Fastify, or what another framework tells of one: `{ method, headers }`. In cookie mode the
 * method decides whether the origin is checked, so it must be there: on a server-rendered page it is `"GET"`.
 */
export type RequestHead =
  | {
      readonly method: string;
      /** What counts, as the application's middleware has left it. */
      readonly headers: Headers | HttpHeaders;
      readonly headersDistinct?: HttpHeaders | undefined;
      readonly rawHeaders?: readonly string[] | undefined;
    }
  // The types of Node let a request have no method, but the requests of a server have one.
  | (RequestWithSocket & { readonly method?: string | undefined });

/** A request on a platform without sockets, with what the platform tells of it: for the option `clientAddress`. */
export interface PlatformRequest<Platform = unknown> {
  readonly request: Request;
  readonly platform: Platform;
}

/** What a handler with `clientAddress` takes. Without the platform, a head is enough if the function needs no more. */
export type PlatformHead<Platform = unknown> =
  | PlatformRequest<Platform>
  | (unknown extends Platform ? RequestHead : never);

/** A request to a route of the application, as it came. */
export interface ArrivedRequest {
  readonly head: RequestHead;
  readonly platform?: unknown;
}

export function arrivedRequest(request: RequestHead | PlatformRequest): ArrivedRequest {
  // By the field that every head has: middleware may write a field `request` into one.
  return "headers" in request ? { head: request } : { head: request.request, platform: request.platform };
}
