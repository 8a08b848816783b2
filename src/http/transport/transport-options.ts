import { type AuthError, misconfigured } from "../../errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { bearerTransport } from "./bearer-transport.ts";
import { cookieTransport } from "./cookie-transport.ts";
import { parseOrigins } from "./origins.ts";
import type { Transport } from "./transport.ts";

export interface TransportOptions {
  /**
   * How tokens travel. `"bearer"` (default): in the `Authorization` header and in bodies, for applications
   * and scripts. `"cookie"`: in cookies that no script can read, for pages. It needs `origins`.
   */
  readonly transport?: "bearer" | "cookie" | undefined;
  /**
   * The origins whose pages may call with cookies, as browsers write them: `"https://app.example"`, or an extension such
   * as `"chrome-extension://<id>"`. From any other origin, a request that may change something is refused with
   * `cross_site_request`.
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
  of: { readonly publicPath: string; readonly hasPages: boolean; readonly clock: Clock },
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

function unsafe(message: string): AuthError {
  return misconfigured(`createHandler: ${message}`);
}
