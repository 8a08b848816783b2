import type { Auth } from "../auth.ts";
import { AuthError, isAuthError } from "../errors.ts";
import { safeReporter } from "../report.ts";
import type { HttpRequest, HttpResponse } from "./message.ts";
import { contractRoute } from "./openapi.ts";
import { type RateLimitFields, rateLimitFields } from "./rate-limit-fields.ts";
import { emptyResponse, jsonResponse, NO_STORE, problemResponse } from "./response.ts";
import type { KnownRequest, Route } from "./route.ts";
import { type RouteMatch, routeTable } from "./route-table.ts";
import { clientInfo } from "./routes/request.ts";
import { routes } from "./routes.ts";
import type { Transport } from "./transport.ts";
import type { ResolveClient } from "./trusted-proxies.ts";

export interface DispatchOptions {
  /** The full public path of the routes: starts with `/`, does not end with one. */
  readonly basePath: string;
  readonly transport: Transport;
  /** Whose request it is, behind whatever proxies. */
  readonly resolveClient: ResolveClient;
  /** Sees what became `internal_error` here. Failures of the flows go to `onError` of `createAuth`. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

export type Dispatch = (request: HttpRequest) => Promise<HttpResponse>;

/** Serves the route table: from plain values to plain values. It never rejects. */
export function createDispatch(auth: Auth, options: DispatchOptions): Dispatch {
  const { basePath, transport, resolveClient } = options;
  const match = routeTable(
    [...routes, contractRoute(routes, { basePath, cookieNames: transport.cookieNames })],
    basePath,
  );
  const report = safeReporter(options.onError);
  const fail = (error: unknown): HttpResponse => {
    if (!isAuthError(error)) report(error);
    return problemResponse(error);
  };
  const serve = async (request: HttpRequest, limits: RateLimitFields): Promise<HttpResponse> => {
    if (!transport.admits(request)) return refuseCrossSite(auth, request);
    const found = match(pathOf(request.target));
    if (!found) throw new AuthError("not_found");
    const client = { ...request.client, onRateLimit: limits.note };
    return answer({ auth, transport, fail }, found, { ...request, client });
  };

  return async (request) => {
    const limits = rateLimitFields();
    const client = { ...request.client, ip: resolveClient(request.client.ip, request.headers) };
    const response = await serve({ ...request, client }, limits).catch(fail);
    const headers = { ...response.headers, ...limits.headers(), ...varying(response, transport) };
    return { ...response, headers, ...(request.method === "HEAD" && { body: null }) };
  };
}

// Refused in any case: what cannot be recorded is told to `onError` of `createAuth`.
async function refuseCrossSite(auth: Auth, request: HttpRequest): Promise<never> {
  await auth.events.recordCrossSite(clientInfo(withKnownClient(request))).catch(() => {});
  throw new AuthError("cross_site_request");
}

interface Serving {
  readonly auth: Auth;
  readonly transport: Transport;
  readonly fail: (error: unknown) => HttpResponse;
}

async function answer(serving: Serving, found: RouteMatch, request: HttpRequest): Promise<HttpResponse> {
  const { candidates, parameters } = found;
  const allow = allowHeader(candidates);
  if (request.method === "OPTIONS") return emptyResponse(204, { allow });
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = candidates.find((candidate) => candidate.method === method);
  if (!route) return problemResponse(new AuthError("method_not_allowed"), { allow });
  const { transport, fail } = serving;
  return run(serving, route, { ...withKnownClient(request), parameters }).catch((error) => ({
    ...fail(error),
    setCookies: transport.afterFailure(route, error),
  }));
}

async function run(
  { auth, transport }: Serving,
  route: Route,
  request: Omit<KnownRequest, "tokens">,
): Promise<HttpResponse> {
  const result = await route.run(auth, { ...request, tokens: transport.tokensOf(request) });
  const { body, setCookies } = transport.deliver(route, result);
  const { status, output, cacheControl } = route;
  return { ...(output ? jsonResponse(status, body, cacheControl) : emptyResponse(status)), setCookies };
}

// Without an address there would be no address limit, and nobody would notice.
function withKnownClient(request: HttpRequest): HttpRequest & Pick<KnownRequest, "client"> {
  const { ip } = request.client;
  if (ip === undefined)
    throw new TypeError(
      "The client's address is not known: say client.ip, or null if there is none; on a Unix socket, " +
        'name "unix" in trustedProxies and let the proxy write the header',
    );
  return { ...request, client: { ...request.client, ip } };
}

// The raw text is compared, before any decoding: dot segments, `%2e`, `//`, another case and a trailing
// slash are other paths, and there is nothing there.
function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}

function allowHeader(candidates: readonly Route[]): string {
  const methods = candidates.map(({ method }) => (method === "GET" ? "GET, HEAD" : method));
  return [...methods, "OPTIONS"].join(", ");
}

/** What one person's answer depends on. What everybody may keep is the same for all. */
function varying({ headers }: HttpResponse, transport: Transport): Readonly<Record<string, string>> {
  return headers["cache-control"] === NO_STORE ? transport.headers : {};
}
