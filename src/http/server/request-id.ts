import { headerValue } from "../../contract/message.ts";
import type { Report } from "../../report.ts";
import { isFetchHeaders, type ToldHeaders } from "./arrived-headers.ts";

/** A request as its server has it: a `Request`, or one of `node:http`, `node:http2` or Express, or `raw` of Fastify. */
export interface ServedRequest extends Pick<ToldHeaders, "headers"> {
  readonly method?: string | undefined;
  /** What middleware has written there, such as a logger. */
  readonly id?: unknown;
}

/**
 * The value of a header, by its name in lower case. Repeated values are joined with commas. A client can write every
 * header that no proxy of yours overwrites.
 *
 * @example
 * import { headerOf } from "sallyport/http";
 *
 * const request = new Request("https://app.example/", { headers: { "x-request-id": "r-1" } });
 * console.log(headerOf(request, "x-request-id"));
 */
export function headerOf({ headers }: Pick<ServedRequest, "headers">, name: string): string | undefined {
  return isFetchHeaders(headers) ? (headers.get(name) ?? undefined) : headerValue(headers, name);
}

/** Reads the id of a request. It never throws: without an id a request is served all the same. */
export function requestIdReader(
  requestId: ((request: ServedRequest) => unknown) | undefined,
  report: Report,
): (request: ServedRequest) => string | undefined {
  if (!requestId) return () => undefined;
  return (request) => {
    try {
      const id = requestId(request);
      if (id === undefined || typeof id === "string") return id;
      throw new TypeError("requestId must return text, or undefined if there is no id");
    } catch (error) {
      report(error);
      return undefined;
    }
  };
}
