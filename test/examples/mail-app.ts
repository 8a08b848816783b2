// The example with mail as `server.ts` builds it, on a port of its own and with nothing on disk.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type AuthOptions, createAuth, memoryStore } from "sallyport";
import { createMailApp } from "../../examples/mail/app.ts";
import { createInbox, type Inbox } from "../../examples/mail/inbox.ts";
import { boundedServer } from "../../examples/shared/bounded-server.ts";
import { freePort } from "../support/free-port.ts";
import { SECRET } from "./demo.ts";

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface MailApp {
  readonly url: string;
  readonly inbox: Inbox;
  /** Each request and its answer: `POST /auth/signup 202`. */
  readonly answers: string[];
  /** The `Referer` of each request that had one. */
  readonly referers: string[];
  readonly errors: unknown[];
  stop(): Promise<void>;
}

/** The files of the two entries as pages load them, made of the source as it is now. */
async function bundled(entry: string, name: string): Promise<string> {
  const outfile = root(`.cache/${name}-${process.pid}.js`);
  await build({ entryPoints: [root(entry)], bundle: true, format: "esm", outfile });
  return outfile;
}

export async function startMailApp(options: Pick<AuthOptions, "limits"> = {}): Promise<MailApp> {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const inbox = createInbox();
  const auth = createAuth({
    ...{ secret: SECRET, store: memoryStore(), onWarning: () => {} },
    ...{ mailer: inbox, mail: { page: `${url}/mail`, name: "Acme", delivery: "manual" }, onError },
    ...options,
  });
  errors.length = 0; // the store is in memory, and says so once
  const clients = {
    client: await bundled("src/client/index.ts", "client"),
    mail: await bundled("src/client/mail.ts", "client-mail"),
  };
  const server = boundedServer(createMailApp({ auth, origins: [url], onError, clients, inbox }));
  const answers: string[] = [];
  const referers: string[] = [];
  server.on("request", ({ method, url: target, headers }, response) => {
    if (headers.referer) referers.push(headers.referer);
    response.on("finish", () => answers.push(`${method} ${target} ${response.statusCode}`));
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    ...{ url, inbox, answers, referers, errors },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
    },
  };
}
