import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { prefixFront } from "../../support/prefix-front.ts";

/** A proxy in front of `next start`, which appends the address of its peer, and keeps what was answered. */
export interface Front {
  readonly origin: string;
  /** As `POST /auth/renew 303`, in order. */
  readonly answered: readonly string[];
  /** The refresh tokens that were given out, as in `Set-Cookie`. */
  readonly refreshTokens: ReadonlySet<string>;
  /** Where requests go. The address of the front is known before that of the server. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

/** `handOn` makes what answers for the server on a port. */
export async function openFront(
  host = "localhost",
  handOn: (port: number) => RequestListener = whole,
): Promise<Front> {
  const answered: string[] = [];
  const refreshTokens = new Set<string>();
  let behind = 0;
  const server = createServer((request, response) => {
    request.rawHeaders.push("x-forwarded-for", request.socket.remoteAddress ?? "unknown");
    response.once("finish", () => answered.push(`${request.method} ${request.url} ${response.statusCode}`));
    const writeHead = response.writeHead.bind(response);
    Object.assign(response, {
      writeHead(status: number, lines: string[]) {
        for (const line of lines)
          if (/sp-refresh=[^;]/.test(line)) refreshTokens.add(line.split(";")[0] ?? "");
        return writeHead(status, lines);
      },
    });
    handOn(behind)(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host}:${port}`,
    answered,
    refreshTokens,
    leadTo: (inner) => {
      behind = inner;
    },
    close: async () => {
      const closed = once(server.close(), "close");
      server.closeAllConnections();
      await closed;
    },
  };
}

function whole(port: number): RequestListener {
  return prefixFront(port, { from: "/", to: "/" });
}
