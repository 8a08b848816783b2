import type { Auth, ClientInfo } from "../../api/auth.ts";
import type { ArrivingRequest, HttpBody, HttpClient, HttpResponse } from "../../contract/message.ts";
import { type KnownRequest, MAILED_STATUS, type RouteRow, rowsOf } from "../../contract/route.ts";
import { coreRoutes } from "../../contract/routes.ts";
import { AuthError, isAuthError } from "../../errors.ts";
import { safeReporter } from "../../report.ts";
import type { ResolveClient } from "../client-address/trusted-proxies.ts";
import { contractRoute } from "../openapi/openapi.ts";
import { createPages, type Exchange, type Pages } from "../pages/pages.ts";
import type { PagePaths } from "../pages/pages-options.ts";
import type { Delivery, Transport } from "../transport/transport.ts";
import { type RateLimitFields, rateLimitFields } from "./rate-limit-fields.ts";
import { emptyResponse, jsonResponse, NO_STORE, problemResponse } from "./response.ts";
import { parametersOf, type RouteMatch, routeTable } from "./route-table.ts";
import { tellingHeaders } from "./telling-headers.ts";

export interface DispatchOptions {
  /** The path of the routes, as requests have it: starts with `/`, does not end with one. */
  readonly basePath: string;
  /** The same, as browsers see it. */
  readonly publicPath: string;
  readonly transport: Transport;
  /** The pages of the application. Null: no route takes a form. */
  readonly pages: PagePaths | null;
  /** Finds the client's address behind proxies. */
  readonly resolveClient: ResolveClient;
  /** Called with each error that became `internal_error` here. `createAuth` reports errors of flows. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

export type Dispatch = (request: ArrivingRequest) => Promise<HttpResponse>;

/** A request whose client is perhaps not known yet. A function that throws is a fault: the answer is 500. */
type Arrival = Omit<ArrivingRequest, "client"> & { readonly client: HttpClient | (() => HttpClient) };

/** Serves the routes of the core and of the features, in plain values. It never rejects. */
export function createDispatch(
  auth: Auth,
  options: DispatchOptions,
): (arrival: Arrival) => Promise<HttpResponse> {
  const { basePath, publicPath, transport, resolveClient } = options;
  const rows = [...coreRoutes(auth), ...rowsOf(auth.routes)];
  const pages = createPages(auth, { paths: options.pages, cookies: transport.pageCookies });
  const { cookieNames } = transport;
  const contract = contractRoute(rows, { publicPath, cookieNames, takesForms: pages !== null });
  const match = routeTable([...rows, contract, ...(pages?.rows ?? [])], basePath);
  const report = safeReporter(options.onError);
  const fail = (error: unknown): HttpResponse => {
    if (!isAuthError(error)) report(error);
    return problemResponse(transport.refusal(error));
  };
  const serving: Serving = { auth, transport, pages, match, resolveClient, fail };

  return async (arrival) => {
    const limits = rateLimitFields();
    const response = await serve(serving, arrival, limits.note).catch(fail);
    const headers = { ...response.headers, ...limits.headers(), ...varying(response, transport) };
    return { ...response, headers, body: arrival.method === "HEAD" ? null : response.body };
  };
}

const NO_BODY: HttpBody = { kind: "none" };

interface Serving {
  readonly auth: Auth;
  readonly transport: Transport;
  readonly pages: Pages | null;
  readonly match: (path: string) => RouteMatch | undefined;
  readonly resolveClient: ResolveClient;
  readonly fail: (error: unknown) => HttpResponse;
}

async function serve(
  serving: Serving,
  arrival: Arrival,
  onRateLimit: RateLimitFields["note"],
): Promise<HttpResponse> {
  const { auth, transport, match, resolveClient } = serving;
  const peer = typeof arrival.client === "function" ? arrival.client() : arrival.client;
  const request = { ...arrival, client: peer };
  const client = { ...peer, ip: resolveClient(peer.ip, request.headers), onRateLimit };
  if (!transport.admits(request)) return refuseCrossSite(auth, request, client);
  const found = match(pathOf(request.target));
  if (!found) throw new AuthError("not_found");
  const route = routeOf(found, request.method);
  if (!route) return otherMethod(found, request.method);
  return run(serving, { found, route }, { ...request, client });
}

interface FoundRoute {
  readonly found: RouteMatch;
  readonly route: RouteRow;
}

/** `request` has the client behind the proxies. */
async function run(
  { transport, pages, fail }: Serving,
  { found, route }: FoundRoute,
  request: ArrivingRequest,
): Promise<HttpResponse> {
  const exchange = pages?.exchange(route, request) ?? inJson(route);
  try {
    const caller = clientInfo(request, request.client);
    // A request without a token must not hold a connection by a slow body.
    if (route.access === "bearer") transport.tokensOf({ ...request, body: NO_BODY }).access();
    const read = exchange.read({ ...request, body: await bodyFor(route, request) });
    const known: KnownRequest = {
      client: caller,
      target: request.target,
      parameters: parametersOf(route, found),
      tokens: transport.tokensOf(read),
      input: () => transport.inputOf(route, read),
    };
    return exchange.succeed(transport.deliver(route, await route.run(known), read));
  } catch (error) {
    return exchange.fail(error, { ...fail(error), setCookies: transport.afterFailure(route, error) });
  }
}

function inJson(route: RouteRow): Exchange {
  return {
    read: (request) => request,
    succeed: (delivery) => succeed(route, delivery),
    fail: (_error, failed) => failed,
  };
}

// The request is refused in any case. If the event cannot be recorded, `onError` of `createAuth` is told.
async function refuseCrossSite(
  auth: Auth,
  request: ArrivingRequest,
  { ip, requestId }: HttpClient,
): Promise<never> {
  await auth.events.recordCrossSite(clientInfo(request, { ip, requestId })).catch(() => {});
  throw new AuthError("cross_site_request");
}

/** A route without input reads no body: a client can make it wait for none. */
async function bodyFor({ input }: RouteRow, { body }: ArrivingRequest): Promise<HttpBody> {
  if (typeof body !== "function") return body;
  return input ? body() : NO_BODY;
}

function routeOf({ candidates }: RouteMatch, method: string): RouteRow | undefined {
  const wanted = method === "HEAD" ? "GET" : method;
  return candidates.find((candidate) => candidate.method === wanted);
}

function otherMethod({ candidates }: RouteMatch, method: string): HttpResponse {
  const methods = candidates.map((route) => (route.method === "GET" ? "GET, HEAD" : route.method));
  const allow = [...methods, "OPTIONS"].join(", ");
  if (method === "OPTIONS") return emptyResponse(204, { allow });
  return problemResponse(new AuthError("method_not_allowed"), { allow });
}

function succeed(route: RouteRow, { body, setCookies }: Delivery): HttpResponse {
  const { output, cacheControl } = route;
  const status = successStatus(route, body);
  const response = output ? jsonResponse(status, body, cacheControl) : emptyResponse(status);
  return setCookies.length > 0 ? { ...response, setCookies } : response;
}

function successStatus({ status, mailed }: RouteRow, body: unknown): number {
  const { status: result }: { readonly status?: unknown } = Object(body);
  return mailed && result === "check_email" ? MAILED_STATUS : status;
}

// Without this check a missing address would switch the address limit off, unnoticed.
function clientInfo({ headers }: ArrivingRequest, client: HttpClient): ClientInfo {
  const { ip } = client;
  if (ip !== undefined) return { ...client, ip, ...tellingHeaders(headers) };
  throw new TypeError(
    "The client's address is not known: give client.ip, or null if there is none; on a Unix socket, " +
      'name "unix" in trustedProxies and let the proxy write the header',
  );
}

// The raw text is compared, before any decoding. Dot segments, `%2e`, `//`, another case and a trailing slash
// make other paths, which are not found.
function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
}

/** Says on which headers a private answer depends. An answer for caches is the same for every user. */
function varying({ headers }: HttpResponse, transport: Transport): Readonly<Record<string, string>> {
  return headers["cache-control"] === NO_STORE ? transport.headers : {};
}
