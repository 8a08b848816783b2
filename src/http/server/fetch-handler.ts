import type { Auth, NoClaims } from "../../api/auth.ts";
import type { ArrivingRequest, HttpBody, HttpClient, HttpResponse } from "../../contract/message.ts";
import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import { identification } from "../caller/authenticate.ts";
import { reportingIgnored } from "../client-address/ignored-headers.ts";
import { peerAddress } from "../client-address/peer-address.ts";
import { clientResolver, type ProxyOptions } from "../client-address/trusted-proxies.ts";
import { parseTransport, type TransportOptions } from "../transport/transport-options.ts";
import { arrivedHeaders } from "./arrived-headers.ts";
import type { AuthHandler } from "./auth-handler.ts";
import { createDispatch } from "./dispatch.ts";
import { readBounded } from "./read-bounded.ts";

export interface HandlerOptions extends ProxyOptions, TransportOptions {
  /** The full public path of the routes. Default `/auth`. */
  readonly basePath?: string | undefined;
  /** Called with each error that became `internal_error` in the HTTP layer. By default it is dropped. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
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
  const { authenticate, identify, client } = identification({ auth, transport, resolveClient });
  const clientAddress: AuthHandler["clientAddress"] = (request) =>
    resolveClient(peerAddress(request.socket), arrivedHeaders(request)) ?? undefined;
  const { cookies } = transport;
  const own = { authenticate, identify, client, cookies, clientAddress };

  return Object.freeze(Object.assign(handle, { basePath, dispatch, ...own }));
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
