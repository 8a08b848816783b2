import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import type { TokenKind } from "../../contract/token-fields.ts";
import { notOurs } from "../../errors.ts";
import { isMarked, marked, unmarked } from "./brief.ts";
import { type TokenCookie, tokenCookie } from "./token-cookie.ts";

export type CookieNames = Readonly<Record<TokenKind, string>>;

/** The tokens, and what pages need: a hint that a session may be renewed, and the challenge that a form answers. */
type CookieUse = TokenKind | "renew" | "challenge";

export interface TokenCookies {
  readonly names: CookieNames;
  /** Whether the hint goes with each refresh cookie. */
  readonly hasHint: boolean;
  /** Reads a cookie of a request; without a value it counts as missing. Throws `invalid_token` if it is there twice. */
  read(headers: HttpHeaders, kind: CookieUse): string | undefined;
  /** The values of every cookie of this name, those that a neighbour planted included. */
  readAll(headers: HttpHeaders, kind: CookieUse): readonly string[];
  /** Whether the refresh cookie is of a sign-in that the browser forgets. */
  isBrief(headers: HttpHeaders): boolean;
  /** With 0 seconds the browser deletes the cookie. With `"brief"` it keeps the cookie until it closes. */
  make(kind: CookieUse, token: string, life: CookieLife): TokenCookie;
}

/** Seconds, or until the browser closes. */
type CookieLife = number | "brief";

/** On what names and paths depend. */
interface Naming {
  readonly name: string;
  readonly publicPath: string;
  readonly insecureLocalhost: boolean;
  readonly hasPages: boolean;
}

/** A cookie without value and lifetime. */
type CookieKind = Pick<TokenCookie, "name" | "path" | "httpOnly" | "secure" | "sameSite">;

/** Every browser stores a cookie of this size, name and attributes included (RFC 6265, section 6.1). */
const MAX_BYTES = 4096;

/** The cookies of a handler. */
export function tokenCookies(of: Naming): TokenCookies {
  const kinds = cookieKinds(of);
  // The refresh cookie alone may have the mark. Before any other token it is refused.
  const tokensOf = (headers: HttpHeaders, kind: CookieUse): readonly string[] => {
    const values = valuesOf(headers, kinds[kind].name);
    return kind === "refresh" ? values.map(unmarked) : values;
  };
  return {
    names: { access: kinds.access.name, refresh: kinds.refresh.name, device: kinds.device.name },
    hasHint: of.hasPages,
    read: (headers, kind) => onlyOne(tokensOf(headers, kind)),
    readAll: (headers, kind) => tokensOf(headers, kind).filter((token) => token !== ""),
    // Of several values one may be planted. Too short a life is the smaller harm.
    isBrief: (headers) => valuesOf(headers, kinds.refresh.name).some(isMarked),
    make(kind, token, life) {
      const value = life === "brief" && kind === "refresh" ? marked(token) : token;
      const cookie = tokenCookie({ ...kinds[kind], value, ...(life !== "brief" && { maxAge: life }) });
      if (Buffer.byteLength(String(cookie)) <= MAX_BYTES) return cookie;
      throw new TypeError(
        `Browsers drop the ${kind} cookie over ${MAX_BYTES} bytes: make hooks.claims shorter`,
      );
    },
  };
}

// Browsers obey the prefixes: a neighbour cannot set a `__Host-` cookie, nor a page without TLS either one.
// The access cookie is Lax: after a link from another site the user is signed in, and a link only reads.
function cookieKinds(of: Naming): Readonly<Record<CookieUse, CookieKind>> {
  const [host, tls] = of.insecureLocalhost ? ["", ""] : ["__Host-", "__Secure-"];
  const hidden = { httpOnly: true, secure: !of.insecureLocalhost } as const;
  const own = { ...hidden, path: of.publicPath, sameSite: "strict" } as const;
  return {
    access: { ...hidden, name: `${host}${of.name}-access`, path: "/", sameSite: "lax" },
    refresh: { ...own, name: `${tls}${of.name}-refresh` },
    device: { ...own, name: `${tls}${of.name}-device` },
    // Lax as well: the page that a link leads to must see it. Its prefix says that no neighbour has set it.
    renew: { ...hidden, name: `${host}${of.name}-renew`, path: "/", sameSite: "lax" },
    challenge: { ...own, name: `${tls}${of.name}-challenge` },
  };
}

// A neighbour below the same domain can add a cookie of our name, and nothing tells which of two is ours. An empty one
// counts as well: it was not set here.
function onlyOne(tokens: readonly string[]): string | undefined {
  if (tokens.length > 1) throw notOurs();
  return tokens[0] === "" ? undefined : tokens[0];
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
