import type { HttpHeaders } from "../../contract/message.ts";
import type { ResolveClient } from "./trusted-proxies.ts";

/** The headers by which proxies name the client. */
const FORWARDING = ["x-forwarded-for", "x-real-ip", "forwarded"] as const;

/**
 * Calls `report` once when a request has a forwarding header that does not count: then a proxy may be there that
 * `trustedProxies` does not name, and all of its clients share one address. A request without a socket has no address
 * that they could share.
 */
export function reportingIgnored(resolve: ResolveClient, report: () => void): ResolveClient {
  let isReported = false;
  return (peer, headers) => {
    const client = resolve(peer, headers);
    if (!isReported && namesAnother(headers, client) && client === resolve(peer, {})) {
      isReported = true;
      report();
    }
    return client;
  };
}

function namesAnother(headers: HttpHeaders, client: unknown): boolean {
  if (client === undefined) return false;
  return FORWARDING.some(
    (name) => headers[name] !== undefined && !String(headers[name]).includes(String(client)),
  );
}
