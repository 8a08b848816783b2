import type { HttpResponse } from "../../contract/message.ts";

/** What is used of a response. Those of `node:http`, `node:http2` and Express have it. */
export interface NodeResponse {
  appendHeader(name: string, value: string): unknown;
  getHeader(name: string): unknown;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  end(): unknown;
  end(body: string): unknown;
  destroy(): unknown;
}

/** Sends an answer of `dispatch` or `problemResponse`. It keeps cookies and `Vary` that are set already. */
export function sendNodeResponse(response: NodeResponse, answer: HttpResponse): void {
  const { status, headers, setCookies, body } = answer;
  for (const cookie of setCookies) response.appendHeader("set-cookie", cookie);
  response.writeHead(status, withVary(headers, response.getHeader("vary")));
  // Not in one expression: `writeHead` of some hosts returns nothing.
  if (body === null) response.end();
  else response.end(body);
}

function withVary(headers: HttpResponse["headers"], before: unknown): HttpResponse["headers"] {
  const { vary } = headers;
  if (vary === undefined || before === undefined) return headers;
  return { ...headers, vary: [before, vary].flat().join(", ") };
}
