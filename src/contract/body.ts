import { AuthError } from "../errors.ts";
import { type HttpHeaders, type HttpRequest, headerValue, MAX_BODY_BYTES } from "./message.ts";

/** The JSON object in the body of a request. The flow checks its fields. */
export function readJson({ headers, body }: HttpRequest): object {
  switch (body.kind) {
    case "too_large":
      throw tooLarge();
    case "late":
      throw new AuthError("request_timeout");
    case "consumed":
      throw malformed("The body was read before: mount auth before body parsers.");
    case "none":
      throw malformed("A JSON body is needed.");
    case "parsed":
      // The size as it was sent: white space counts, although the parser in front has dropped it.
      if (sentSize(headers) > MAX_BODY_BYTES) throw tooLarge();
      requireJsonType(headers);
      if (writtenSize(body.value, sentSize(headers)) > MAX_BODY_BYTES) throw tooLarge();
      return requireObject(parsedValue(body.value));
    case "bytes":
      requireJsonType(headers);
      return requireObject(parse(body.bytes));
  }
}

// The media type is parsed, not searched: `text/plain; x=application/json` needs no CORS preflight.
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

/** Something in front may have read the body without parsing it: as bytes, or as text. */
function parsedValue(value: unknown): unknown {
  if (typeof value === "string") return parse(Buffer.from(value));
  return isBytes(value) ? parse(value) : value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("The body is not valid JSON."); // the parser's message would repeat the input
  }
}

// The flow refuses an array, as it refuses every other wrong shape.
function requireObject(value: unknown): object {
  if (typeof value !== "object" || value === null) throw malformed("The body must be a JSON object.");
  return value;
}

// Not `instanceof`: under jsdom the global class is another one than that of Node's own bytes.
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function sentSize(headers: HttpHeaders): number {
  return Number(headerValue(headers, "content-length"));
}

function writtenSize(value: unknown, sent: number): number {
  if (isBytes(value)) return value.byteLength;
  if (typeof value === "string") return Buffer.byteLength(value);
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return sent || Number.POSITIVE_INFINITY; // it is nested too deeply to write
  }
}

function tooLarge(): AuthError {
  return new AuthError("payload_too_large");
}

function malformed(message: string): AuthError {
  return new AuthError("malformed_request", { message });
}
