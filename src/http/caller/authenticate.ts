import type { Auth, ClientInfo, CurrentUser } from "../../api/auth.ts";
import { type HttpHeaders, headerValue } from "../../contract/message.ts";
import { isTokenError } from "../../contract/request.ts";
import { arrivedHeaders } from "../server/arrived-headers.ts";
import type { ClientRule } from "../server/client-rule.ts";
import type { Transport } from "../transport/transport.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { RequestHead } from "./request-head.ts";
import { type Asked, assertMet, type Requirements, readRequirements } from "./requirements.ts";

interface Source<Claims extends object> {
  readonly auth: Auth<Claims>;
  readonly transport: Transport;
  readonly rule: Pick<ClientRule, "addressOf" | "requestId">;
}

/** What a handler tells of a request to a route of the application. */
interface Identification<Claims extends object> {
  authenticate(request: RequestHead, asked?: Requirements<Claims>): Promise<Caller<Claims>>;
  identify(request: RequestHead): Promise<Caller<Claims> | null>;
  client(request: RequestHead, platform?: unknown): ClientInfo;
}

export function identification<Claims extends object>(source: Source<Claims>): Identification<Claims> {
  const { transport, rule } = source;
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
        if (isTokenError(error)) return null;
        throw error;
      }),
    client(request, platform) {
      const headers = arrivedHeaders(request);
      const ip = rule.addressOf(request, headers, platform);
      // Without this check a missing address would switch the address limits of a sign-in off, unnoticed.
      if (ip === undefined) throw new TypeError(UNKNOWN_ADDRESS);
      return clientInfo({ ip, headers, requestId: rule.requestId(request) });
    },
  };
}

const UNKNOWN_ADDRESS =
  "client(request): the client's address is not known: give a request with its socket, or name your proxies in " +
  'trustedProxies; on a Unix socket name "unix"; clientAddress must tell one address, or null';

async function prove<Claims extends object>(
  { auth, transport, rule }: Source<Claims>,
  request: RequestHead,
  asked: Asked,
): Promise<Caller<Claims>> {
  const headers = arrivedHeaders(request);
  const head = { method: request.method, headers };
  const token = transport.accessToken(head, { checkOrigin: asked?.has("checkOrigin") === true });
  // Now, and not when a call needs it: a peer that goes away must not become a client without an address.
  const ip = rule.addressOf(request, headers) ?? null;
  const client = clientInfo({ ip, headers, requestId: rule.requestId(request) });
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

interface Known extends Pick<ClientInfo, "ip" | "requestId"> {
  readonly headers: HttpHeaders;
}

function clientInfo({ ip, headers, requestId }: Known): ClientInfo {
  const userAgent = headerValue(headers, "user-agent");
  return { ip, userAgent, ...(requestId !== undefined && { requestId }) };
}
