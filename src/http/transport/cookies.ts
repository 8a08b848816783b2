import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import type { TokenCookie } from "../../contract/token-fields.ts";
import { AuthError } from "../../errors.ts";

export type CookieNames = Readonly<Record<TokenCookie, string>>;

export interface TokenCookies {
  readonly names: CookieNames;
  /** Reads a cookie of a request. Throws `invalid_token` if it is there twice. */
  read(headers: HttpHeaders, cookie: TokenCookie): string | undefined;
  /** Makes a `Set-Cookie` value (RFC 6265, section 4.1). With 0 seconds the browser deletes the cookie. */
  write(cookie: TokenCookie, token: string, seconds: number): string;
}

interface CookieKind {
  readonly name: string;
  /** The attributes after name, value and lifetime. */
  readonly attributes: string;
}

/** Every browser stores a cookie of this size, name and attributes included (RFC 6265, section 6.1). */
const MAX_BYTES = 4096;

/** The three cookies of a handler. */
export function tokenCookies(of: {
  readonly basePath: string;
  readonly insecureLocalhost: boolean;
}): TokenCookies {
  const kinds = cookieKinds(of);
  return {
    names: { access: kinds.access.name, refresh: kinds.refresh.name, device: kinds.device.name },
    read: (headers, cookie) => readOnce(headers, kinds[cookie].name),
    write(cookie, token, seconds) {
      const { name, attributes } = kinds[cookie];
      const text = `${name}=${token}; Max-Age=${seconds}; ${attributes}`;
      if (Buffer.byteLength(text) <= MAX_BYTES) return text;
      throw new TypeError(
        `Browsers drop the ${cookie} cookie over ${MAX_BYTES} bytes: make hooks.claims shorter`,
      );
    },
  };
}

// Browsers obey the prefixes: a neighbour cannot set a `__Host-` cookie, nor a page without TLS either one.
// The access cookie is Lax: after a link from another site the user is signed in, and a link only reads.
function cookieKinds(of: {
  readonly basePath: string;
  readonly insecureLocalhost: boolean;
}): Readonly<Record<TokenCookie, CookieKind>> {
  const [host, secure, flag] = of.insecureLocalhost ? ["", "", ""] : ["__Host-", "__Secure-", "Secure; "];
  const hidden = `HttpOnly; ${flag}`;
  return {
    access: { name: `${host}sp-access`, attributes: `Path=/; ${hidden}SameSite=Lax` },
    refresh: { name: `${secure}sp-refresh`, attributes: `Path=${of.basePath}; ${hidden}SameSite=Strict` },
    device: { name: `${secure}sp-device`, attributes: `Path=${of.basePath}; ${hidden}SameSite=Strict` },
  };
}

// A neighbour below the same domain can add a cookie of our name, and nothing tells which of two is ours.
// Do not use `trim`: it removes a no-break space, and browsers do not. With it, a neighbour's cookie
// "\u00a0__Host-sp-access" would get past the prefix and pass for ours.
function readOnce(headers: HttpHeaders, name: string): string | undefined {
  const values = (headerValue(headers, "cookie", "; ") ?? "")
    .split(";")
    .map((pair) => pair.replace(/^[ \t]+/, ""))
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  if (values.length > 1) throw new AuthError("invalid_token");
  return values[0];
}
