import type { Auth, NoClaims, Principal, VerifyOptions } from "../../api/auth.ts";
import type { HttpBody, HttpClient, HttpHeaders, HttpResponse } from "../../contract/message.ts";
import { AuthError } from "../../errors.ts";
import { peerAddress, type RequestWithSocket } from "../client-address/peer-address.ts";
import { clientResolver, type ProxyOptions } from "../client-address/trusted-proxies.ts";
import { parseTransport, type TransportOptions } from "../transport/transport-options.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { readBounded } from "./read-bounded.ts";

export interface HandlerOptions extends ProxyOptions, TransportOptions {
  /** The full public path of the routes. Default `/auth`. */
  readonly basePath?: string | undefined;
  /** Sees what became `internal_error` in the HTTP layer. Default: nowhere. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

/** Where a token may stand: a web `Request`, or a request of `node:http` or Express, or `request.raw` of Fastify. */
export interface RequestWithHeaders {
  /** Needed in cookie mode, where the origin of a request that may change something is checked. */
  readonly method?: string | undefined;
  readonly headers: Headers | HttpHeaders;
  /** `node:http` keeps repeated headers apart here; in `headers` it drops all but the first. */
  readonly headersDistinct?: HttpHeaders;
}

/** Serves the HTTP contract for `Request` and `Response`. */
export interface AuthHandler<Claims extends object = NoClaims> {
  /**
   * `client` is who is calling, as your server knows it; it is needed, since limits depend on it. A
   * `Request` has its URL parsed already: dot segments in the path were resolved before it came here.
   */
  (request: Request, client: HttpClient): Promise<Response>;
  readonly basePath: string;
  /** The same in plain values, for any other server. */
  readonly dispatch: Dispatch;
  /**
   * Says who sent a request to a route of the application, or throws an `AuthError`; `problemResponse`
   * makes an answer of it. In cookie mode it is the check of the request's origin, too: whatever it did not
   * see is open to cross-site requests.
   */
  readonly authenticate: (request: RequestWithHeaders, options?: VerifyOptions) => Promise<Principal<Claims>>;
  /**
   * The address of who sent a request to a route of the application, by the same rule: for calls of `auth`
   * and limits of one's own. `undefined`: not known, since the peer is gone, or on a Unix socket.
   */
  readonly clientAddress: (request: RequestWithSocket) => string | undefined;
}

/**
 * Makes the HTTP side of an `Auth`. Throws `invalid_configuration` for an option that does not exist, a base
 * path that cannot match, and proxies that cannot be meant.
 */
export function createHandler<Claims extends object = NoClaims>(
  auth: Auth<Claims>,
  options: HandlerOptions = {},
): AuthHandler<Claims> {
  refuseUnknown(options);
  const basePath = parseBasePath(options.basePath ?? "/auth");
  const resolveClient = clientResolver(options);
  const transport = parseTransport(options, { basePath, clock: auth.clock });
  const dispatch = createDispatch(auth, { basePath, transport, resolveClient, onError: options.onError });

  const handle = async (request: Request, client: HttpClient): Promise<Response> => {
    // Without it there would be no address limit, and nobody would notice.
    if (client?.ip === undefined)
      throw new TypeError("handler(request, client): client.ip must be an address or null");
    const { pathname, search } = new URL(request.url);
    const answer = await dispatch({
      method: request.method,
      target: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: await readBody(request),
      client,
    });
    return toResponse(answer);
  };
  const authenticate = async (
    request: RequestWithHeaders,
    verify?: VerifyOptions,
  ): Promise<Principal<Claims>> => {
    const { method } = request;
    return auth.verifyToken(transport.accessToken({ method, headers: plainHeaders(request) }), verify);
  };

  const clientAddress = ({ socket, headers, headersDistinct }: RequestWithSocket): string | undefined =>
    resolveClient(peerAddress(socket), headersDistinct ?? headers) ?? undefined;

  return Object.freeze(Object.assign(handle, { basePath, dispatch, authenticate, clientAddress }));
}

const OPTIONS: Readonly<Record<keyof HandlerOptions, true>> = {
  basePath: true,
  onError: true,
  transport: true,
  origins: true,
  insecureLocalhost: true,
  trustedProxies: true,
  forwardedHeader: true,
};

// A misspelt `trustedProxies` would make one client of all, and nobody would notice.
function refuseUnknown(options: HandlerOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTIONS, name));
  if (unknown === undefined) return;
  throw new AuthError("invalid_configuration", {
    message: `createHandler: ${unknown}: no such option; there are ${Object.keys(OPTIONS).join(", ")}`,
  });
}

function parseBasePath(basePath: string): string {
  if (/^(?:\/[A-Za-z0-9_-]+)+$/.test(basePath)) return basePath;
  throw new AuthError("invalid_configuration", {
    message: "createHandler: basePath must be a plain path such as /auth, without a slash at its end",
  });
}

async function readBody(request: Request): Promise<HttpBody> {
  if (request.bodyUsed) return { kind: "consumed" };
  if (!request.body) return { kind: "none" };
  // A stream that breaks, or that somebody else holds, is a body that cannot be read.
  return readBounded(request.body, request.headers.get("content-length")).catch(() => ({ kind: "consumed" }));
}

function toResponse({ status, headers, setCookies, body }: HttpResponse): Response {
  const all = new Headers(headers);
  for (const cookie of setCookies) all.append("set-cookie", cookie);
  return new Response(body, { status, headers: all });
}

function plainHeaders({ headers, headersDistinct }: RequestWithHeaders): HttpHeaders {
  return headersDistinct ?? (headers instanceof Headers ? Object.fromEntries(headers) : headers);
}
