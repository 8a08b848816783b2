import type { Auth, NoClaims, Principal, VerifyOptions } from "../auth.ts";
import { AuthError } from "../errors.ts";
import { bearerToken } from "./bearer.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import type { HttpBody, HttpClient, HttpHeaders } from "./message.ts";
import { readBounded } from "./read-bounded.ts";

export interface HandlerOptions {
  /** The full public path of the routes. Default `/auth`. */
  readonly basePath?: string | undefined;
  /** Sees what became `internal_error` in the HTTP layer. Default: nowhere. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

/** Where a token may stand: a web `Request`, or a request of `node:http`, Express or Fastify. */
export interface RequestWithHeaders {
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
   * makes an answer of it.
   */
  readonly authenticate: (request: RequestWithHeaders, options?: VerifyOptions) => Promise<Principal<Claims>>;
}

/** Makes the HTTP side of an `Auth`. Throws `invalid_configuration` for a base path that cannot match. */
export function createHandler<Claims extends object = NoClaims>(
  auth: Auth<Claims>,
  options: HandlerOptions = {},
): AuthHandler<Claims> {
  const basePath = parseBasePath(options.basePath ?? "/auth");
  const dispatch = createDispatch(auth, { basePath, onError: options.onError });

  const handle = async (request: Request, client: HttpClient): Promise<Response> => {
    // Without it there would be no address limit, and nobody would notice.
    if (client?.ip === undefined)
      throw new TypeError("handler(request, client): client.ip must be an address or null");
    const { pathname, search } = new URL(request.url);
    const { status, headers, body } = await dispatch({
      method: request.method,
      target: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: await readBody(request),
      client,
    });
    return new Response(body, { status, headers });
  };
  const authenticate = async (
    request: RequestWithHeaders,
    verify?: VerifyOptions,
  ): Promise<Principal<Claims>> => auth.verifyToken(bearerToken(plainHeaders(request)), verify);

  return Object.freeze(Object.assign(handle, { basePath, dispatch, authenticate }));
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

function plainHeaders({ headers, headersDistinct }: RequestWithHeaders): HttpHeaders {
  return headersDistinct ?? (headers instanceof Headers ? Object.fromEntries(headers) : headers);
}
