import type { HttpHeaders } from "../../contract/message.ts";

/** The headers of a request, as its server tells them. */
export interface ToldHeaders {
  readonly headers: Headers | HttpHeaders;
  /** Keeps repeated headers apart. In `headers`, Node keeps only the first of some. */
  readonly headersDistinct?: HttpHeaders | undefined;
  /** Names and values in turn. HTTP/2 has no `headersDistinct`. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/**
 * The headers of a request, and a repeated one as a list. `headers` counts, as middleware in front has left it. The
 * lines that arrived only tell that a header came more than once. Some hosts have no lines, and middleware may have
 * replaced what they say.
 */
export function arrivedHeaders({ headers, headersDistinct, rawHeaders }: ToldHeaders): HttpHeaders {
  if (isFetchHeaders(headers)) return Object.fromEntries(headers);
  const lines = rawHeaders && rawHeaders.length > 0 ? repeatedLines(rawHeaders) : headersDistinct;
  if (!lines) return headers;
  const repeated = Object.entries(lines).filter(
    ([name, values]) =>
      isRepeated(values) && Object.hasOwn(headers, name) && agrees(name, values, headers[name]),
  );
  return repeated.length === 0 ? headers : { ...headers, ...Object.fromEntries(repeated) };
}

// By its shape: a host may bring a class `Headers` of its own.
export function isFetchHeaders(headers: Headers | HttpHeaders): headers is Headers {
  return typeof headers["get"] === "function";
}

/** The lines by name. Undefined: no name came twice, as in almost every request. */
function repeatedLines(rawHeaders: readonly string[]): HttpHeaders | undefined {
  const names = new Set<string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) names.add(String(rawHeaders[at]).toLowerCase());
  return names.size === rawHeaders.length >> 1 ? undefined : linesOf(rawHeaders);
}

function linesOf(rawHeaders: readonly string[]): HttpHeaders {
  const lines: Record<string, string[]> = Object.create(null);
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = String(rawHeaders[at]).toLowerCase();
    const value = String(rawHeaders[at + 1]);
    const before = lines[name];
    if (before) before.push(value);
    else lines[name] = [value];
  }
  return lines;
}

function isRepeated(values: HttpHeaders[string]): values is readonly string[] {
  return typeof values === "object" && values.length > 1;
}

/** The headers that are read here, and of which Node keeps only the first. It joins the others. */
const FIRST_COUNTS: ReadonlySet<string> = new Set([
  "authorization",
  "content-encoding",
  "content-length",
  "content-type",
  "user-agent",
]);

/** Whether `told` is what Node makes of these lines. Otherwise middleware has written it. */
function agrees(name: string, lines: readonly string[], told: unknown): boolean {
  if (Array.isArray(told)) return told.join() === lines.join();
  if (FIRST_COUNTS.has(name) && told === lines[0]) return true;
  return told === lines.join(name === "cookie" ? "; " : ", ");
}
