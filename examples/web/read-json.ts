import { AuthError, isAuthError } from "sallyport";

const MAX_BYTES = 4 * 1024;

/** The JSON body of a request. It never holds more than the bound, whichever headers the request has. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json[ \t]*(?:;|$)/i.test(type)) throw new AuthError("unsupported_media_type");
  try {
    return JSON.parse(await readText(request.body));
  } catch (error) {
    throw isAuthError(error) ? error : new AuthError("malformed_request");
  }
}

async function readText(body: Request["body"]): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new AuthError("payload_too_large");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
