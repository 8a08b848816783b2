import { AuthError } from "../errors.ts";
import { type HttpHeaders, type HttpRequest, headerValue, MAX_BODY_BYTES } from "./message.ts";

/** The JSON body of a request, of any shape: what it must hold is judged by the flow. */
export function readJson({ headers, body }: HttpRequest): unknown {
  switch (body.kind) {
    case "too_large":
      throw new AuthError("payload_too_large");
    case "consumed":
      throw malformed("The body could not be read here: mount auth before body parsers.");
    case "none":
      throw malformed("A JSON body is needed.");
    case "parsed":
      requireJsonType(headers);
      return body.value instanceof Uint8Array ? parse(body.value) : requireSmallObject(body.value);
    case "bytes":
      requireJsonType(headers);
      return parse(body.bytes);
  }
}

// The parsed media type, not a substring: `text/plain; x=application/json` needs no CORS preflight.
function requireJsonType(headers: HttpHeaders): void {
  const contentType = headerValue(headers, "content-type");
  const [type = "", ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charsets = parameters.filter((parameter) => parameter.startsWith("charset="));
  const utf8 = charsets.every((charset) => /^charset="?utf-8"?$/.test(charset));
  if (type !== "application/json" || !utf8 || headers["content-encoding"] !== undefined)
    throw new AuthError("unsupported_media_type");
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("The body is not valid JSON."); // the parser's message would repeat the input
  }
}

function requireSmallObject(value: unknown): unknown {
  if (typeof value !== "object" || value === null) throw malformed("The body must be a JSON object.");
  if (sizeOf(value) > MAX_BODY_BYTES) throw new AuthError("payload_too_large");
  return value;
}

function sizeOf(value: object): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY; // nested too deeply to be written down
  }
}

function malformed(message: string): AuthError {
  return new AuthError("malformed_request", { message });
}
