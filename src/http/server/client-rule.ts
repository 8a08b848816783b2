import type { Auth } from "../../api/auth.ts";
import type { HttpClient, HttpHeaders } from "../../contract/message.ts";
import { safeReporter } from "../../report.ts";
import type { ArrivedRequest } from "../caller/request-head.ts";
import { reportingIgnored } from "../client-address/ignored-headers.ts";
import { peerAddress, type RequestWithSocket } from "../client-address/peer-address.ts";
import { type TellAddress, toldAddress } from "../client-address/told-address.ts";
import { clientResolver, type ResolveClient } from "../client-address/trusted-proxies.ts";
import { arrivedHeaders } from "./arrived-headers.ts";
import type { AnyOptions, HandlerOptions, PlatformOptions } from "./handler-options.ts";
import { requestIdReader, type ServedRequest } from "./request-id.ts";

/** How a handler knows the client of a request. Its options alone decide it. */
export type ClientRule = PeerRule | PlatformRule;

interface Rule {
  /** Finds the client behind the peer of a request in plain values. */
  readonly resolveClient: ResolveClient;
  /** The client of a `Request`, by the second argument of the handler. */
  clientOf(request: Request, second: unknown): HttpClient | (() => HttpClient);
  /** The address of a request to a route of the application. `undefined`: it is not known. */
  addressOf(arrived: ArrivedRequest, headers: HttpHeaders): string | null | undefined;
  readonly requestId: (request: ServedRequest) => string | undefined;
}

interface PeerRule extends Rule {
  readonly addressBy: "peer";
  readonly clientAddress: (request: RequestWithSocket) => string | undefined;
}

interface PlatformRule extends Rule {
  readonly addressBy: "clientAddress";
  readonly clientAddress: TellAddress;
}

export function clientRule(auth: Pick<Auth, "warn">, options: AnyOptions): ClientRule {
  const requestId = requestIdReader(options.requestId, safeReporter(options.onError));
  return options.clientAddress
    ? { ...platformRule(auth, options, requestId), requestId }
    : { ...peerRule(auth, options, requestId), requestId };
}

type RequestId = Rule["requestId"];

function peerRule(
  auth: Pick<Auth, "warn">,
  options: HandlerOptions,
  requestId: RequestId,
): Omit<PeerRule, "requestId"> {
  const resolveClient = reportingIgnored(clientResolver(options), () => auth.warn("ignored_header"));
  return {
    addressBy: "peer",
    resolveClient,
    clientOf(request, second) {
      const client = second as HttpClient | undefined; // the type of the handler asks for it
      // Without this check a missing address would switch the address limit off, unnoticed.
      if (client?.ip === undefined)
        throw new TypeError("handler(request, client): client.ip must be an address or null");
      return { ...client, requestId: client.requestId ?? requestId(request) };
    },
    // Without a socket, only what the configuration says of every request can tell the address.
    addressOf: ({ head }, headers) =>
      resolveClient(peerAddress("socket" in head ? head.socket : undefined), headers) ?? undefined,
    clientAddress: (request) =>
      resolveClient(peerAddress(request.socket), arrivedHeaders(request)) ?? undefined,
  };
}

function platformRule(
  auth: Pick<Auth, "warn">,
  options: PlatformOptions<never>,
  requestId: RequestId,
): Omit<PlatformRule, "requestId"> {
  const tell = toldAddress(options.clientAddress, () => auth.warn("no_client_address"));
  return {
    addressBy: "clientAddress",
    resolveClient: clientResolver({}),
    // Asked within `dispatch`: its failure is an answer, and `onError` is told.
    clientOf: (request, platform) => () => ({ ip: tell(request, platform), requestId: requestId(request) }),
    addressOf({ head, platform }) {
      try {
        return tell(head as Request, platform); // a function that needs more than headers fails here
      } catch {
        auth.warn("unknown_address");
        return undefined;
      }
    },
    clientAddress: tell,
  };
}
