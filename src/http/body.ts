import { AuthError } from "../errors.ts";
import { type HttpRequest, headerValue, MAX_BODY_BYTES } from "./message.ts";

/** The JSON body of a request, of any shape: what it must hold is judged by the flow. */
export function readJson({ headers, body }: HttpRequest): unknown {
  switch (body.kind) {
    case "too_large":
      throw new AuthError("payload_too_large");
    case "consumed":
      throw malformed("The body was read before it came here: mount auth before body parsers.");
    case "none":
      throw malformed("A JSON body is needed.");
    case "parsed":
      return requirePlain(body.value);
    case "bytes":
      requireJsonType(headerValue(headers, "content-type"), headerValue(headers, "content-encoding"));
      return parse(body.bytes);
  }
}

// The parsed media type, not a substring: `text/plain; x=application/json` needs no CORS preflight.
function requireJsonType(contentType: string | undefined, encoding: string | undefined): void {
  const [type = "", ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charsets = parameters.filter((parameter) => parameter.startsWith("charset="));
  const utf8 = charsets.every((charset) => /^charset="?utf-8"?$/.test(charset));
  if (type !== "application/json" || !utf8 || encoding !== undefined)
    throw new AuthError("unsupported_media_type");
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("The body is not valid JSON."); // the parser's message would repeat the input
  }
}

function requirePlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) throw malformed("The body must be a JSON object.");
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_BODY_BYTES) throw new AuthError("payload_too_large");
  return value;
}

function malformed(message: string): AuthError {
  return new AuthError("malformed_request", { message });
}
