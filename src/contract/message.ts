/** One HTTP request in plain values: any server can make one. */
export interface HttpRequest {
  readonly method: string;
  /** The request target as it was sent, before any decoding: `/auth/events?limit=5`. */
  readonly target: string;
  readonly headers: HttpHeaders;
  readonly body: HttpBody;
  readonly client: HttpClient;
}

/** A request whose body is perhaps not read yet. */
export interface ArrivingRequest extends Omit<HttpRequest, "body"> {
  /** The body, or how to read it. It is read only for a route that takes one, after every check that needs no body. */
  readonly body: HttpBody | (() => Promise<HttpBody>);
}

/** The headers, by their names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * `bytes`: as received, at most `MAX_BODY_BYTES`. `parsed`: a JSON parser in front has parsed it, or something in front
 * has read it as text or bytes, of any size. `consumed`: something in front has read it and kept nothing. `late`: it did
 * not end in time.
 */
export type HttpBody =
  | { readonly kind: "none" | "too_large" | "consumed" | "late" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "parsed"; readonly value: unknown };

/** The client, as the server knows it. Never take it from a header that the client wrote. */
export interface HttpClient {
  /**
   * The address of the peer, which may be a proxy: `trustedProxies` says which proxies' header is read.
   * `"unix"`: a peer on a Unix socket. `null`: the client has no address, and so no address limit.
   * `undefined`: the address is not known, and the request is refused.
   */
  readonly ip: string | null | undefined;
  readonly requestId?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The values of `Set-Cookie`: send each in a header line of its own. Bearer mode has none. */
  readonly setCookies: readonly string[];
  readonly body: string | null;
}

/** 16 KiB. The largest valid request is many times smaller. */
export const MAX_BODY_BYTES: number = 16 * 1024;

/** The value of a header. Repeated values are joined (RFC 9110, section 5.2): no check accepts the result. */
export function headerValue(headers: HttpHeaders, name: string, separator = ", "): string | undefined {
  // Hosts that make up a request may write a number, such as a length.
  const value: unknown = headers[name];
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value.join(separator) : String(value);
}
