import { isIPv4, isIPv6 } from "node:net";

/** A key for an address limit; `scale` multiplies the rule's points. */
export interface AddressKey {
  readonly key: string;
  readonly scale: number;
}

/**
 * The address in its one spelling (RFC 5952), without zone id, with IPv4-mapped IPv6 as IPv4. Null: not an
 * address.
 */
export function normalizeAddress(ip: string): string | null {
  if (isIPv4(ip)) return ip;
  const bare = withoutZone(ip);
  if (!isIPv6(bare)) return null;
  const compressed = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed);
  return mapped ? dotted(mapped[1] as string, mapped[2] as string) : compressed;
}

/** The name of an interface. It holds no list: in `::6%, 203.0.113.7` a client must not choose the address. */
const ZONE = /^%[^%,;\s/"]+$/;

function withoutZone(ip: string): string {
  const end = ip.indexOf("%");
  return end >= 0 && ZONE.test(ip.slice(end)) ? ip.slice(0, end) : ip;
}

/**
 * The networks around an IPv6 address that are counted, with their multiples of the points, widest first. A customer
 * holds a /64 or a /48, a provider a /32. Above the /48, each 8 bits have four times the points. So the customers of a
 * provider have room. But the holder of a whole /32 makes at most 160 times the points of counters in a window.
 */
const NETWORKS = [
  { bits: 32, scale: 160 },
  { bits: 40, scale: 40 },
  { bits: 48, scale: 10 },
  { bits: 64, scale: 1 },
] as const;

/** The keys under which a normalised address is counted. An IPv4 address has one key, an IPv6 address one a network. */
export function addressKeys(normalized: string): readonly AddressKey[] {
  if (!normalized.includes(":")) return [{ key: normalized, scale: 1 }];
  const groups = expand(normalized);
  // The widest first: when its points are used up, it must not make a counter for each network within.
  return NETWORKS.map(({ bits, scale }) => ({ key: network(groups, bits), scale }));
}

/** The first bits of an address, a multiple of 8, as a network. */
function network(groups: readonly string[], bits: number): string {
  const kept = groups.slice(0, Math.ceil(bits / 16));
  const last = Number.parseInt(kept.at(-1) as string, 16);
  if (bits % 16 !== 0) kept[kept.length - 1] = (last & 0xff00).toString(16);
  return `${kept.join(":")}::/${bits}`;
}

/** The bits of a normalised address, from the left: 32 or 128 characters of `0` and `1`. */
export function addressBits(normalized: string): string {
  const [parts, radix, width] = normalized.includes(":")
    ? [expand(normalized), 16, 16]
    : [normalized.split("."), 10, 8];
  return parts.map((part) => Number.parseInt(part, radix).toString(2).padStart(width, "0")).join("");
}

function dotted(...groups: readonly string[]): string {
  const bytes = groups
    .map((group) => Number.parseInt(group, 16))
    .flatMap((value) => [value >> 8, value & 0xff]);
  return bytes.join(".");
}

/** The eight groups of a compressed address. */
function expand(compressed: string): readonly string[] {
  const [head = "", tail] = compressed.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  return [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
}
