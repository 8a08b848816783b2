import type { Auth, ClientInfo, CurrentUser } from "../../api/auth.ts";
import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import { TOKEN_ERRORS } from "../../contract/request.ts";
import { isAuthError } from "../../errors.ts";
import { peerAddress } from "../client-address/peer-address.ts";
import type { ResolveClient } from "../client-address/trusted-proxies.ts";
import { arrivedHeaders } from "../server/arrived-headers.ts";
import type { Transport } from "../transport/transport.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { RequestHead } from "./request-head.ts";
import { type Asked, assertMet, type Requirements, readRequirements } from "./requirements.ts";

interface Source<Claims extends object> {
  readonly auth: Auth<Claims>;
  readonly transport: Transport;
  readonly resolveClient: ResolveClient;
}

/** What a handler tells of a request to a route of the application. */
interface Identification<Claims extends object> {
  authenticate(request: RequestHead, asked?: Requirements<Claims>): Promise<Caller<Claims>>;
  identify(request: RequestHead): Promise<Caller<Claims> | null>;
  client(request: RequestHead): ClientInfo;
}

/** Each of these says that no user is signed in. No other refusal does: not an outage, not another site. */
const NOT_SIGNED_IN: readonly string[] = TOKEN_ERRORS;

export function identification<Claims extends object>(source: Source<Claims>): Identification<Claims> {
  const { transport, resolveClient } = source;
  // `async`: what is wrong with the request is a rejection, too.
  const authenticate: Identification<Claims>["authenticate"] = async (request, asked) => {
    const read = readRequirements(asked); // before any wait: the object may change
    return prove(source, request, read).catch((error: unknown) => {
      throw transport.refusal(error);
    });
  };
  return {
    authenticate,
    identify: (request) =>
      authenticate(request).catch((error: unknown) => {
        if (isAuthError(error) && NOT_SIGNED_IN.includes(error.code)) return null;
        throw error;
      }),
    client(request) {
      const headers = arrivedHeaders(request);
      const ip = addressOf(resolveClient, request, headers);
      // Without this check a missing address would switch the address limits of a sign-in off, unnoticed.
      if (ip === undefined || ip === null) throw new TypeError(UNKNOWN_ADDRESS);
      return clientInfo(ip, headers);
    },
  };
}

const UNKNOWN_ADDRESS =
  "client(request): the client's address is not known: give a request with its socket, or name your proxies in " +
  'trustedProxies; on a Unix socket name "unix"';

async function prove<Claims extends object>(
  { auth, transport, resolveClient }: Source<Claims>,
  request: RequestHead,
  asked: Asked,
): Promise<Caller<Claims>> {
  const headers = arrivedHeaders(request);
  const head = { method: request.method, headers };
  const token = transport.accessToken(head, { checkOrigin: asked?.has("checkOrigin") === true });
  // Now, and not when a call needs it: a peer that goes away must not become a client without an address.
  const client = clientInfo(addressOf(resolveClient, request, headers) ?? null, headers);
  const at = auth.clock.now();
  let read: CurrentUser | null = null;
  const principal = Object.freeze(
    await auth.verifyToken(token, undefined, (current) => {
      read = current;
    }),
  );
  assertMet(auth, principal, asked);
  return callerOf({ auth, refusal: transport.refusal }, { principal, token, client, read, at });
}

// Without a socket, only what the configuration says of every request can tell the address.
function addressOf(
  resolveClient: ResolveClient,
  request: RequestHead,
  headers: HttpHeaders,
): ReturnType<ResolveClient> {
  return resolveClient(peerAddress("socket" in request ? request.socket : undefined), headers);
}

function clientInfo(ip: string | null, headers: HttpHeaders): ClientInfo {
  return { ip, userAgent: headerValue(headers, "user-agent") };
}
