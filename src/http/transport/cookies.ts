import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import type { TokenCookie } from "../../contract/token-fields.ts";
import { AuthError } from "../../errors.ts";

export type CookieNames = Readonly<Record<TokenCookie, string>>;

export interface TokenCookies {
  readonly names: CookieNames;
  /** The cookie of a request. Throws `invalid_token` when it is there twice. */
  read(headers: HttpHeaders, cookie: TokenCookie): string | undefined;
  /** A `Set-Cookie` value (RFC 6265, section 4.1). No seconds: the browser forgets it. */
  write(cookie: TokenCookie, token: string, seconds: number): string;
}

interface CookieKind {
  readonly name: string;
  /** What follows name, value and lifetime. */
  readonly attributes: string;
}

/** What every browser keeps of one cookie, name and attributes included (RFC 6265, section 6.1). */
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
        `A browser keeps no ${cookie} cookie over ${MAX_BYTES} bytes: shorten hooks.claims`,
      );
    },
  };
}

// The prefixes bind browsers: no neighbour can set `__Host-` for us, nothing without TLS either of them.
// Lax for the access cookie: a link from elsewhere finds the user signed in. What it opens only reads.
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

// A neighbour below the same domain can add a cookie of our name. Which of two is ours cannot be told. Not
// `trim`: it takes a no-break space for white space, and a browser does not, so that a neighbour's
// "\u00a0__Host-sp-access", which no prefix binds, would be ours.
function readOnce(headers: HttpHeaders, name: string): string | undefined {
  const values = (headerValue(headers, "cookie", "; ") ?? "")
    .split(";")
    .map((pair) => pair.replace(/^[ \t]+/, ""))
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  if (values.length > 1) throw new AuthError("invalid_token");
  return values[0];
}
