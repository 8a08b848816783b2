import { BlockList } from "node:net";
import { addressBits, normalizeAddress } from "../../domain/client-address.ts";
import type { AuthError } from "../../errors.ts";
import { UNIX_PEER } from "./peer-address.ts";

export interface ProxyList {
  /** One list for each family: an IPv6 range that begins with zeros would match every IPv4 address. */
  readonly ranges: Readonly<Record<Family, BlockList>>;
  /** Whether a peer on a Unix socket is a trusted proxy. */
  readonly unix: boolean;
}

interface Range {
  readonly address: string;
  readonly prefix: number;
}

type Refuse = (message: string) => AuthError;

const LOOPBACK: readonly Range[] = [
  { address: "127.0.0.0", prefix: 8 },
  { address: "::1", prefix: 128 },
];

/** Reads a list of trusted proxies, or throws the error that `refuse` makes of the reason. */
export function parseProxyList(list: unknown, refuse: Refuse): ProxyList {
  if (!Array.isArray(list)) throw refuse("trustedProxies must be a number or a list of addresses and ranges");
  if (list.length === 0) throw refuse("trustedProxies is empty: leave it out, or name your proxies");
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  const seen = new Set<string>();
  for (const [index, entry] of list.entries()) {
    const parsed = parseEntry(entry, (reason) => refuse(`trustedProxies.${index}: ${reason}`));
    const spelling = JSON.stringify(parsed);
    if (seen.has(spelling)) throw refuse(`trustedProxies.${index}: this entry is there twice: remove one`);
    seen.add(spelling);
    for (const { address, prefix } of parsed)
      ranges[family(address)].addSubnet(address, prefix, family(address));
  }
  return { ranges, unix: list.includes(UNIX_PEER) };
}

/** The ranges of one entry. A Unix socket has no range. */
function parseEntry(entry: unknown, refuse: Refuse): readonly Range[] {
  if (entry === UNIX_PEER) return [];
  if (entry === "loopback") return LOOPBACK;
  const [typed = "", length, ...rest] = typeof entry === "string" ? entry.split("/") : [];
  const address = rest.length === 0 ? readAddress(typed) : null;
  if (address === null)
    throw refuse('must be an address, a range such as "10.0.0.0/8", "loopback" or "unix"');
  const bits = addressBits(address);
  if (length === undefined) return [{ address, prefix: bits.length }];
  if (family(typed) !== family(address)) throw refuse("this is a range of IPv4: write it as IPv4");
  return [{ address, prefix: parsePrefix(length, bits, refuse) }];
}

// Only digits, dots and colons. A zone would be dropped, and a name would need a query.
function readAddress(typed: string): string | null {
  return /^[\da-f.:]+$/i.test(typed) ? normalizeAddress(typed) : null;
}

function parsePrefix(length: string, bits: string, refuse: Refuse): number {
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : Number.NaN;
  if (!(prefix <= bits.length)) throw refuse(`a range ends in /1 to /${bits.length} here`);
  if (prefix === 0) throw refuse("/0 trusts every address, and so every forged header: name your proxies");
  if (bits.includes("1", prefix))
    throw refuse("the address has bits beyond its range: write the first address of the range");
  return prefix;
}

type Family = "ipv4" | "ipv6";

export function family(address: string): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}
