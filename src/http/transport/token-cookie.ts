/** A cookie that holds one token, or that ends one. Its fields fit the calls by which frameworks set cookies. */
export interface TokenCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Whole seconds, as in `Set-Cookie`. With 0 the browser deletes the cookie. */
  readonly maxAge?: number;
  readonly httpOnly: true;
  readonly secure: boolean;
  readonly sameSite: "lax" | "strict";
  /** The value of a `Set-Cookie` header (RFC 6265, section 4.1). */
  toString(): string;
}

/** Makes a cookie. Its text is not among its fields: a copy with other fields must not keep it. */
export function tokenCookie(fields: Omit<TokenCookie, "toString">): TokenCookie {
  const text = setCookieText(fields);
  return Object.freeze(Object.defineProperty({ ...fields }, "toString", { value: () => text }));
}

function setCookieText({
  name,
  value,
  path,
  maxAge,
  secure,
  sameSite,
}: Omit<TokenCookie, "toString">): string {
  return [
    `${name}=${value}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    `Path=${path}`,
    "HttpOnly",
    ...(secure ? ["Secure"] : []),
    sameSite === "lax" ? "SameSite=Lax" : "SameSite=Strict",
  ].join("; ");
}
