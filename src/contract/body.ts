import { AuthError } from "../errors.ts";
import { type HttpHeaders, type HttpRequest, headerValue, MAX_BODY_BYTES } from "./message.ts";

/** A media type, and how its text is read. */
export interface BodyFormat {
  readonly mediaType: string;
  /** As messages call it. */
  readonly name: string;
  /** Throws anything for a text that is not of this format. */
  read(text: string): unknown;
}

const JSON_FORMAT: BodyFormat = { mediaType: "application/json", name: "JSON", read: JSON.parse };

/** The JSON object in the body of a request. The flow checks its fields. */
export function readJson(request: HttpRequest): object {
  return readBody(request, JSON_FORMAT);
}

export function readBody({ headers, body }: HttpRequest, format: BodyFormat): object {
  switch (body.kind) {
    case "too_large":
      throw tooLarge();
    case "late":
      throw new AuthError("request_timeout");
    case "consumed":
      throw malformed("The body was read before: mount auth before body parsers.");
    case "none":
      throw malformed(`A ${format.name} body is needed.`);
    case "parsed":
      // The size as it was sent: white space counts, although the parser in front has dropped it.
      if (sentSize(headers) > MAX_BODY_BYTES) throw tooLarge();
      requireType(headers, format);
      if (writtenSize(body.value, sentSize(headers)) > MAX_BODY_BYTES) throw tooLarge();
      return requireObject(parsedValue(body.value, format), format);
    case "bytes":
      requireType(headers, format);
      return requireObject(parse(body.bytes, format), format);
  }
}

export function isOfType(headers: HttpHeaders, { mediaType }: Pick<BodyFormat, "mediaType">): boolean {
  return typeParts(headers)[0] === mediaType;
}

function requireType(headers: HttpHeaders, format: BodyFormat): void {
  const [, ...parameters] = typeParts(headers);
  const charsets = parameters.filter((parameter) => parameter.startsWith("charset="));
  const utf8 = charsets.every((charset) => /^charset="?utf-8"?$/.test(charset));
  if (!isOfType(headers, format) || !utf8 || headers["content-encoding"] !== undefined)
    throw new AuthError("unsupported_media_type");
}

// The media type is parsed, not searched: `text/plain; x=application/json` needs no CORS preflight.
function typeParts(headers: HttpHeaders): readonly string[] {
  const contentType = headerValue(headers, "content-type") ?? "";
  return contentType
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
}

/** Something in front may have read the body without parsing it: as bytes, or as text. */
function parsedValue(value: unknown, format: BodyFormat): unknown {
  if (typeof value === "string") return parse(Buffer.from(value), format);
  return isBytes(value) ? parse(value, format) : value;
}

function parse(bytes: Uint8Array, { name, read }: BodyFormat): unknown {
  try {
    return read(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed(`The body is not valid ${name}.`); // the parser's message would repeat the input
  }
}

// The flow refuses an array, as it refuses every other wrong shape.
function requireObject(value: unknown, { name }: BodyFormat): object {
  if (typeof value !== "object" || value === null) throw malformed(`The body must be a ${name} object.`);
  return value;
}

// Not `instanceof`: under jsdom the global class is another one than that of Node's own bytes.
export function isBytes(value: unknown): value is Uint8Array {
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

export function malformed(message: string): AuthError {
  return new AuthError("malformed_request", { message });
}
