import type { IncomingMessage, ServerResponse } from "node:http";
import { type HttpBody, type HttpHeaders, type HttpResponse, headerValue } from "../../contract/message.ts";
import { peerAddress } from "../client-address/peer-address.ts";
import type { AuthHandler } from "./fetch-handler.ts";
import { readBounded } from "./read-bounded.ts";

/** A request of `node:http`; Express adds `originalUrl` and, behind its parsers, `body`. */
export type NodeRequest = IncomingMessage & { readonly originalUrl?: string; readonly body?: unknown };

export type NodeHandler = (
  request: NodeRequest,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Serves the HTTP contract on `node:http`, Express and Fastify, with or without a body parser in front. Paths
 * outside the base path go to `next`, or are 404 where there is none. The client's address is the
 * socket's, unless that is one of `trustedProxies`. On a Unix socket there is none, and every answer is 500
 * until `"unix"` is trusted and the proxy tells the address.
 */
export function toNodeHandler(handler: AuthHandler): NodeHandler {
  return (request, response, next) => {
    // Express strips what a router is mounted on from `url`.
    const target = request.originalUrl ?? request.url ?? "";
    if (next && !isBelow(target, handler.basePath)) return next();
    const ip = peerAddress(request.socket);
    // A peer that resets its connection is still read, but its address is gone, and with it its limit.
    if (ip === undefined) return void response.destroy();
    serve(handler, request, { target, ip })
      .then((answer) => sendNodeResponse(response, answer))
      .catch(() => response.destroy()); // the client went away in the middle
  };
}

/** Sends an answer of `dispatch` or `problemResponse`. Cookies and `Vary` that the framework has set stay. */
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
  /** Of the peer, or `"unix"`. */
  readonly ip: string;
}

async function serve(
  handler: AuthHandler,
  request: NodeRequest,
  { target, ip }: Arrival,
): Promise<HttpResponse> {
  // What stands in for a request, where a server is tested without a socket, may have the one alone.
  const headers: HttpHeaders = request.headersDistinct ?? request.headers;
  const body = hasBody(request, headers) ? await readBody(request, headers) : NO_BODY;
  const answer = await handler.dispatch({
    method: request.method ?? "",
    target,
    headers,
    body,
    client: { ip },
  });
  // The rest of the body is not waited for.
  return body.kind === "too_large"
    ? { ...answer, headers: { ...answer.headers, connection: "close" } }
    : answer;
}

const NO_BODY: HttpBody = { kind: "none" };

// A header tells of every body (RFC 9112, section 6.3): to wait for the end of none would take longer than all
// the rest of this layer. Parsers in front make an empty object of none.
function hasBody({ body }: NodeRequest, headers: HttpHeaders): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  return Number(headerValue(headers, "content-length") ?? 0) > 0 || Object.keys(Object(body)).length > 0;
}

async function readBody(request: NodeRequest, headers: HttpHeaders): Promise<HttpBody> {
  if (request.body !== undefined) return { kind: "parsed", value: request.body };
  if (request.readableEnded) return { kind: "consumed" };
  // Stopping early must not destroy the socket: the answer still goes through it.
  return readBounded(request.iterator({ destroyOnReturn: false }), headerValue(headers, "content-length"));
}

function isBelow(target: string, basePath: string): boolean {
  return target.startsWith(basePath) && /^(?:$|[/?])/.test(target.slice(basePath.length));
}
