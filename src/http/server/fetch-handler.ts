import type { Auth, NoClaims, Principal, VerifyOptions } from "../../api/auth.ts";
import type {
  ArrivingRequest,
  HttpBody,
  HttpClient,
  HttpHeaders,
  HttpResponse,
} from "../../contract/message.ts";
import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { reportingIgnored } from "../client-address/ignored-headers.ts";
import { peerAddress, type RequestWithSocket } from "../client-address/peer-address.ts";
import { clientResolver, type ProxyOptions } from "../client-address/trusted-proxies.ts";
import { parseTransport, type TransportOptions } from "../transport/transport-options.ts";
import { arrivedHeaders } from "./arrived-headers.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import { readBounded } from "./read-bounded.ts";

export interface HandlerOptions extends ProxyOptions, TransportOptions {
  /** The full public path of the routes. Default `/auth`. */
  readonly basePath?: string | undefined;
  /** Called with each error that became `internal_error` in the HTTP layer. By default it is dropped. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

/** A request that may have a token: of the web, `node:http`, `node:http2` or Express, or `request.raw` of Fastify. */
export interface RequestWithHeaders {
  /** Needed in cookie mode: the origin is checked if the method may change something. */
  readonly method?: string | undefined;
  /** What counts, as the application's middleware has left it. */
  readonly headers: Headers | HttpHeaders;
  /** `node:http` keeps repeated headers here. In `headers` it keeps only the first. */
  readonly headersDistinct?: HttpHeaders | undefined;
  /** Names and values in turn. They tell which headers came twice. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/** Serves the HTTP contract for `Request` and `Response`. */
export interface AuthHandler<Claims extends object = NoClaims> {
  /**
   * Answers one request. `client` is the client as your server knows it: limits need its address. The URL of
   * a `Request` is parsed already, so dot segments in its path were resolved before.
   */
  (request: Request, client: HttpClient): Promise<Response>;
  readonly basePath: string;
  /** Answers a request in plain values, for any other server. */
  readonly dispatch: Dispatch;
  /**
   * Finds the user of a request to a route of your application, or throws an `AuthError`. `problemResponse`
   * makes an answer of that error. In cookie mode this also checks the origin of the request: a route that
   * does not call it is open to cross-site requests. A request to open a WebSocket, of the event `upgrade`, must
   * come from a page of `origins`.
   *
   * @example
   * import type { IncomingMessage, ServerResponse } from "node:http";
   * import { type AuthHandler, problemResponse, sendNodeResponse } from "sallyport/http";
   *
   * type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
   *
   * export function whoAmI(handler: AuthHandler): Route {
   *   return async (request, response) => {
   *     try {
   *       const { userId } = await handler.authenticate(request);
   *       response.end(userId);
   *     } catch (error) {
   *       sendNodeResponse(response, problemResponse(error));
   *     }
   *   };
   * }
   */
  readonly authenticate: (request: RequestWithHeaders, options?: VerifyOptions) => Promise<Principal<Claims>>;
  /**
   * The client's address of a request to a route of your application, behind the same proxies. Use it for
   * calls of `auth` and for limits of your own. `undefined`: the peer is gone, or it is on a Unix socket.
   */
  readonly clientAddress: (request: RequestWithSocket) => string | undefined;
}

/**
 * Makes the HTTP routes of an `Auth`. Throws `invalid_configuration` for an unknown option, a base path that
 * cannot match, unsafe proxies or origins, and two routes with one path.
 *
 * @example
 * import { createAuth, memoryStore } from "sallyport";
 * import { createHandler } from "sallyport/http";
 *
 * const { SALLYPORT_SECRET = "" } = process.env;
 * const auth = createAuth({ secret: SALLYPORT_SECRET, store: memoryStore() });
 * const handler = createHandler(auth);
 *
 * const request = new Request("https://app.example/auth/jwks.json");
 * const response = await handler(request, { ip: "203.0.113.7" });
 * console.log(response.status, await response.json());
 */
export function createHandler<Claims extends object = NoClaims>(
  auth: Auth<Claims>,
  options: HandlerOptions = {},
): AuthHandler<Claims> {
  refuseMistakes(auth, options);
  const basePath = parseBasePath(options.basePath ?? "/auth");
  const resolveClient = reportingIgnored(clientResolver(options), () => auth.warn("ignored_header"));
  const transport = parseTransport(options, { basePath, clock: auth.clock });
  const dispatch = createDispatch(auth, { basePath, transport, resolveClient, onError: options.onError });

  const handle = async (request: Request, client: HttpClient): Promise<Response> => {
    // Without this check a missing address would switch the address limit off, unnoticed.
    if (client?.ip === undefined)
      throw new TypeError("handler(request, client): client.ip must be an address or null");
    return toResponse(await dispatch({ ...arriving(request), client }));
  };
  const authenticate = async (
    request: RequestWithHeaders,
    verify?: VerifyOptions,
  ): Promise<Principal<Claims>> => {
    try {
      const head = { method: request.method, headers: arrivedHeaders(request) };
      return await auth.verifyToken(transport.accessToken(head), verify);
    } catch (error) {
      throw transport.refusal(error);
    }
  };

  const clientAddress = (request: RequestWithSocket): string | undefined =>
    resolveClient(peerAddress(request.socket), arrivedHeaders(request)) ?? undefined;

  return Object.freeze(Object.assign(handle, { basePath, dispatch, authenticate, clientAddress }));
}

const OPTIONS: Readonly<Record<keyof HandlerOptions, true>> = {
  basePath: true,
  onError: true,
  transport: true,
  origins: true,
  insecureLocalhost: true,
  cookies: true,
  trustedProxies: true,
  forwardedHeader: true,
};

// With a misspelt `trustedProxies` all users would share the proxy's address, unnoticed.
function refuseMistakes(auth: unknown, options: HandlerOptions): void {
  const problem = optionsProblem(options, Object.keys(OPTIONS));
  if (problem) throw misconfigured(`createHandler: ${problem}`);
  if (typeof (auth as Auth | null)?.verifyToken !== "function")
    throw misconfigured("createHandler: auth must be what createAuth returns; is an `await` missing?");
  if (options.onError !== undefined && typeof options.onError !== "function")
    throw misconfigured("createHandler: onError must be a function");
}

function parseBasePath(basePath: unknown): string {
  if (typeof basePath === "string" && /^(?:\/[A-Za-z0-9_-]+)+$/.test(basePath)) return basePath;
  throw misconfigured("createHandler: basePath must be a plain path such as /auth, without a trailing slash");
}

function arriving(request: Request): Omit<ArrivingRequest, "client"> {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    target: pathname + search,
    headers: Object.fromEntries(request.headers),
    body: () => readBody(request),
  };
}

async function readBody({ body, bodyUsed, headers }: Request): Promise<HttpBody> {
  if (bodyUsed) return { kind: "consumed" };
  if (!body) return { kind: "none" };
  try {
    const reader = body.getReader();
    // The rest is left alone: to cancel it would end the connection before the answer, on some servers.
    return await readBounded({ next: () => reader.read() }, headers.get("content-length"));
  } catch {
    return { kind: "consumed" }; // a stream that breaks, or that other code has locked, cannot be read
  }
}

function toResponse({ status, headers, setCookies, body }: HttpResponse): Response {
  const all = new Headers(headers);
  for (const cookie of setCookies) all.append("set-cookie", cookie);
  return new Response(body, { status, headers: all });
}
