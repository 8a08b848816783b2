import { isBytes } from "../../contract/body.ts";
import {
  type HttpBody,
  type HttpHeaders,
  type HttpResponse,
  headerValue,
  MAX_BODY_BYTES,
} from "../../contract/message.ts";
import { misconfigured } from "../../errors.ts";
import { peerAddress, type RequestWithSocket } from "../client-address/peer-address.ts";
import { arrivedHeaders } from "./arrived-headers.ts";
import type { AuthHandler } from "./auth-handler.ts";
import { type NodeResponse, sendNodeResponse } from "./node-response.ts";
import { chunks, type Reading, readBounded } from "./read-bounded.ts";

/**
 * A request of `node:http`, or of the compatibility API of `node:http2`. Express adds `originalUrl`, and its body
 * parsers add `body`. Hosts that make up a request, such as serverless functions, may leave out what is optional.
 */
export interface NodeRequest extends RequestWithSocket {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly originalUrl?: string | undefined;
  readonly body?: unknown;
  /** Your id of the request, as middleware wrote it, for the option `requestId`. */
  readonly id?: unknown;
  readonly httpVersionMajor?: number | undefined;
  readonly complete?: boolean | undefined;
  readonly readableEnded: boolean;
  /** Of HTTP/2 alone. */
  readonly stream?: { readonly endAfterHeaders?: boolean | undefined; close?(): void } | undefined;
  readonly destroyed?: boolean | undefined;
  on(event: "data" | "end" | "error" | "close", listener: (chunk: unknown) => void): unknown;
  off(event: "data", listener: (chunk: unknown) => void): unknown;
  pause(): unknown;
}

export type NodeHandler = (
  request: NodeRequest,
  response: NodeResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Serves the HTTP contract on `node:http`, `node:http2`, Express and Fastify, with or without a body parser in front. A
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
  // Here the socket is known, and `trustedProxies` check who wrote a header. The option would be ignored, unnoticed.
  if (handler.addressBy !== "peer")
    throw misconfigured("toNodeHandler: clientAddress is for platforms without sockets; use trustedProxies");
  return (request, response, next) => {
    // Express cuts the path of a mounted router from `url`.
    const target = request.originalUrl ?? request.url ?? "";
    if (next && !isBelow(target, handler.basePath)) return next();
    const ip = peerAddress(request.socket);
    // A request is still read after its peer reset the connection. Without an address it would have no limit.
    if (ip === undefined) return void response.destroy();
    serve(handler, { request, target, ip })
      .then((served) => send(request, response, served))
      .catch(() => response.destroy()); // the client is gone
  };
}

interface Arrival {
  readonly request: NodeRequest;
  readonly target: string;
  /** The address of the peer, or `"unix"`. */
  readonly ip: string;
}

interface Served {
  readonly answer: HttpResponse;
  /** Whether a part of the request may still come. The answer does not wait for it. */
  readonly isUnread: boolean;
}

async function serve(handler: AuthHandler, { request, target, ip }: Arrival): Promise<Served> {
  const headers = arrivedHeaders(request);
  const read: { body?: HttpBody } = {};
  const answer = await handler.dispatch({
    method: request.method ?? "",
    target,
    headers,
    body: async () => {
      read.body = await readBody(request, headers);
      return read.body;
    },
    client: { ip, requestId: handler.requestId(request) },
  });
  return { answer, isUnread: read.body ? CUT.includes(read.body.kind) : mayBeLong(request, headers) };
}

const CUT: readonly HttpBody["kind"][] = ["too_large", "late"];

/** Whether a body that nothing has read may be longer than any body that is. */
function mayBeLong(request: NodeRequest, headers: HttpHeaders): boolean {
  if (request.complete || request.readableEnded) return false;
  return headers["transfer-encoding"] !== undefined || sentSize(headers) > MAX_BODY_BYTES;
}

/** Ends the connection, or the stream, with the answer if a part of the request may still come. */
function send(request: NodeRequest, response: NodeResponse, { answer, isUnread }: Served): void {
  // HTTP/2 has no such header (RFC 9113, section 8.2.2).
  const close = isUnread && !isHttp2(request) ? { connection: "close" } : {};
  sendNodeResponse(response, { ...answer, headers: { ...answer.headers, ...close } });
  if (isUnread && isHttp2(request)) request.stream?.close?.();
}

function isHttp2({ httpVersionMajor }: NodeRequest): boolean {
  return Number(httpVersionMajor) >= 2; // some hosts write it as text
}

async function readBody(request: NodeRequest, headers: HttpHeaders): Promise<HttpBody> {
  if (!hasBody(request, headers)) return { kind: "none" };
  if (request.body !== undefined) return { kind: "parsed", value: request.body };
  if (request.readableEnded) return { kind: "consumed" };
  return readBounded(headerValue(headers, "content-length"), () => collect(request));
}

/** By events: an iterator over the request takes longer than the rest of this layer. */
function collect(request: NodeRequest): Reading {
  const read = chunks();
  const { promise, resolve } = Promise.withResolvers<HttpBody>();
  const add = (chunk: unknown): void => {
    const body = read.add(chunk);
    if (body) resolve(body);
  };
  // If the client goes away, no one reads the answer.
  const gone = (): void => resolve({ kind: "consumed" });
  if (request.destroyed) gone();
  request.on("data", add);
  request.on("end", () => resolve(read.end()));
  request.on("error", gone);
  request.on("close", gone);
  const stop = (): void => {
    request.off("data", add);
    // Not destroyed: the answer still needs the socket. A paused stream of HTTP/2 would never close.
    if (!isHttp2(request)) request.pause();
  };
  return { body: promise, stop };
}

// Over HTTP/1 every body has a header that says so (RFC 9112, section 6.3). Waiting for the end of a missing body
// would take longer than the rest of this layer. Over HTTP/2 only the end of the stream says that there is no body
// (RFC 9113, section 8.1). Parsers in front turn a missing body into an empty object.
function hasBody(request: NodeRequest, headers: HttpHeaders): boolean {
  if (headers["transfer-encoding"] !== undefined || sentSize(headers) > 0) return true;
  if (request.body !== undefined) return isFilled(request.body);
  return isHttp2(request) && request.stream?.endAfterHeaders !== true;
}

function isFilled(body: unknown): boolean {
  if (typeof body === "string") return body !== "";
  return isBytes(body) ? body.byteLength > 0 : Object.keys(Object(body)).length > 0;
}

function sentSize(headers: HttpHeaders): number {
  return Number(headerValue(headers, "content-length") ?? 0);
}

function isBelow(target: string, basePath: string): boolean {
  return target.startsWith(basePath) && /^(?:$|[/?])/.test(target.slice(basePath.length));
}
