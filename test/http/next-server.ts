// A server in the place of Next.js, which is too large for this folder: test/recipes/next asks the real one.
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { AuthError } from "sallyport";
import { problemResponse, sendNodeResponse } from "sallyport/http";
import type { NextRoute } from "sallyport/next";
import { inRequest } from "../support/next/headers.ts";
import { pathOf, sendWebResponse, toWebRequest } from "../support/web-request.ts";

export interface NextContext {
  readonly params: Promise<Readonly<Record<string, string>>>;
}

/** A file `route.ts`, and what its path holds. */
export interface NextFile {
  readonly exports: Readonly<Partial<Record<string, NextRoute<NextContext>>>>;
  readonly params?: Readonly<Record<string, string>>;
}

/** Finds the file of a path and calls the method it exports, behind a proxy that appends the address of its peer. */
export function nextListener(fileOf: (path: string) => NextFile | null): RequestListener {
  return (incoming, response) => void serve(fileOf, incoming, response);
}

async function serve(
  fileOf: (path: string) => NextFile | null,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = toWebRequest(incoming);
  const file = fileOf(pathOf(incoming));
  // Next.js answers 400 to a method that it does not know. Here a file that takes every method takes that, too.
  const route = file?.exports[incoming.method ?? ""] ?? file?.exports["OPTIONS"];
  if (!request || !route) return sendNodeResponse(response, problemResponse(new AuthError("not_found")));
  request.headers.append("x-forwarded-for", incoming.socket.remoteAddress ?? "unknown");
  const context = { params: Promise.resolve(file?.params ?? {}) };
  const answer = await inRequest(request.headers, () => route(request, context)).catch(
    () => new Response("Internal Server Error", { status: 500 }),
  );
  await sendWebResponse(response, answer);
}
