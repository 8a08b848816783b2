import type { HttpHeaders } from "../../contract/message.ts";
import { normalizeAddress } from "../../domain/client-address.ts";
import { AuthError } from "../../errors.ts";
import { type ForwardedHeader, hopsFromRight } from "./forwarded-hops.ts";
import { UNIX_PEER } from "./peer-address.ts";
import { family, type ProxyList, parseProxyList } from "./proxy-list.ts";

export interface ProxyOptions {
  /**
   * The proxies whose word about their client is taken. A list: addresses, CIDR ranges, `"loopback"`,
   * `"unix"`. A number: how many of them every request comes through, 1 to 10. Default: none, and no header
   * is read.
   */
  readonly trustedProxies?: number | readonly string[] | undefined;
  /** The one header that they write. Default `"x-forwarded-for"`. */
  readonly forwardedHeader?: ForwardedHeader | undefined;
}

/**
 * Says who the client is, of the peer and the headers it sent. An address is in its one spelling.
 * `undefined`: not known. What is neither an address nor `"unix"` comes back as it is.
 */
export type ResolveClient = (peer: Peer, headers: HttpHeaders) => Peer;

type Peer = string | null | undefined;

/** Whether the word of one who stands so many hops before the peer is taken. */
type Trusts = (address: string, hops: number) => boolean;

const MAX_HOP_COUNT = 10;
/** No chain of proxies is longer; a header may be. */
const MAX_HOPS = 32;
/** Node 20 drops the lines of a request after these without a word: the proxy's may be among them. */
const MAX_HEADER_LINES = 1000;

/** Makes the rule by which every client is known. Throws `invalid_configuration` for one that is not safe. */
export function clientResolver({ trustedProxies, forwardedHeader }: ProxyOptions): ResolveClient {
  const header = parseForwardedHeader(forwardedHeader);
  if (trustedProxies === undefined) {
    if (forwardedHeader !== undefined)
      throw unsafe("forwardedHeader goes with trustedProxies: name them too");
    return (peer) => addressOf(peer);
  }
  const trusts = parseTrusted(trustedProxies);
  return (peer, headers) => {
    const known = peer === UNIX_PEER ? peer : normalizeAddress(peer ?? "");
    if (known === null) return peer;
    return addressOf(walk(known, trusts, isWhole(headers) ? hopsFromRight(headers, header) : []));
  };
}

/** From the peer to the left, for as long as who says the next address is trusted. */
function walk(peer: string, trusts: Trusts, hops: Iterable<string | null>): string {
  let known = peer;
  let walked = 0;
  for (const hop of hops) {
    // What is no address is nobody's: the last one that was told in truth stays.
    if (hop === null || walked === MAX_HOPS || !trusts(known, walked)) break;
    known = hop;
    walked++;
  }
  return known;
}

function addressOf(known: Peer): Peer {
  if (known === UNIX_PEER) return undefined; // it has no address, and no header told one
  return typeof known === "string" ? (normalizeAddress(known) ?? known) : known;
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
  return (address) => (address === UNIX_PEER ? unix : isWithin(ranges, address));
}

// Both are in their one spelling: an IPv4 address that came as IPv6 is judged by the IPv4 ranges.
function isWithin(ranges: ProxyList["ranges"], address: string): boolean {
  return ranges[family(address)].check(address, family(address));
}

function parseForwardedHeader(header: ForwardedHeader = "x-forwarded-for"): ForwardedHeader {
  if (header === "x-forwarded-for" || header === "forwarded") return header;
  throw unsafe('forwardedHeader must be "x-forwarded-for" or "forwarded", the one that your proxies write');
}

function unsafe(message: string): AuthError {
  return new AuthError("invalid_configuration", { message: `createHandler: ${message}` });
}
