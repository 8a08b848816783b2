import type { IncomingMessage, ServerResponse } from "node:http";
import { type HttpBody, type HttpHeaders, type HttpResponse, headerValue } from "../../contract/message.ts";
import { misconfigured } from "../../errors.ts";
import { peerAddress } from "../client-address/peer-address.ts";
import type { AuthHandler } from "./fetch-handler.ts";
import { readBounded } from "./read-bounded.ts";

/** A request of `node:http`. Express adds `originalUrl`, and its body parsers add `body`. */
export type NodeRequest = IncomingMessage & { readonly originalUrl?: string; readonly body?: unknown };

export type NodeHandler = (
  request: NodeRequest,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Serves the HTTP contract on `node:http`, Express and Fastify, with or without a body parser in front. A
 * path outside the base path goes to `next`; without `next` the answer is 404. The client's address is that of
 * the socket, or the one that `trustedProxies` tell. A Unix socket has no address: every answer is 500 until
 * `trustedProxies` has `"unix"` and the proxy tells the address.
 *
 * @example
 * import { createServer } from "node:http";
 * import { createAuth, memoryStore } from "sallyport";
 * import { createHandler, toNodeHandler } from "sallyport/http";
 *
 * const { SALLYPORT_SECRET = "" } = process.env;
 * const auth = createAuth({ secret: SALLYPORT_SECRET, store: memoryStore() });
 *
 * createServer(toNodeHandler(createHandler(auth))).listen(3000);
 */
export function toNodeHandler(handler: AuthHandler): NodeHandler {
  if (typeof handler?.dispatch !== "function")
    throw misconfigured("toNodeHandler: handler must be what createHandler returns");
  return (request, response, next) => {
    // Express cuts the path of a mounted router from `url`.
    const target = request.originalUrl ?? request.url ?? "";
    if (next && !isBelow(target, handler.basePath)) return next();
    const ip = peerAddress(request.socket);
    // A request is still read after its peer reset the connection. Without an address it would have no limit.
    if (ip === undefined) return void response.destroy();
    serve(handler, request, { target, ip })
      .then((answer) => sendNodeResponse(response, answer))
      .catch(() => response.destroy()); // the client is gone
  };
}

/** Sends an answer of `dispatch` or `problemResponse`. It keeps cookies and `Vary` that are set already. */
export function sendNodeResponse(response: ServerResponse, answer: HttpResponse): void {
  const { status, headers, setCookies, body } = answer;
  for (const cookie of setCookies) response.appendHeader("set-cookie", cookie);
  response.writeHead(status, withVary(headers, response.getHeader("vary"))).end(body ?? undefined);
}

function withVary(headers: HttpResponse["headers"], before: unknown): HttpResponse["headers"] {
  const { vary } = headers;
  if (vary === undefined || before === undefined) return headers;
  return { ...headers, vary: [before, vary].flat().join(", ") };
}

interface Arrival {
  readonly target: string;
  /** The address of the peer, or `"unix"`. */
  readonly ip: string;
}

async function serve(
  handler: AuthHandler,
  request: NodeRequest,
  { target, ip }: Arrival,
): Promise<HttpResponse> {
  // Tools that test a server without a socket may make a request without `headersDistinct`.
  const headers: HttpHeaders = request.headersDistinct ?? request.headers;
  const body = hasBody(request, headers) ? await readBody(request, headers) : NO_BODY;
  const answer = await handler.dispatch({
    method: request.method ?? "",
    target,
    headers,
    body,
    client: { ip },
  });
  // Do not wait for the rest of the body.
  return body.kind === "too_large"
    ? { ...answer, headers: { ...answer.headers, connection: "close" } }
    : answer;
}

const NO_BODY: HttpBody = { kind: "none" };

// Every body has a header that says so (RFC 9112, section 6.3). Waiting for the end of a missing body would
// take longer than the rest of this layer. Parsers in front turn a missing body into an empty object.
function hasBody({ body }: NodeRequest, headers: HttpHeaders): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  return Number(headerValue(headers, "content-length") ?? 0) > 0 || Object.keys(Object(body)).length > 0;
}

async function readBody(request: NodeRequest, headers: HttpHeaders): Promise<HttpBody> {
  if (request.body !== undefined) return { kind: "parsed", value: request.body };
  if (request.readableEnded) return { kind: "consumed" };
  // Stopping early must not destroy the socket: the answer still needs it.
  return readBounded(request.iterator({ destroyOnReturn: false }), headerValue(headers, "content-length"));
}

function isBelow(target: string, basePath: string): boolean {
  return target.startsWith(basePath) && /^(?:$|[/?])/.test(target.slice(basePath.length));
}
