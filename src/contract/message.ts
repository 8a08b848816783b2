/** One HTTP request in plain values: any server can make one. */
export interface HttpRequest {
  readonly method: string;
  /** The request target as it was sent, before any decoding: `/auth/events?limit=5`. */
  readonly target: string;
  readonly headers: HttpHeaders;
  readonly body: HttpBody;
  readonly client: HttpClient;
}

/** By lower-case name. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * `bytes`: as received, at most `MAX_BODY_BYTES`. `parsed`: by a JSON parser in front. `consumed`:
 * something in front read it and left nothing.
 */
export type HttpBody =
  | { readonly kind: "none" | "too_large" | "consumed" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "parsed"; readonly value: unknown };

/** Who is calling, as the server knows it: never from a header that the client wrote. */
export interface HttpClient {
  /**
   * The peer's address, a proxy's too: `trustedProxies` says whose header is read from there on. `"unix"`: a
   * peer on a Unix socket. `null`: there is none, and no address limit. `undefined`: not known; refused.
   */
  readonly ip: string | null | undefined;
  readonly requestId?: string | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The values of `Set-Cookie`, each a header line of its own. None in bearer mode. */
  readonly setCookies: readonly string[];
  readonly body: string | null;
}

/** 16 KiB: many times the largest valid request. */
export const MAX_BODY_BYTES: number = 16 * 1024;

/** The value of a header. Several are joined (RFC 9110, section 5.2), and then match nothing of ours. */
export function headerValue(headers: HttpHeaders, name: string, separator = ", "): string | undefined {
  const value = headers[name];
  return value === undefined || typeof value === "string" ? value : value.join(separator);
}
