import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import type { TokenCookie } from "../../contract/token-fields.ts";
import { notOurs } from "../../errors.ts";

export type CookieNames = Readonly<Record<TokenCookie, string>>;

export interface TokenCookies {
  readonly names: CookieNames;
  /** Reads a cookie of a request; without a value it counts as missing. Throws `invalid_token` if it is there twice. */
  read(headers: HttpHeaders, cookie: TokenCookie): string | undefined;
  /** The values of every cookie of this name, those that a neighbour planted included. */
  readAll(headers: HttpHeaders, cookie: TokenCookie): readonly string[];
  /** Makes a `Set-Cookie` value (RFC 6265, section 4.1). With 0 seconds the browser deletes the cookie. */
  write(cookie: TokenCookie, token: string, seconds: number): string;
}

/** On what names and paths depend. */
interface Naming {
  readonly name: string;
  readonly basePath: string;
  readonly insecureLocalhost: boolean;
}

interface CookieKind {
  readonly name: string;
  /** The attributes after name, value and lifetime. */
  readonly attributes: string;
}

/** Every browser stores a cookie of this size, name and attributes included (RFC 6265, section 6.1). */
const MAX_BYTES = 4096;

/** The three cookies of a handler. */
export function tokenCookies(of: Naming): TokenCookies {
  const kinds = cookieKinds(of);
  return {
    names: { access: kinds.access.name, refresh: kinds.refresh.name, device: kinds.device.name },
    read: (headers, cookie) => readOnce(headers, kinds[cookie].name),
    readAll: (headers, cookie) => valuesOf(headers, kinds[cookie].name).filter((value) => value !== ""),
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
function cookieKinds(of: Naming): Readonly<Record<TokenCookie, CookieKind>> {
  const [host, secure, flag] = of.insecureLocalhost ? ["", "", ""] : ["__Host-", "__Secure-", "Secure; "];
  const hidden = `HttpOnly; ${flag}`;
  return {
    access: { name: `${host}${of.name}-access`, attributes: `Path=/; ${hidden}SameSite=Lax` },
    refresh: {
      name: `${secure}${of.name}-refresh`,
      attributes: `Path=${of.basePath}; ${hidden}SameSite=Strict`,
    },
    device: {
      name: `${secure}${of.name}-device`,
      attributes: `Path=${of.basePath}; ${hidden}SameSite=Strict`,
    },
  };
}

// A neighbour below the same domain can add a cookie of our name, and nothing tells which of two is ours. An empty one
// counts as well: it was not set here.
function readOnce(headers: HttpHeaders, name: string): string | undefined {
  const values = valuesOf(headers, name);
  if (values.length > 1) throw notOurs();
  return values[0] === "" ? undefined : values[0];
}

// Do not use `trim`: it removes a no-break space, and browsers do not. With it, a neighbour's cookie
// "\u00a0__Host-sp-access" would get past the prefix and pass for ours.
function valuesOf(headers: HttpHeaders, name: string): readonly string[] {
  return (headerValue(headers, "cookie", "; ") ?? "")
    .split(";")
    .map((pair) => pair.replace(/^[ \t]+/, ""))
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
