import { isIPv4, isIPv6 } from "node:net";
import { normalizeAddress } from "../../domain/client-address.ts";
import { isOfOneHost } from "./one-host.ts";

const IPV4 = /^(?<address>[\d.]+)(?::(?<port>\d{1,5}))?$/;
const BARE_IPV4 = /^(?<address>[\d.]+)$/;
const IPV6 = /^(?<address>[\da-f:.]+)(?:%[\w.~-]+)?$/i;
const BRACKETED = /^\[(?<address>[\da-f:.]+)(?:%[\w.~-]+)?\](?::(?<port>\d{1,5}))?$/i;

/** `IPv4`, `IPv4:port`, `IPv6`, `[IPv6]` or `[IPv6]:port`, as a normalized address; else null. */
export function hopAddress(hop: string): string | null {
  return read(hop, IPV4, isIPv4) ?? read(hop, IPV6, isIPv6) ?? read(hop, BRACKETED, isIPv6);
}

/** `IPv4` or `IPv6`, as a normalized address; else null. */
export function bareAddress(text: string): string | null {
  return read(text, BARE_IPV4, isIPv4) ?? read(text, IPV6, isIPv6);
}

function read(hop: string, pattern: RegExp, isAddress: (text: string) => boolean): string | null {
  const { address = "", port = "0" } = pattern.exec(hop)?.groups ?? {};
  const normalized = isAddress(address) && Number(port) <= 65_535 ? normalizeAddress(address) : null;
  return normalized !== null && isOfOneHost(normalized) ? normalized : null;
}
