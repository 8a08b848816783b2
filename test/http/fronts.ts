import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import serverless from "serverless-http";

/** What HTTP/1 says of a connection. HTTP/2 has no such fields (RFC 9113, section 8.2.2). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  "connection",
  "content-length", // left out as well: over HTTP/2 the end of the stream tells the length
  "host",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
]);

/** The client sends a repeated field as it is. The types do not know this option yet. */
export const AS_IT_STANDS: object = { strictSingleValueFields: false };

/** Passes each request on to a server of HTTP/2, line by line: the suite itself speaks HTTP/1. */
export function http2Front(origin: string): { readonly listener: RequestListener; close(): void } {
  const session = connect(origin, AS_IT_STANDS);
  return {
    listener: (request, response) => pass(session, request, response),
    close: () => session.destroy(),
  };
}

function pass(session: ClientHttp2Session, request: IncomingMessage, response: ServerResponse): void {
  const { method = "", url = "", headers, rawHeaders } = request;
  // HTTP/2 cannot say such a target (RFC 9113, section 8.3.1): no client can send it.
  if (!url.startsWith("/")) return void response.writeHead(404).end();
  const endStream = headers["transfer-encoding"] === undefined && !(Number(headers["content-length"]) > 0);
  const authority = [":authority", headers.host ?? "", ":scheme", "http"];
  const fields = [":method", method, ":path", url, ...authority, ...without(OF_THE_CONNECTION, rawHeaders)];
  const stream = session.request(fields, { endStream });
  stream.on("response", (answer, _flags, rawAnswer: readonly string[]) => {
    const lines = rawAnswer.flatMap((name, at) =>
      at % 2 === 0 && !name.startsWith(":") ? [[name, rawAnswer[at + 1] ?? ""] as const] : [],
    );
    for (const [name, value] of lines) response.appendHeader(name, value);
    response.writeHead(answer[":status"] ?? 0);
    stream.pipe(response);
  });
  stream.on("error", () => response.destroy());
  if (!endStream) request.pipe(stream);
}

function without(names: ReadonlySet<string>, rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 && !names.has(name.toLowerCase()) ? [name.toLowerCase(), rawHeaders[at + 1] ?? ""] : [],
  );
}

interface LambdaResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Calls an application as a function behind an HTTP API of AWS does: by events of version 2.0, without any socket. */
export function lambdaFront(application: RequestListener): RequestListener {
  const invoke = serverless(application);
  return async (request, response) => {
    const result = (await invoke(await eventOf(request), {})) as LambdaResult;
    for (const cookie of result.cookies ?? []) response.appendHeader("set-cookie", cookie);
    for (const [name, value] of Object.entries(result.headers)) response.setHeader(name, value);
    response.writeHead(result.statusCode);
    response.end(Buffer.from(result.body, result.isBase64Encoded ? "base64" : "utf8"));
  };
}

async function eventOf(request: IncomingMessage): Promise<object> {
  const { method = "", url = "", headersDistinct, socket } = request;
  const { cookie = [], ...others } = headersDistinct;
  const body = Buffer.concat(await request.toArray());
  const query = url.indexOf("?");
  const headers = Object.entries(others).map(([name, values = []]) => [name, values.join(",")]);
  return {
    version: "2.0",
    rawPath: query < 0 ? url : url.slice(0, query),
    rawQueryString: query < 0 ? "" : url.slice(query + 1),
    headers: Object.fromEntries(headers),
    ...(cookie.length > 0 && { cookies: cookie }),
    requestContext: { http: { method, path: url, sourceIp: socket.remoteAddress } },
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
}
