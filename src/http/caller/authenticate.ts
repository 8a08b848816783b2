import type { Auth, ClientInfo, CurrentUser } from "../../api/auth.ts";
import type { HttpHeaders } from "../../contract/message.ts";
import { isTokenError } from "../../contract/request.ts";
import { arrivedHeaders } from "../server/arrived-headers.ts";
import type { ClientRule } from "../server/client-rule.ts";
import { tellingHeaders } from "../server/telling-headers.ts";
import type { Transport } from "../transport/transport.ts";
import { type Caller, callerOf } from "./caller.ts";
import {
  type ArrivedRequest,
  arrivedRequest,
  type PlatformRequest,
  type RequestHead,
} from "./request-head.ts";
import { type Asked, asksForOrigin, assertMet, readRequirements } from "./requirements.ts";

interface Source<Claims extends object> {
  readonly auth: Auth<Claims>;
  readonly transport: Transport;
  readonly rule: Pick<ClientRule, "addressOf" | "requestId">;
}

type AnyRequest = RequestHead | PlatformRequest;

/** What a handler tells of a request to a route of the application. The number of arguments counts. */
interface Identification<Claims extends object> {
  authenticate(request: AnyRequest, ...asked: readonly unknown[]): Promise<Caller<Claims>>;
  identify(request: AnyRequest, ...more: readonly unknown[]): Promise<Caller<Claims> | null>;
  client(request: AnyRequest): ClientInfo;
}

export function identification<Claims extends object>(source: Source<Claims>): Identification<Claims> {
  const { transport, rule } = source;
  // `async`: what is wrong with the request is a rejection, too.
  const authenticate: Identification<Claims>["authenticate"] = async (request, ...asked) => {
    const read = readRequirements(asked); // before any wait: the object may change
    return prove(source, arrivedRequest(request), read).catch((error: unknown) => {
      throw transport.refusal(error);
    });
  };
  return {
    authenticate,
    async identify(request, ...more) {
      if (more.length > 0) throw new TypeError(ASKED_IN_VAIN);
      return authenticate(request).catch((error: unknown) => {
        if (isTokenError(error)) return null;
        throw error;
      });
    },
    client(request) {
      const arrived = arrivedRequest(request);
      const headers = arrivedHeaders(arrived.head);
      const ip = rule.addressOf(arrived, headers);
      // Without this check a missing address would switch the address limits of a sign-in off, unnoticed.
      if (ip === undefined) throw new TypeError(UNKNOWN_ADDRESS);
      return clientInfo({ ip, headers, requestId: rule.requestId(arrived.head) });
    },
  };
}

/** It serves users who meet no requirement, so to ignore one would let them pass. */
const ASKED_IN_VAIN =
  "identify(request) takes no requirements: use authenticate(request, requirements); what a platform tells goes into " +
  "identify({ request, platform })";

const UNKNOWN_ADDRESS =
  "client(request): the client's address is not known: give a request with its socket, or name your proxies in " +
  'trustedProxies; on a Unix socket name "unix"; clientAddress must tell one address, or null: what it needs of the ' +
  "platform goes into client({ request, platform })";

async function prove<Claims extends object>(
  { auth, transport, rule }: Source<Claims>,
  arrived: ArrivedRequest,
  asked: Asked,
): Promise<Caller<Claims>> {
  const { head } = arrived;
  const headers = arrivedHeaders(head);
  const checkOrigin = asksForOrigin(asked);
  const token = transport.accessToken({ method: head.method, headers }, { checkOrigin });
  // Now, and not when a call needs it: a peer that goes away must not become a client without an address.
  const ip = rule.addressOf(arrived, headers) ?? null;
  const client = clientInfo({ ip, headers, requestId: rule.requestId(head) });
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
  return { ip, ...tellingHeaders(headers), ...(requestId !== undefined && { requestId }) };
}
