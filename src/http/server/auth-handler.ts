import type { ClientInfo, NoClaims, Reauthenticated, Refreshed, SignedIn } from "../../api/auth.ts";
import type { HttpClient } from "../../contract/message.ts";
import type { Caller } from "../caller/caller.ts";
import type { RequestHead } from "../caller/request-head.ts";
import type { Requirements } from "../caller/requirements.ts";
import type { RequestWithSocket } from "../client-address/peer-address.ts";
import type { TokenCookie } from "../transport/token-cookie.ts";
import type { CookieLifeOptions } from "../transport/transport.ts";
import type { Dispatch } from "./dispatch.ts";
import type { ServedRequest } from "./request-id.ts";

/** Serves the HTTP contract for `Request` and `Response`, and tells your own routes who sent a request. */
export interface AuthHandler<Claims extends object = NoClaims> {
  /**
   * Answers one request. `client` is the client as your server knows it: limits need its address. The URL of
   * a `Request` is parsed already, so dot segments in its path were resolved before.
   */
  (request: Request, client: HttpClient): Promise<Response>;
  /** The path of the routes, as this server gets it. */
  readonly basePath: string;
  /** The path of the routes, as browsers see it. */
  readonly publicPath: string;
  /** Where the client's address comes from: here the server tells its peer. */
  readonly addressBy: "peer";
  /** Answers a request in plain values, for any other server. */
  readonly dispatch: Dispatch;
  /**
   * Finds the user of a request to a route of your application, or throws an `AuthError`. `problemResponse`
   * makes an answer of that error. In cookie mode this also checks the origin of the request: a route that
   * does not call it is open to cross-site requests. A request to open a WebSocket, of the event `upgrade`, must
   * come from a page of `origins`.
   *
   * Without requirements every signed-in user passes. Of several, each must be met. Those that are `undefined` refuse
   * every user, as any mistake does. So code around this call passes on its arguments as they came.
   *
   * Codes: `token_missing`, `invalid_token`, `token_expired`, `session_revoked`, `session_expired`; `forbidden` and
   * `reauthentication_required` for a requirement that is not met; in cookie mode `cross_site_request`, and
   * `malformed_request` for an `Authorization` header; `unavailable`. A `TypeError` says that the call is wrong: in
   * cookie mode without a method, or with a requirement of the wrong kind.
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
   *       const me = await handler.authenticate(request);
   *       const { user } = await me.user();
   *       response.end(user.email);
   *     } catch (error) {
   *       sendNodeResponse(response, problemResponse(error));
   *     }
   *   };
   * }
   *
   * @example
   * import type { Auth } from "sallyport";
   * import { createHandler } from "sallyport/http";
   *
   * declare const auth: Auth<{ roles: string[] }>;
   * const handler = createHandler(auth);
   *
   * const admin = await handler.authenticate(request, {
   *   allow: ({ claims }) => claims.roles.includes("admin"),
   *   fresh: "5m",
   * });
   * await admin.sessions.revokeOthers();
   */
  authenticate(
    request: RequestHead,
    ...requirements: readonly Requirements<Claims>[]
  ): Promise<Caller<Claims>>;
  /**
   * The same for a route that serves all: null if no user is signed in, because the token is missing, forged, expired or
   * of an ended session. It hides nothing else: it throws for another site's request, for two transports at once, and if
   * the store does not answer. It takes no requirements: a second argument is a `TypeError`.
   *
   * @example
   * const me = await handler.identify({ method: "GET", headers: request.headers }); // a server-rendered page
   * console.log(me ? `Hello, ${(await me.user()).user.email}` : "Sign in");
   */
  identify(request: RequestHead): Promise<Caller<Claims> | null>;
  /**
   * The client of a request, for calls of `auth`: its address by the handler's own rule, its user agent, and the id that
   * the option `requestId` reads. Throws a `TypeError` if the address is not known, since the limits of a sign-in count
   * by it. That of a request without a socket is known only if `trustedProxies` is a number or `["unix"]`.
   *
   * @example
   * import type { IncomingMessage } from "node:http";
   * import type { Auth, LoginResult } from "sallyport";
   * import type { AuthHandler } from "sallyport/http";
   *
   * declare const auth: Auth;
   * declare const handler: AuthHandler;
   *
   * export function signIn(request: IncomingMessage, email: string, password: string): Promise<LoginResult> {
   *   return auth.login({ email, password }, handler.client(request));
   * }
   */
  client(request: RequestHead): ClientInfo;
  /**
   * The cookies of a sign-in, a refresh, a reauthentication or a password change that your own code has made. Null: those
   * that end a session; the device stays known. They are the same cookies that the routes set. In bearer mode there are
   * no cookies, and this throws a `TypeError`. With `remember: false` the browser forgets them when it closes; say so
   * again for each result of that session.
   *
   * @example
   * const result = await auth.login({ email, password }, { ip, userAgent });
   * const headers = new Headers();
   * if (result.status === "signed_in") {
   *   for (const cookie of handler.cookies(result)) headers.append("set-cookie", String(cookie));
   * }
   */
  cookies(
    result: SignedIn | Refreshed | Reauthenticated | null,
    options?: CookieLifeOptions,
  ): readonly TokenCookie[];
  /**
   * Where a page sends a visitor without a session: to renew where a session may be left, else to sign in. Afterwards
   * the visitor comes back to `returnTo`, a path of the site; anything else is left out. It is for pages that are read
   * by `GET`, and not for the page of sign-ins. It needs the option `pages`, or is a `TypeError`.
   *
   * @example
   * import type { IncomingMessage, ServerResponse } from "node:http";
   * import type { AuthHandler } from "sallyport/http";
   *
   * export async function home(handler: AuthHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
   *   const me = await handler.identify(request);
   *   if (me) return void response.end(`Hello, ${(await me.user()).user.email}`);
   *   const location = handler.signInUrl(request, request.url ?? "/");
   *   response.writeHead(303, { location, "cache-control": "no-store" }).end();
   * }
   */
  signInUrl(request: RequestHead, returnTo: string): string;
  /** Where a visitor may renew a session. Null: this browser has none to renew. The rest is as for `signInUrl`. */
  renewUrl(request: RequestHead, returnTo: string): string | null;
  /**
   * The client's address of a request to a route of your application, behind the same proxies. Use it for
   * limits of your own. `undefined`: the peer is gone, or it is on a Unix socket.
   */
  clientAddress(request: RequestWithSocket): string | undefined;
  /** Your id of a request, as the option `requestId` reads it. */
  requestId(request: ServedRequest): string | undefined;
}
