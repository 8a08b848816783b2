import assert from "node:assert/strict";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";

/** One request, sent as it stands: no client tidies its target, or adds headers that were not asked for. */
export interface Call {
  /** Default `GET`. */
  readonly method?: string;
  /** The raw request target. */
  readonly target: string;
  /** Several values are as many header lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | undefined;
  /** Sends the body without its length. */
  readonly chunked?: boolean;
}

export interface Answer {
  readonly status: number;
  /** By lower-case name, sorted; one pair for each line. Without what belongs to the connection. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What servers say of the moment and of the connection, not of the answer. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "date",
  "connection",
  "keep-alive",
  "transfer-encoding",
]);
const PATIENCE_MS = 10_000;

/** Sends a request on a connection of its own. Without an answer within ten seconds it fails. */
export function call(
  origin: string,
  { method = "GET", target, headers = {}, ...rest }: Call,
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(origin);
  const { body, chunked = false } = rest;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = send(
    {
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port,
      method,
      path: target,
      agent: false,
      headers: { ...withLines(headers), ...lengthOf(body, chunked) },
      timeout: PATIENCE_MS,
    },
    (response) => void read(response).then(resolve, reject),
  );
  outgoing.on("timeout", () =>
    outgoing.destroy(new assert.AssertionError({ message: `${target}: no answer` })),
  );
  outgoing.on("error", reject); // after an answer it changes nothing: servers may close on a body they refuse
  outgoing.end(body);
  return promise;
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks = await response.toArray();
  const { rawHeaders } = response;
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""] as const] : [],
  );
  return {
    status: response.statusCode ?? 0,
    headers: lines.filter(([name]) => !OF_THE_CONNECTION.has(name)).sort(byText),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function byText(one: readonly string[], other: readonly string[]): number {
  return one.join(": ") < other.join(": ") ? -1 : 1;
}

function withLines(headers: NonNullable<Call["headers"]>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}

function lengthOf(body: Call["body"], chunked: boolean): Record<string, string> {
  if (body === undefined) return {};
  return chunked ? { "transfer-encoding": "chunked" } : { "content-length": String(Buffer.byteLength(body)) };
}
