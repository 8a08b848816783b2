import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { type AuthOptions, type AuthStore, createAuth, memoryStore } from "sallyport";
import { createDemoApp } from "../../examples/express/app.ts";
import { boundedServer } from "../../examples/shared/bounded-server.ts";
import { openNotes } from "../../examples/shared/sqlite-notes.ts";
import { freePort } from "../support/free-port.ts";
import { bundledClient } from "./bundled-client.ts";

/** Long and mixed, and used nowhere but in these tests. */
export const SECRET = "dR7x-PqL2vKfW9sYt0BzNhJ4uEoC6mGaI1kVbX3rTc8";

export interface Demo {
  readonly url: string;
  /** What the demo would have written to the console. */
  readonly errors: unknown[];
  /** What was asked of it and answered, as `POST /web/auth/refresh 200`. */
  readonly answers: string[];
  stop(): Promise<void>;
}

/** What differs from `server.ts`. */
export type DemoAuth = Pick<AuthOptions, "clock" | "limits">;

/** The demo as `server.ts` builds it, limits and all, on a port of its own and with nothing on disk. */
export async function startDemo(store: AuthStore = memoryStore(), options: DemoAuth = {}): Promise<Demo> {
  const errors: unknown[] = [];
  const answers: string[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const auth = createAuth({ ...options, secret: SECRET, store, onError });
  const notes = openNotes(":memory:");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const app = createDemoApp({ auth, notes, onError, origins: [url], pageClient: await bundledClient() });
  const server = boundedServer(app);
  server.on("request", ({ method, url: target }, response) =>
    response.on("finish", () => answers.push(`${method} ${target} ${response.statusCode}`)),
  );
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url,
    errors,
    answers,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
      notes.close();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came over the wire, in order and spelling, but for the date. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads of an answer, it asserts
  readonly json: any;
}

export interface Call {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request on a connection of its own. A body that is text goes as it is, anything else as JSON. */
export async function call(
  url: string,
  method: string,
  { token, body, headers }: Call = {},
): Promise<Answer> {
  const request = httpRequest(url, {
    method,
    agent: false,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
  });
  request.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  const type = response.headers["content-type"] ?? "";
  return {
    status: response.statusCode,
    headers: response.headers,
    rawHeaders: withoutDate(response.rawHeaders),
    body: text,
    json: type.includes("json") ? JSON.parse(text) : undefined,
  };
}

function withoutDate(rawHeaders: readonly string[]): readonly string[] {
  const date = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "date");
  return rawHeaders.filter((_, index) => index !== date && index !== date + 1);
}
