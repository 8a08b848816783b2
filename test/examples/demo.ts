import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { type AuthOptions, type AuthStore, createAuth, memoryStore } from "sallyport";
import { createDemoApp } from "../../examples/express/app.ts";
import { createInbox, type Inbox } from "../../examples/express/inbox.ts";
import { boundedServer } from "../../examples/shared/bounded-server.ts";
import { openNotes } from "../../examples/shared/sqlite-notes.ts";
import { freePort } from "../support/free-port.ts";
import { bundledClient, bundledClientMail } from "./bundled-client.ts";

/** Long and mixed, and used nowhere but in these tests. */
export const SECRET = "dR7x-PqL2vKfW9sYt0BzNhJ4uEoC6mGaI1kVbX3rTc8";

export interface Demo {
  readonly url: string;
  /** What the demo would have written to the console. */
  readonly errors: unknown[];
  /** What was asked of it and answered, as `POST /web/auth/refresh 200`. */
  readonly answers: string[];
  /** The `Referer` of each request that had one. */
  readonly referers: string[];
  stop(): Promise<void>;
}

/** What differs from `server.ts`. */
export type DemoAuth = Pick<AuthOptions, "clock" | "limits">;

/** The demo as `server.ts` builds it, limits and all, on a port of its own and with nothing on disk. It sends no mail. */
export async function startDemo(store: AuthStore = memoryStore(), options: DemoAuth = {}): Promise<Demo> {
  return serveDemo({ ...options, store }, { port: await freePort(), inbox: null });
}

/** The demo with its mail. */
export interface MailDemo extends Demo {
  readonly inbox: Inbox;
}

/** The same with an inbox, as `npm run demo` has it. */
export async function startMailDemo(
  options: DemoAuth & Partial<Pick<AuthOptions, "email" | "store">> = {},
): Promise<MailDemo> {
  const [port, inbox] = [await freePort(), createInbox()];
  const page = `http://127.0.0.1:${port}/mail`;
  const mail = { page, name: "Sallyport demo", delivery: "manual" } as const;
  const demo = await serveDemo(
    { store: memoryStore(), ...options, mailer: inbox, mail, onWarning: () => {} },
    { port, inbox },
  );
  return { ...demo, inbox };
}

interface Place {
  readonly port: number;
  readonly inbox: Inbox | null;
}

async function serveDemo(options: Omit<AuthOptions, "secret">, { port, inbox }: Place): Promise<Demo> {
  const errors: unknown[] = [];
  const [answers, referers]: [string[], string[]] = [[], []];
  const onError = (error: unknown): void => void errors.push(error);
  const auth = createAuth({ ...options, secret: SECRET, onError });
  errors.length = 0; // a store in memory says once that its mail ends with the process
  const notes = openNotes(":memory:");
  const url = `http://127.0.0.1:${port}`;
  const mail = inbox && { pageClient: await bundledClientMail(), inbox };
  const pageClient = await bundledClient();
  const app = createDemoApp({ auth, notes, onError, origins: [url], pageClient, mail });
  const server = boundedServer(app);
  server.on("request", ({ method, url: target, headers }, response) => {
    if (headers.referer) referers.push(headers.referer);
    response.on("finish", () => answers.push(`${method} ${target} ${response.statusCode}`));
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    ...{ url, errors, answers, referers },
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
