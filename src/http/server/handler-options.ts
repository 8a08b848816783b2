import { misconfigured } from "../../errors.ts";
import { optionsProblem } from "../../lib/plain-object.ts";
import type { ClientAddress } from "../client-address/told-address.ts";
import type { ProxyOptions } from "../client-address/trusted-proxies.ts";
import type { PagesOptions } from "../pages/pages-options.ts";
import type { TransportOptions } from "../transport/transport-options.ts";
import type { ServedRequest } from "./request-id.ts";

/** The options that both kinds of server have. */
export interface ServerOptions extends TransportOptions {
  /** The path of the routes, as this server gets it. Default `/auth`. */
  readonly basePath?: string | undefined;
  /**
   * The path of the routes, as browsers see it. Cookies and the contract name it. Default: `basePath`. It differs if a
   * proxy in front strips or adds a prefix.
   */
  readonly publicPath?: string | undefined;
  /**
   * Pages without script, in cookie mode: with it, signup, login, logout and the change of a password take forms, too.
   * A success leads to `returnTo` of the form, a refusal back to the form. Without it a form is refused.
   *
   * @example
   * import type { HandlerOptions } from "sallyport/http";
   *
   * export const options: HandlerOptions = {
   *   transport: "cookie",
   *   origins: ["https://app.example"],
   *   pages: { signIn: "/sign-in", home: "/notes" },
   * };
   */
  readonly pages?: PagesOptions | undefined;
  /**
   * Your id of a request, such as the one in a header that your proxy writes. Audit events have it, cleaned and cut to
   * 128 characters. Without an id return `undefined`. By default there is none.
   *
   * @example
   * import { type HandlerOptions, headerOf } from "sallyport/http";
   *
   * export const options: HandlerOptions = { requestId: (request) => headerOf(request, "x-request-id") };
   */
  readonly requestId?: ((request: ServedRequest) => string | undefined) | undefined;
  /** Called with each error that became `internal_error` in the HTTP layer. By default it is dropped. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

/** Options for servers that know the address of their peer: by a socket, or as `client.ip` of each call. */
export interface HandlerOptions extends ServerOptions, ProxyOptions {
  /** Only in `PlatformOptions`. */
  readonly clientAddress?: undefined;
}

/** Options for platforms without sockets: a function tells the client's address. */
export interface PlatformOptions<Platform = unknown> extends ServerOptions {
  /**
   * The client's address of a `Request`. `platform` is the second argument of the handler. `null`: there is no address,
   * and so no address limit. `undefined`, or anything but a single address: the answer is 500, and `onError` is told.
   * `fromVercel`, `fromFly`, `fromCloudflare` and `forwarded` are such functions.
   *
   * @example
   * import { fromVercel, type PlatformOptions } from "sallyport/http";
   *
   * export const options: PlatformOptions = { clientAddress: fromVercel };
   */
  readonly clientAddress: ClientAddress<Platform>;
  /** Only in `HandlerOptions`: a header counts by `clientAddress` alone. */
  readonly trustedProxies?: undefined;
  /** Only in `HandlerOptions`. */
  readonly forwardedHeader?: undefined;
}

export type AnyOptions = HandlerOptions | PlatformOptions<never>;

const OPTIONS: Readonly<Record<keyof AnyOptions, true>> = {
  basePath: true,
  publicPath: true,
  pages: true,
  requestId: true,
  onError: true,
  transport: true,
  origins: true,
  insecureLocalhost: true,
  cookies: true,
  trustedProxies: true,
  forwardedHeader: true,
  clientAddress: true,
};

const FUNCTIONS = ["onError", "requestId", "clientAddress"] as const;

// With a misspelt `trustedProxies` all users would share the proxy's address, unnoticed.
export function refuseMistakes(auth: unknown, options: AnyOptions): void {
  const problem = optionsProblem(options, Object.keys(OPTIONS));
  if (problem) throw unsafe(problem);
  if (typeof Object(auth).verifyToken !== "function")
    throw unsafe("auth must be what createAuth returns; is an `await` missing?");
  const misused = FUNCTIONS.find((name) => !["undefined", "function"].includes(typeof options[name]));
  if (misused) throw unsafe(`${misused} must be a function`);
  if (options.clientAddress && (options.trustedProxies ?? options.forwardedHeader) !== undefined)
    throw unsafe("clientAddress tells the address alone: leave trustedProxies and forwardedHeader out");
}

export interface Paths {
  readonly basePath: string;
  readonly publicPath: string;
}

/** Where the routes are: for this server, and for browsers. */
export function parsePaths({ basePath = "/auth", publicPath = basePath }: AnyOptions): Paths {
  return { basePath: plainPath("basePath", basePath), publicPath: plainPath("publicPath", publicPath) };
}

function plainPath(option: string, path: unknown): string {
  if (typeof path === "string" && /^(?:\/[A-Za-z0-9_-]+)+$/.test(path)) return path;
  throw unsafe(`${option} must be a plain path such as /auth, without a trailing slash`);
}

function unsafe(message: string): Error {
  return misconfigured(`createHandler: ${message}`);
}
