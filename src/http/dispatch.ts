import type { Auth } from "../auth.ts";
import { AuthError, isAuthError } from "../errors.ts";
import { safeReporter } from "../report.ts";
import type { HttpRequest, HttpResponse } from "./message.ts";
import { contractRoute } from "./openapi.ts";
import { type RateLimitFields, rateLimitFields } from "./rate-limit-fields.ts";
import { emptyResponse, jsonResponse, problemResponse } from "./response.ts";
import type { KnownRequest, Route } from "./route.ts";
import { type RouteMatch, routeTable } from "./route-table.ts";
import { routes } from "./routes.ts";
import type { ResolveClient } from "./trusted-proxies.ts";

export interface DispatchOptions {
  /** The full public path of the routes: starts with `/`, does not end with one. */
  readonly basePath: string;
  /** Whose request it is, behind whatever proxies. */
  readonly resolveClient: ResolveClient;
  /** Sees what became `internal_error` here. Failures of the flows go to `onError` of `createAuth`. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

export type Dispatch = (request: HttpRequest) => Promise<HttpResponse>;

/** Serves the route table: from plain values to plain values. It never rejects. */
export function createDispatch(auth: Auth, { basePath, resolveClient, onError }: DispatchOptions): Dispatch {
  const report = safeReporter(onError);
  const match = routeTable([...routes, contractRoute(routes, basePath)], basePath);

  const serve = async (request: HttpRequest, onRateLimit: RateLimitFields["note"]): Promise<HttpResponse> => {
    const ip = resolveClient(request.client.ip, request.headers);
    const client = { ...request.client, ip, onRateLimit };
    return answer(auth, match(pathOf(request.target)), { ...request, client });
  };

  return async (request) => {
    const limits = rateLimitFields();
    const response = await serve(request, limits.note).catch((error) => {
      if (!isAuthError(error)) report(error);
      return problemResponse(error);
    });
    const headers = { ...response.headers, ...limits.headers() };
    return { ...response, headers, ...(request.method === "HEAD" && { body: null }) };
  };
}

async function answer(
  auth: Auth,
  found: RouteMatch | undefined,
  request: HttpRequest,
): Promise<HttpResponse> {
  if (!found) throw new AuthError("not_found");
  const { candidates, parameters } = found;
  const allow = allowHeader(candidates);
  if (request.method === "OPTIONS") return emptyResponse(204, { allow });
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = candidates.find((candidate) => candidate.method === method);
  if (!route) return problemResponse(new AuthError("method_not_allowed"), { allow });
  const result = await route.run(auth, { ...withKnownClient(request), parameters });
  return route.output ? jsonResponse(route.status, result, route.cacheControl) : emptyResponse(route.status);
}

// Without an address there would be no address limit, and nobody would notice.
function withKnownClient(request: HttpRequest): Omit<KnownRequest, "parameters"> {
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
