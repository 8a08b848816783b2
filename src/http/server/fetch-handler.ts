import type { Auth, NoClaims } from "../../api/auth.ts";
import type { ArrivingRequest, HttpBody, HttpResponse } from "../../contract/message.ts";
import { identification } from "../caller/authenticate.ts";
import { pageLinks } from "../pages/page-links.ts";
import { parsePages } from "../pages/pages-options.ts";
import { parseTransport } from "../transport/transport-options.ts";
import type { AuthHandler } from "./auth-handler.ts";
import { clientRule } from "./client-rule.ts";
import { createDispatch } from "./dispatch.ts";
import {
  type AnyOptions,
  type HandlerOptions,
  type PlatformOptions,
  parsePaths,
  refuseMistakes,
} from "./handler-options.ts";
import type { PlatformHandler } from "./platform-handler.ts";
import { chunks, readBounded } from "./read-bounded.ts";

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
  options?: HandlerOptions,
): AuthHandler<Claims>;
export function createHandler<Claims extends object = NoClaims, Platform = unknown>(
  auth: Auth<Claims>,
  options: PlatformOptions<Platform>,
): PlatformHandler<Claims, Platform>;
export function createHandler<Claims extends object>(
  auth: Auth<Claims>,
  options: AnyOptions = {},
): AuthHandler<Claims> | PlatformHandler<Claims> {
  refuseMistakes(auth, options);
  const paths = parsePaths(options);
  const { onError } = options;
  const rule = clientRule(auth, options);
  const { resolveClient, addressBy, clientAddress, requestId } = rule;
  const pages = parsePages(options, paths.publicPath);
  const transport = parseTransport(options, { ...paths, hasPages: pages !== null, clock: auth.clock });
  const dispatch = createDispatch(auth, { ...paths, transport, pages, resolveClient, onError });

  const handle = async (request: Request, second?: unknown): Promise<Response> =>
    toResponse(await dispatch({ ...arriving(request), client: rule.clientOf(request, second) }));
  const { authenticate, identify, client } = identification({ auth, transport, rule });
  const { cookies, pageCookies } = transport;
  const links = pageLinks({ paths: pages, cookies: pageCookies });
  const own = { authenticate, identify, client, cookies, ...links, addressBy, clientAddress, requestId };

  const handler: unknown = Object.freeze(Object.assign(handle, { ...paths, dispatch, ...own }));
  return handler as AuthHandler<Claims> | PlatformHandler<Claims>; // by the rule, as the options say
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
    return await readBounded(headers.get("content-length"), () => ({ body: collect(reader) }));
  } catch {
    return { kind: "consumed" }; // a stream that breaks, or that other code has locked, cannot be read
  }
}

async function collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<HttpBody> {
  const read = chunks();
  for (;;) {
    const { done, value } = await reader.read();
    const body = done ? read.end() : read.add(value);
    if (body) return body;
  }
}

function toResponse({ status, headers, setCookies, body }: HttpResponse): Response {
  const all = new Headers(headers);
  for (const cookie of setCookies) all.append("set-cookie", cookie);
  return new Response(body, { status, headers: all });
}
