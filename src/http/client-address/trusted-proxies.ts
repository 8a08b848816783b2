import type { HttpHeaders } from "../../contract/message.ts";
import { normalizeAddress } from "../../domain/client-address.ts";
import { type AuthError, misconfigured } from "../../errors.ts";
import { type ForwardedHeader, hopsFromRight } from "./forwarded-hops.ts";
import { NO_SOCKET, UNIX_PEER } from "./peer-address.ts";
import { type ProxyList, parseProxyList } from "./proxy-list.ts";
import { family } from "./range-width.ts";

export interface ProxyOptions {
  /**
   * The proxies whose header tells the client's address. A list: addresses, CIDR ranges, `"loopback"`,
   * `"unix"`. A number from 1 to 10: how many proxies every request passes. By default no proxy is trusted,
   * and no header is read.
   */
  readonly trustedProxies?: number | readonly string[] | undefined;
  /** The header that your proxies write. Default `"x-forwarded-for"`. */
  readonly forwardedHeader?: ForwardedHeader | undefined;
}

/**
 * Finds the client's address, from the peer's address and its headers. The address is normalized.
 * `undefined`: it is not known. A peer that is neither an address nor one of the words for none comes back as it is.
 */
export type ResolveClient = (peer: Peer, headers: HttpHeaders) => Peer;

type Peer = string | null | undefined;

/** Whether the header of this address is believed. `hops` counts from the peer. */
type Trusts = (address: string, hops: number) => boolean;

const MAX_HOP_COUNT = 10;
/** No chain of proxies is longer, but a header can be. */
const MAX_HOPS = 32;
/** Node 20 silently drops further header lines. The proxy's line may be one of them. */
const MAX_HEADER_LINES = 1000;

/** Makes the rule that finds the client of a request. Throws `invalid_configuration` for an unsafe one. */
export function clientResolver({ trustedProxies, forwardedHeader }: ProxyOptions): ResolveClient {
  const header = parseForwardedHeader(forwardedHeader);
  if (trustedProxies === undefined) {
    if (forwardedHeader !== undefined)
      throw unsafe("forwardedHeader needs trustedProxies: name your proxies, too");
    return (peer) => addressOf(peer);
  }
  const trusts = parseTrusted(trustedProxies);
  return (peer, headers) => {
    const known = hasNoAddress(peer) ? peer : normalizeAddress(peer ?? "");
    if (known === null) return peer;
    return addressOf(walk(known, trusts, isWhole(headers) ? hopsFromRight(headers, header) : []));
  };
}

/** Goes from the peer to the left, as long as the address that names the next one is trusted. */
function walk(peer: string, trusts: Trusts, hops: Iterable<string | null>): string {
  let known = peer;
  let walked = 0;
  for (const hop of hops) {
    // If the element is not an address, the last trusted one stays.
    if (hop === null || walked === MAX_HOPS || !trusts(known, walked)) break;
    known = hop;
    walked++;
  }
  return known;
}

function addressOf(known: Peer): Peer {
  if (hasNoAddress(known)) return undefined; // and no header names one
  return typeof known === "string" ? (normalizeAddress(known) ?? known) : known;
}

function hasNoAddress(peer: Peer): peer is string {
  return peer === UNIX_PEER || peer === NO_SOCKET;
}

function isWhole(headers: HttpHeaders): boolean {
  const lines = Object.values(headers).reduce(
    (sum, value) => sum + (typeof value === "object" ? value.length : 1),
    0,
  );
  return lines < MAX_HEADER_LINES;
}

function parseTrusted(trusted: number | readonly string[]): Trusts {
  if (typeof trusted === "number") {
    if (Number.isInteger(trusted) && trusted >= 1 && trusted <= MAX_HOP_COUNT)
      return (_address, hops) => hops < trusted;
    throw unsafe(`trustedProxies: a number of proxies must be whole, from 1 to ${MAX_HOP_COUNT}`);
  }
  const { ranges, unix } = parseProxyList(trusted, unsafe);
  // A list tells trusted peers from others. Without a socket they cannot be told apart, unless there is one kind.
  const isAlone = unix && trusted.length === 1;
  return (address) => {
    if (hasNoAddress(address)) return address === UNIX_PEER ? unix : isAlone;
    return isWithin(ranges, address);
  };
}

// Both are normalized: an IPv4 address that came as IPv6 is compared with the IPv4 ranges.
function isWithin(ranges: ProxyList["ranges"], address: string): boolean {
  return ranges[family(address)].check(address, family(address));
}

function parseForwardedHeader(header: ForwardedHeader = "x-forwarded-for"): ForwardedHeader {
  if (header === "x-forwarded-for" || header === "forwarded") return header;
  throw unsafe('forwardedHeader must be "x-forwarded-for" or "forwarded", the one that your proxies write');
}

function unsafe(message: string): AuthError {
  return misconfigured(`createHandler: ${message}`);
}
