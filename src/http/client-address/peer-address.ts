import type { HttpHeaders } from "../../contract/message.ts";

/** What stands for the address of a peer on a Unix socket, which has none. */
export const UNIX_PEER = "unix";

/** What is read of the socket that a request came on: a `Socket` of `node:net` or `node:tls` has it. */
export interface PeerSocket {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly destroyed?: boolean | undefined;
}

/** A request of `node:http` or Express, or `request.raw` of Fastify. */
export interface RequestWithSocket {
  readonly socket: PeerSocket;
  readonly headers: HttpHeaders;
  /** `node:http` keeps repeated headers apart here. */
  readonly headersDistinct?: HttpHeaders;
}

/**
 * The address of the peer, or `"unix"`. `undefined`: it had one, and has none any more, since it reset the
 * connection or the connection is closed.
 */
export function peerAddress(socket: PeerSocket): string | undefined {
  if (socket.remoteAddress !== undefined) return socket.remoteAddress;
  return isUnixSocket(socket) ? UNIX_PEER : undefined;
}

// On a Unix socket the header may decide, so a TCP peer that got rid of its address must never pass for
// one. While its socket is open, that socket has an address on our side; when it has none, on systems
// that forget both, the server still listens on one.
function isUnixSocket(socket: PeerSocket & { readonly server?: Listener | undefined }): boolean {
  if (socket.destroyed || socket.localAddress !== undefined) return false;
  const bound = socket.server?.address?.();
  return typeof bound !== "object" || bound === null;
}

/** The server of a socket. Its address is text on a Unix socket, null where it listens on a descriptor. */
interface Listener {
  readonly address?: () => unknown;
}
