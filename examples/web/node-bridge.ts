import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { AuthError } from "sallyport";
import { problemResponse, sendNodeResponse } from "sallyport/http";
import type { App } from "./app.ts";

// The host of the URL has no meaning: a header that the client writes decides nothing here.
const ORIGIN = "http://localhost";

/** Serves a function of `Request` and `Response` on `node:http`. */
export function toNodeListener(app: App, onError: (error: unknown) => void): RequestListener {
  return (incoming, outgoing) => {
    serve(app, incoming, outgoing).catch((error) => {
      if (isGone(error, outgoing)) return;
      onError(error);
      if (outgoing.headersSent) return outgoing.destroy();
      sendNodeResponse(outgoing, problemResponse(error));
    });
  };
}

// A client that disconnected is not a fault.
function isGone(error: NodeJS.ErrnoException | undefined, outgoing: ServerResponse): boolean {
  return outgoing.headersSent ? error?.code === "ERR_STREAM_PREMATURE_CLOSE" : outgoing.destroyed;
}

async function serve(app: App, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const ip = incoming.socket.remoteAddress;
  // After a reset, the request can still be read. But its address is gone, and so is its limit.
  if (ip === undefined) return void outgoing.destroy();
  const abort = new AbortController();
  outgoing.once("close", () => abort.abort());
  const request = toRequest(incoming, abort.signal);
  if (!request) return sendNodeResponse(outgoing, problemResponse(new AuthError("not_found")));
  await send(await app(request, { ip }), incoming, outgoing);
}

/** Null if a `Request` cannot represent it as it was sent. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | null {
  const { method = "", url = "" } = incoming;
  if (!isPlain(url) || method === "TRACE") return null; // a Request may not be a TRACE
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value); // a repeated header stays repeated
  }
  const body = hasBody(incoming) ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null;
  const init: RequestInit & { duplex: "half" } = { method, headers, signal, body, duplex: "half" };
  return new Request(ORIGIN + url, init);
}

// A URL resolves `/a/../auth` and `/%2e%2e/auth`, and turns `\` into `/`. A filter or counter in front would then
// read another path than the one we serve. So such a target is refused.
function isPlain(target: string): boolean {
  if (!target.startsWith("/") || !URL.canParse(ORIGIN + target)) return false;
  const { pathname, search } = new URL(ORIGIN + target);
  return pathname + search === target;
}

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false; // their body is not read
  return Number(headers["content-length"] ?? 0) > 0 || headers["transfer-encoding"] !== undefined;
}

async function send(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = answer;
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.setHeader(name, value);
  // Of several cookies, the loop above leaves the last; they cannot be joined by a comma.
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (!incoming.complete) outgoing.setHeader("connection", "close"); // do not wait for the rest of the body
  if (!body || incoming.method === "HEAD") {
    await body?.cancel();
    outgoing.end();
  } else {
    outgoing.flushHeaders(); // a stream may send nothing for a while
    await pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing);
  }
}
