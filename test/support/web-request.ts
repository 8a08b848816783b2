import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

/** The path as it arrived, with its dot segments. */
export function pathOf({ url = "" }: { readonly url?: string | undefined }): string {
  return url.split("?")[0] ?? "";
}

/** What arrived, as a `Request`. Null: a URL resolves dot segments and drops a fragment, so it would be another path. */
export function toWebRequest(incoming: IncomingMessage): Request | null {
  const { method = "", url = "", headersDistinct } = incoming;
  const parsed = new URL(`http://localhost${url}`);
  if (parsed.pathname !== pathOf(incoming)) return null;
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  const hasBody = method !== "GET" && method !== "HEAD" && incoming.headers["content-length"] !== "0";
  const init = { method, headers, ...(hasBody && { body: Readable.toWeb(incoming), duplex: "half" }) };
  return new Request(parsed, init as RequestInit);
}

export async function sendWebResponse(response: ServerResponse, answer: Response): Promise<void> {
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.statusCode = answer.status;
  response.end(Buffer.from(await answer.arrayBuffer()));
}
