import { BlockList } from "node:net";
import { addressBits, normalizeAddress } from "../../domain/client-address.ts";
import type { AuthError } from "../../errors.ts";
import { isOfOneHost } from "./one-host.ts";
import { UNIX_PEER } from "./peer-address.ts";
import { areTooWide, type Family, family, isTooWide, type Range } from "./range-width.ts";

export interface ProxyList {
  /** One list for each family: an IPv6 range that begins with zeros would match every IPv4 address. */
  readonly ranges: Readonly<Record<Family, BlockList>>;
  /** Whether a peer on a Unix socket is a trusted proxy. */
  readonly unix: boolean;
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
  const ranges = parseEntries(list, refuse);
  if (areTooWide(ranges)) throw refuse(`trustedProxies: together these ranges are too wide: ${CLIENTS_TOO}`);
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefix } of ranges)
    lists[family(address)].addSubnet(address, prefix, family(address));
  return { ranges: lists, unix: list.includes(UNIX_PEER) };
}

const CLIENTS_TOO = "clients have such addresses, and could write any address: name your proxies";

function parseEntries(list: readonly unknown[], refuse: Refuse): readonly Range[] {
  const seen = new Set<string>();
  return list.flatMap((entry, index) => {
    const parsed = parseEntry(entry, (reason) => refuse(`trustedProxies.${index}: ${reason}`));
    const spelling = JSON.stringify(parsed);
    if (seen.has(spelling)) throw refuse(`trustedProxies.${index}: this entry is there twice: remove one`);
    seen.add(spelling);
    return parsed;
  });
}

/** The ranges of one entry. A Unix socket has no range. */
function parseEntry(entry: unknown, refuse: Refuse): readonly Range[] {
  if (entry === UNIX_PEER) return [];
  if (entry === "loopback") return LOOPBACK;
  const [typed = "", length, ...rest] = typeof entry === "string" ? entry.split("/") : [];
  const address = rest.length === 0 ? readAddress(typed) : null;
  if (address === null)
    throw refuse('must be an address, a range such as "10.0.0.0/8", "loopback" or "unix"');
  if (length === undefined) return [parseSingle(address, refuse)];
  if (family(typed) !== family(address)) throw refuse("this is a range of IPv4: write it as IPv4");
  const range = { address, prefix: parsePrefix(length, address, refuse) };
  if (isTooWide(range)) throw refuse(`this range is too wide: ${CLIENTS_TOO}`);
  return [range];
}

function parseSingle(address: string, refuse: Refuse): Range {
  if (!isOfOneHost(address)) throw refuse("no proxy has this address: name your proxies");
  return { address, prefix: addressBits(address).length };
}

// Only digits, dots and colons. A zone would be dropped, and a name would need a query.
function readAddress(typed: string): string | null {
  return /^[\da-f.:]+$/i.test(typed) ? normalizeAddress(typed) : null;
}

/** A wider range than a /8 of IPv4, or than the private /7 of IPv6, has no use. */
const SHORTEST: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 7 };

function parsePrefix(length: string, address: string, refuse: Refuse): number {
  const bits = addressBits(address);
  const shortest = SHORTEST[family(address)];
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : Number.NaN;
  if (prefix === 0) throw refuse("/0 trusts every address, and so every forged header: name your proxies");
  if (prefix < shortest) throw refuse(`this range is too wide: ${CLIENTS_TOO}`);
  if (!(prefix <= bits.length)) throw refuse(`a range ends in /${shortest} to /${bits.length} here`);
  if (bits.includes("1", prefix))
    throw refuse("the address has bits beyond its range: write the first address of the range");
  return prefix;
}
