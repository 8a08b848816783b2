import { type AuthError, misconfigured } from "../../errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { bearerTransport } from "./bearer-transport.ts";
import { cookieTransport } from "./cookie-transport.ts";
import type { Transport } from "./transport.ts";

export interface TransportOptions {
  /**
   * How tokens travel. `"bearer"` (default): in the `Authorization` header and in bodies, for applications
   * and scripts. `"cookie"`: in cookies that no script can read, for pages. It needs `origins`.
   */
  readonly transport?: "bearer" | "cookie" | undefined;
  /**
   * The origins whose pages may call with cookies, as browsers write them: `"https://app.example"`. From any
   * other origin, a request that may change something is refused with `cross_site_request`.
   */
  readonly origins?: readonly string[] | undefined;
  /**
   * For development without TLS: the cookies have no `Secure` and no prefixes. It is allowed only if all
   * `origins` are on localhost.
   */
  readonly insecureLocalhost?: boolean | undefined;
  /** How the cookies are called. Applications on one host need names of their own: a cookie knows no port. */
  readonly cookies?: CookieSettings | undefined;
}

export interface CookieSettings {
  /**
   * The middle of the names: with `"acme"` the access cookie is `__Host-acme-access`. A lower-case letter, then up to 31
   * lower-case letters, digits and hyphens. Default `"sp"`.
   */
  readonly name?: string | undefined;
}

/** Makes the transport. Throws `invalid_configuration` for unsafe or contradictory options. */
export function parseTransport(
  options: TransportOptions,
  of: { readonly basePath: string; readonly clock: Clock },
): Transport {
  const { transport = "bearer", origins, insecureLocalhost = false, cookies } = options;
  if (transport === "bearer") {
    if (origins !== undefined || insecureLocalhost !== false || cookies !== undefined)
      throw unsafe('origins, insecureLocalhost and cookies need transport: "cookie"');
    return bearerTransport;
  }
  if (transport !== "cookie") throw unsafe('transport must be "bearer" or "cookie"');
  if (typeof insecureLocalhost !== "boolean") throw unsafe("insecureLocalhost must be true or false");
  const parsed = parseOrigins(origins, insecureLocalhost);
  return cookieTransport({ ...of, origins: parsed, insecureLocalhost, name: parseName(cookies) });
}

function parseName(cookies: CookieSettings = {}): string {
  const isObject = Object.prototype.toString.call(cookies) === "[object Object]";
  if (!isObject || Object.keys(cookies).some((option) => option !== "name"))
    throw unsafe('cookies must be an object such as { name: "acme" }, and name is its only option');
  const { name = "sp" } = cookies;
  if (typeof name === "string" && /^[a-z][a-z0-9-]{0,31}$/.test(name)) return name;
  throw unsafe(
    "cookies.name: a lower-case letter, then up to 31 lower-case letters, digits and hyphens, such as acme",
  );
}

function parseOrigins(origins: unknown, insecureLocalhost: boolean): readonly string[] {
  if (!Array.isArray(origins) || origins.length === 0)
    throw unsafe('transport: "cookie" needs origins, such as ["https://app.example"]');
  for (const origin of origins) requireSafe(parseOrigin(origin), insecureLocalhost);
  return Object.freeze([...origins]);
}

function requireSafe({ hostname, protocol }: URL, insecureLocalhost: boolean): void {
  if (insecureLocalhost && !isLocalhost(hostname))
    throw unsafe("insecureLocalhost is for development: all origins must be on localhost");
  if (!insecureLocalhost && protocol !== "https:")
    throw unsafe("origins must be https; for development on localhost set insecureLocalhost");
}

// The origin must be as browsers write it, since it is compared as text.
function parseOrigin(origin: unknown): URL {
  const url = typeof origin === "string" ? URL.parse(origin) : null;
  const isPlain = url?.origin === origin && /^https?:$/.test(url?.protocol ?? "");
  if (!url || !isPlain || url.hostname.includes("*"))
    throw unsafe('origins: each must be scheme, host and port alone, such as "https://app.example"');
  return url;
}

function isLocalhost(hostname: string): boolean {
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function unsafe(message: string): AuthError {
  return misconfigured(`createHandler: ${message}`);
}
