import {
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import { boundedServer } from "../shared/bounded-server.ts";

const CONNECT_MS = 1000;
/** Longer than any call of an instance takes: a longer call hangs. */
const SILENCE_MS = 15_000;
/** An instance that refuses a body in the middle closes the connection. Its answer may then be lost. */
const MAX_BODY_BYTES = 64 * 1024;
/** How long an instance that refused is avoided. */
const REST_MS = 1000;

/** A request and its answer. `gone` fires when the client no longer waits. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly gone: AbortSignal;
}

/** `refused`: nothing was sent. `broken`: something was sent, and its effect is unknown. */
type Outcome = "answered" | "refused" | "broken";

/** Spreads requests over the instances that listen on these ports of this machine, one after the other. */
export function createFront(ports: () => readonly number[]): Server {
  const restUntil = new Map<number, number>();
  let turn = 0;

  const inTurn = (): readonly number[] => {
    const all = ports();
    const first = turn++ % Math.max(1, all.length);
    const order = [...all.slice(first), ...all.slice(0, first)];
    const rests = (port: number): boolean => (restUntil.get(port) ?? 0) > performance.now();
    // Avoided instances come last, but are still tried: if all refused, one of them may be back.
    return [...order.filter((port) => !rests(port)), ...order.filter(rests)];
  };
  const serve = async (exchange: Exchange): Promise<void> => {
    if (bodyBytes(exchange.request) > MAX_BODY_BYTES) return sendProblem(exchange, TOO_LARGE);
    for (const port of inTurn()) {
      const outcome = await pass(exchange, port);
      if (outcome === "answered" || exchange.gone.aborted) return;
      // Not for a broken one: otherwise a client that sends nonsense could block every instance.
      if (outcome === "refused") restUntil.set(port, performance.now() + REST_MS);
      if (outcome === "broken" && !isRepeatable(exchange.request)) return sendProblem(exchange, LOST);
    }
    sendProblem(exchange, NO_INSTANCE);
  };
  return boundedServer((request, response) => {
    // Reset before it was read: there is no client to answer and no address to pass on.
    if (request.socket.remoteAddress === undefined) return void response.destroy();
    const client = new AbortController();
    response.once("close", () => client.abort());
    serve({ request, response, gone: client.signal }).catch((error) => {
      console.error(error); // a mistake in this file: the client must not wait for it
      response.destroy();
    });
  });
}

/** Tries one instance. Resolves when it is clear whether it answers; the answer's body is then piped. */
function pass({ request, response, gone }: Exchange, port: number): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let sent = false;
  const outgoing = httpRequest({
    host: "127.0.0.1",
    port,
    method: request.method,
    path: request.url,
    headers: forwardedHeaders(request),
    signal: gone,
    timeout: CONNECT_MS,
    // A connection for each request: a kept connection may break just when it is used again. Then it is unknown
    // whether a POST has happened.
    agent: false,
  });
  // Nothing is sent, and no body is read, before the connection is open. Until then another instance can get the
  // whole request.
  outgoing.once("socket", (socket) =>
    socket.once("connect", () => {
      sent = true;
      outgoing.setTimeout(SILENCE_MS);
      request.pipe(outgoing);
    }),
  );
  outgoing.on("timeout", () => outgoing.destroy());
  outgoing.on("error", () => resolve(sent ? "broken" : "refused"));
  outgoing.once("response", (incoming) => {
    resolve("answered");
    response.writeHead(incoming.statusCode ?? 502, answeredHeaders(incoming, port));
    pipeline(incoming, response, () => {}); // an answer that breaks off also breaks off here
  });
  return promise;
}

/** Whether a request can be repeated: it changes nothing, and no body has been read. */
function isRepeatable(request: IncomingMessage): boolean {
  const { method, headers } = request;
  const hasBody = headers["transfer-encoding"] !== undefined || bodyBytes(request) > 0;
  return (method === "GET" || method === "HEAD") && !hasBody;
}

/** As far as the headers say. */
function bodyBytes({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? 0);
}

// These belong to one connection, not to the message (RFC 9110, section 7.6.1). `expect` was answered here.
const OF_THE_CONNECTION = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
];

/** As they arrived, repeated ones too: the instance must see what was sent. */
function endToEnd({ headersDistinct, headers }: IncomingMessage): OutgoingHttpHeaders {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  const dropped = new Set([...OF_THE_CONNECTION, "transfer-encoding", ...named]);
  dropped.delete("content-length"); // a client that lists it wants a body without an end: see below
  return Object.fromEntries(Object.entries(headersDistinct).filter(([name]) => !dropped.has(name)));
}

function forwardedHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  const { headers, headersDistinct, socket } = request;
  const said = headersDistinct["x-forwarded-for"] ?? [];
  return {
    ...endToEnd(request),
    ...(headers.host !== undefined && { host: headers.host }), // Node requires a single value here
    // To the right of the client's entries: the only part that is known here.
    "x-forwarded-for": [...said, socket.remoteAddress].join(", "),
    // Without it the body of a DELETE would have no end, and would be read as a separate request.
    ...(headers["transfer-encoding"] !== undefined && { "transfer-encoding": "chunked" }),
  };
}

function answeredHeaders(incoming: IncomingMessage, port: number): OutgoingHttpHeaders {
  return { ...endToEnd(incoming), "x-served-by": String(port) }; // for a demo with curl
}

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly retryAfterSeconds?: number;
}

const LOST: Problem = {
  status: 502,
  code: "answer_lost",
  title: "The answer was lost: this may have happened, or not.",
  retryAfterSeconds: 1,
};
const NO_INSTANCE: Problem = {
  status: 503,
  code: "unavailable",
  title: "No instance answers.",
  retryAfterSeconds: 1,
};
const TOO_LARGE: Problem = { status: 413, code: "payload_too_large", title: "The body is too large." };

function sendProblem({ request, response }: Exchange, problem: Problem): void {
  const { status, code, retryAfterSeconds } = problem;
  const body = JSON.stringify({ type: `tag:sallyport-demo,2026:problem:${code}`, ...problem });
  response.writeHead(status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    connection: "close", // do not wait for the rest of the request's body
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
