import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { AuthError } from "sallyport";
import { problemResponse, sendNodeResponse } from "sallyport/http";
import type { App } from "./app.ts";

// The host of the URL says nothing: a header that the client writes decides nothing here.
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

// A client that went away is nobody's fault.
function isGone(error: NodeJS.ErrnoException | undefined, outgoing: ServerResponse): boolean {
  return outgoing.headersSent ? error?.code === "ERR_STREAM_PREMATURE_CLOSE" : outgoing.destroyed;
}

async function serve(app: App, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const ip = incoming.socket.remoteAddress;
  // A peer that resets its connection is still read, but its address is gone, and with it its limit.
  if (ip === undefined) return void outgoing.destroy();
  const abort = new AbortController();
  outgoing.once("close", () => abort.abort());
  const request = toRequest(incoming, abort.signal);
  if (!request) return sendNodeResponse(outgoing, problemResponse(new AuthError("not_found")));
  await send(await app(request, { ip }), incoming, outgoing);
}

/** Null for what a `Request` cannot say as it was sent. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | null {
  const { method = "", url = "" } = incoming;
  if (!isPlain(url) || method === "TRACE") return null; // a Request may not be a TRACE
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value); // a repeated one is seen to be repeated
  }
  const body = hasBody(incoming) ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null;
  const init: RequestInit & { duplex: "half" } = { method, headers, signal, body, duplex: "half" };
  return new Request(ORIGIN + url, init);
}

// A URL resolves `/a/../auth` and `/%2e%2e/auth`, and turns `\` into `/`. Whoever filters or counts by the
// path in front would read another one than we serve: such a target is nothing here.
function isPlain(target: string): boolean {
  if (!target.startsWith("/") || !URL.canParse(ORIGIN + target)) return false;
  const { pathname, search } = new URL(ORIGIN + target);
  return pathname + search === target;
}

function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false; // what they bring is not read
  return Number(headers["content-length"] ?? 0) > 0 || headers["transfer-encoding"] !== undefined;
}

async function send(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = answer;
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.setHeader(name, value);
  // Of several cookies, the loop above leaves the last; they cannot be joined by a comma.
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (!incoming.complete) outgoing.setHeader("connection", "close"); // the rest of the body is not waited for
  if (!body || incoming.method === "HEAD") {
    await body?.cancel();
    outgoing.end();
  } else {
    outgoing.flushHeaders(); // whoever streams may have nothing to say for a while
    await pipeline(Readable.fromWeb(body as NodeReadableStream), outgoing);
  }
}
