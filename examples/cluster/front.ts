import {
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import { boundedServer } from "../express/bounded-server.ts";

const CONNECT_MS = 1000;
/** Longer than an instance takes for anything: what takes longer hangs. */
const SILENCE_MS = 15_000;
/** An instance that refuses a body in the middle closes the connection, and with it its answer may be lost. */
const MAX_BODY_BYTES = 64 * 1024;
/** How long an instance that refused is left out. */
const REST_MS = 1000;

/** A request, and the answer that is owed for it. `gone` fires when its client waits no longer. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly gone: AbortSignal;
}

/** `refused`: nothing was sent. `broken`: something was, and nobody knows what came of it. */
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
    // Those that rest come last, and not never: when all do, one of them may be back.
    return [...order.filter((port) => !rests(port)), ...order.filter(rests)];
  };
  const serve = async (exchange: Exchange): Promise<void> => {
    if (bodyBytes(exchange.request) > MAX_BODY_BYTES) return sendProblem(exchange, TOO_LARGE);
    for (const port of inTurn()) {
      const outcome = await pass(exchange, port);
      if (outcome === "answered" || exchange.gone.aborted) return;
      // Not for a broken one: a client that sends nonsense could give every instance a rest.
      if (outcome === "refused") restUntil.set(port, performance.now() + REST_MS);
      if (outcome === "broken" && !isRepeatable(exchange.request)) return sendProblem(exchange, LOST);
    }
    sendProblem(exchange, NOBODY);
  };
  return boundedServer((request, response) => {
    // Reset before it was read: there is nobody to answer, and no address to tell.
    if (request.socket.remoteAddress === undefined) return void response.destroy();
    const client = new AbortController();
    response.once("close", () => client.abort());
    serve({ request, response, gone: client.signal }).catch((error) => {
      console.error(error); // a mistake in here: whoever asked must not wait for it
      response.destroy();
    });
  });
}

/** Tries one instance. Resolves once it is clear whether it answers; the answer's body then flows by itself. */
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
    // A connection for each request: one that was kept may break just as it is used again, and then nobody
    // knows whether a POST has happened.
    agent: false,
  });
  // Nothing is sent, and nothing of the body read, before the connection stands: until then another
  // instance can have the request whole.
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
    pipeline(incoming, response, () => {}); // an answer that breaks off ends broken off here too
  });
  return promise;
}

/** Whether a request can be carried out twice: it changes nothing, and there is no body that was read already. */
function isRepeatable(request: IncomingMessage): boolean {
  const { method, headers } = request;
  const hasBody = headers["transfer-encoding"] !== undefined || bodyBytes(request) > 0;
  return (method === "GET" || method === "HEAD") && !hasBody;
}

/** As far as it is said beforehand. */
function bodyBytes({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? 0);
}

// They are about one connection, not about the message (RFC 9110, section 7.6.1); `expect` was answered here.
const OF_THE_CONNECTION = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
];

/** As they came, repeated ones too: whoever judges them must see what was sent. */
function endToEnd({ headersDistinct, headers }: IncomingMessage): OutgoingHttpHeaders {
  const named = (headers.connection ?? "").toLowerCase().split(/\s*,\s*/);
  const dropped = new Set([...OF_THE_CONNECTION, "transfer-encoding", ...named]);
  dropped.delete("content-length"); // whoever names it wants a body without an end: see below
  return Object.fromEntries(Object.entries(headersDistinct).filter(([name]) => !dropped.has(name)));
}

function forwardedHeaders(request: IncomingMessage): OutgoingHttpHeaders {
  const { headers, headersDistinct, socket } = request;
  const said = headersDistinct["x-forwarded-for"] ?? [];
  return {
    ...endToEnd(request),
    ...(headers.host !== undefined && { host: headers.host }), // Node wants this one to be no list
    // To the right of what the client says: the only part that is known here.
    "x-forwarded-for": [...said, socket.remoteAddress].join(", "),
    // Without it the body of a DELETE would have no end, and would be read as a request of its own.
    ...(headers["transfer-encoding"] !== undefined && { "transfer-encoding": "chunked" }),
  };
}

function answeredHeaders(incoming: IncomingMessage, port: number): OutgoingHttpHeaders {
  return { ...endToEnd(incoming), "x-served-by": String(port) }; // for whoever tries the demo by curl
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
const NOBODY: Problem = {
  status: 503,
  code: "unavailable",
  title: "No instance answers.",
  retryAfterSeconds: 1,
};
const TOO_LARGE: Problem = { status: 413, code: "payload_too_large", title: "The body is too large." };

function sendProblem({ request, response }: Exchange, problem: Problem): void {
  const { status, code, retryAfterSeconds } = problem;
  const body = JSON.stringify({ type: `urn:sallyport-demo:problem:${code}`, ...problem });
  response.writeHead(status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    connection: "close", // the rest of the request's body is not waited for
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
