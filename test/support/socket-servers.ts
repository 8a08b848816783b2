import { codeBlock } from "../docs/support/pages.ts";
import { type Folder, freePort, makeFolder } from "../docs/support/programs.ts";

const PAGE = "docs/sockets.md";
const SECRET = "Zk3vP0xT8qLd5nWy2RbJ7mHc9GsF4aEu6XiQ1oVt";

/** What a server of the page serves beside the auth routes. */
export type SocketKind = "ws" | "socket.io" | "stream" | "tickets";

/** The origin of pages that tests without a browser claim to be. */
export const ORIGIN = "https://app.example";

/** A server with the code of docs/sockets.md, and one instance more on its store, `elsewhere`. */
const PROGRAM = `
import { once } from "node:events";
import { createServer } from "node:http";
import { createAuth, memoryStore } from "sallyport";
import { createHandler, toNodeHandler } from "sallyport/http";
import { serveSocketIo } from "./socket-io.ts";
import { openStream } from "./stream.ts";
import { serveTickets } from "./tickets.ts";
import { createWatch } from "./watch.ts";
import { serveWs } from "./ws.ts";

const { SALLYPORT_SECRET: secret, KIND, EVERY_MS, ORIGIN, PORT, HEARS } = process.env;
const watch = createWatch(Number(EVERY_MS));
const options = { secret, store: memoryStore(), limits: { signup: { address: false, account: false } }, onWarning() {} };
const auth = createAuth({ ...options, onEvent: HEARS === "1" ? watch.onEvent : () => {} });
const elsewhere = createAuth(options);
const isLocal = ORIGIN.startsWith("http:");
const cookies = { transport: "cookie", origins: [ORIGIN], insecureLocalhost: isLocal };
const handler = createHandler(auth, KIND === "tickets" ? {} : cookies);
const greet = (socket, me) => {
  console.log("open", me.userId);
  socket.send(me.userId);
};

const server = createServer();
if (KIND === "tickets") serveTickets(server, { auth, handler, watch, open: greet });
else {
  const serve = toNodeHandler(handler);
  server.on("request", (request, response) => {
    if (request.url.startsWith("/socket.io/")) return;
    serve(request, response, async () => {
      if (request.url === "/stream") {
        const stream = await openStream({ handler, watch }, request, response);
        const me = stream && (await handler.authenticate(request));
        stream?.write("data: " + me.userId + "\\n\\n");
      } else response.setHeader("content-type", "text/html").end("<!doctype html><title>Page</title>");
    });
  });
  if (KIND === "ws") serveWs(server, { handler, watch, open: greet });
  if (KIND === "socket.io") {
    const { engine } = serveSocketIo(server, { handler, watch, open: greet });
    engine.on("connection", () => console.log("engine"));
    engine.on("connection_error", ({ req }) => console.log("refused", /sp-access=/.test(req.headers.cookie)));
  }
}

let count = 0;
const calls = {
  signup: () => auth.signup({ email: "user" + count++ + "@example.com", password: "Correct1horse" }, { ip: null }),
  own: ({ accessToken }) => auth.logout(accessToken),
  elsewhere: ({ refreshToken }) => elsewhere.logout(refreshToken),
};
/** What the test does with users, on a port of its own. */
const control = createServer(async (request, response) => {
  const { call, ...tokens } = JSON.parse(Buffer.concat(await request.toArray()));
  response.end(JSON.stringify((await calls[call](tokens)) ?? null));
}).listen(0, "127.0.0.1");
server.listen(Number(PORT), "127.0.0.1");
await Promise.all([once(server, "listening"), once(control, "listening")]);
console.log("READY " + control.address().port);
`;

interface SocketUser {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The access cookie. */
  readonly cookie: string;
}

export interface SocketServer {
  readonly port: number;
  said(): string;
  says(pattern: RegExp): Promise<void>;
  get(path: string, headers: Record<string, string>): Promise<Response>;
  post(path: string, headers: Record<string, string>): Promise<Response>;
  signUp(): Promise<SocketUser>;
  /** Ends the session, in the process of the server or by another instance on its store. */
  signOut(user: SocketUser, where: "own" | "elsewhere"): Promise<void>;
}

export interface SocketServerOptions {
  readonly everyMs: string;
  /** The origin of its pages. Default: one that no server has. `"localhost"`: that of the server. */
  readonly origin?: "localhost";
  /** Whether the watch hears of events. Default true. */
  readonly hears?: boolean;
}

/** The code of the page in a folder, and servers that run it. */
export function socketServers(): {
  start(kind: SocketKind, options: SocketServerOptions): Promise<SocketServer>;
  remove(): Promise<void>;
} {
  const block = (text: string): string => codeBlock(PAGE, "ts", text);
  const folder: Folder = makeFolder({
    "watch.ts": block("createWatch("),
    "ws.ts": block("serveWs("),
    "socket-io.ts": block("serveSocketIo("),
    "stream.ts": block("openStream("),
    "tickets.ts": block("serveTickets("),
    "program.ts": PROGRAM,
  });
  return { start: (kind, options) => start(folder, kind, options), remove: folder.remove };
}

async function start(
  folder: Folder,
  kind: SocketKind,
  { everyMs, origin, hears = true }: SocketServerOptions,
): Promise<SocketServer> {
  const port = await freePort();
  const program = folder.start(["program.ts"], {
    SALLYPORT_SECRET: SECRET,
    KIND: kind,
    EVERY_MS: everyMs,
    ORIGIN: origin === undefined ? ORIGIN : `http://localhost:${port}`,
    PORT: String(port),
    HEARS: hears ? "1" : "0",
  });
  await program.says(/^READY \d+$/m);
  const [, control] = /^READY (\d+)$/m.exec(program.said()) ?? [];
  const call = async <T>(body: object): Promise<T> => {
    const sent = { method: "POST", body: JSON.stringify(body) };
    return (await (await fetch(`http://127.0.0.1:${control}`, sent)).json()) as T;
  };
  const ask = (path: string, init: RequestInit): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, init);
  return {
    port,
    said: program.said,
    says: program.says,
    get: (path, headers) => ask(path, { headers }),
    post: (path, headers) => ask(path, { method: "POST", headers }),
    async signUp() {
      const made = await call<Made>({ call: "signup" });
      return { ...made, userId: made.user.id, cookie: `__Host-sp-access=${made.accessToken}` };
    },
    async signOut({ accessToken, refreshToken }, where) {
      await call({ call: where, accessToken, refreshToken });
    },
  };
}

interface Made extends Pick<SocketUser, "accessToken" | "refreshToken"> {
  readonly user: { readonly id: string };
}
