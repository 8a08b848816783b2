import type { HttpHeaders } from "../../contract/message.ts";

/** Stands for the address of a peer on a Unix socket, which has no address. */
export const UNIX_PEER = "unix";

/** Stands for the address of a peer that is not known to be on a Unix socket: there is no socket to ask. */
export const NO_SOCKET = "no socket";

/** The fields that are read of a request's socket. A `Socket` of `node:net` or `node:tls` has them. */
export interface PeerSocket {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly destroyed?: boolean | undefined;
}

/** A request of `node:http`, `node:http2` or Express, or `request.raw` of Fastify. */
export interface RequestWithSocket {
  readonly socket: PeerSocket;
  readonly headers: HttpHeaders;
  /** `node:http` keeps repeated headers apart here. */
  readonly headersDistinct?: HttpHeaders | undefined;
  /** Names and values in turn. They tell which headers came twice. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/**
 * The address of the peer, `"unix"` or `"no socket"`. `undefined`: the address is gone, since the peer reset the
 * connection or the connection is closed.
 */
export function peerAddress(socket: PeerSocket | null | undefined): string | undefined {
  if (!socket) return NO_SOCKET;
  if (typeof socket.remoteAddress === "string") return socket.remoteAddress;
  return isUnixSocket(socket) ? UNIX_PEER : undefined;
}

// On a Unix socket the header may decide. So a TCP peer that has lost its address must never look like one.
// An open TCP socket has an address on our side. Some systems forget that address, too: then the address on
// which the server listens tells.
function isUnixSocket(socket: PeerSocket & { readonly server?: Listener | undefined }): boolean {
  if (socket.destroyed || socket.localAddress !== undefined) return false;
  const bound = socket.server?.address?.();
  return typeof bound !== "object" || bound === null;
}

/** The server of a socket. Its address is text on a Unix socket, and null if it listens on a descriptor. */
interface Listener {
  readonly address?: () => unknown;
}
