import { addressBits } from "../../domain/client-address.ts";

export type Family = "ipv4" | "ipv6";

export interface Range {
  /** Normalized, and the first one of the range. */
  readonly address: string;
  readonly prefix: number;
}

/** The addresses of IPv6 that the internet routes: 2000::/3. Private ones, as in fc00::/7, are not among them. */
const ROUTED_IPV6 = "001";

/** The largest share of the internet that one range may have: a /8 of IPv4, a /16 of IPv6. */
const WIDEST: Readonly<Record<Family, number>> = { ipv4: 2 ** -8, ipv6: 2 ** -13 };

/** The largest share that all ranges may have together: eight such ranges of IPv4, thirty-two of IPv6. */
const WIDEST_UNION: Readonly<Record<Family, number>> = { ipv4: 2 ** -5, ipv6: 2 ** -8 };

/** Whether a range is so wide that clients are in it, too. */
export function isTooWide(range: Range): boolean {
  return shareOf(bitsOf(range)) > WIDEST[family(range.address)];
}

/** Whether ranges are too wide together: two halves are the whole internet. An address in two ranges counts once. */
export function areTooWide(ranges: readonly Range[]): boolean {
  return (["ipv4", "ipv6"] as const).some((of) => {
    const own = ranges.filter(({ address }) => family(address) === of).map(bitsOf);
    return outermost(own).reduce((sum, bits) => sum + shareOf(bits), 0) > WIDEST_UNION[of];
  });
}

export function family(address: string): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** The family, and the bits that all addresses of a range begin with. */
interface Prefix {
  readonly of: Family;
  readonly bits: string;
}

function bitsOf({ address, prefix }: Range): Prefix {
  return { of: family(address), bits: addressBits(address).slice(0, prefix) };
}

/** The share of the internet's addresses that a range has. */
function shareOf({ of, bits }: Prefix): number {
  if (of === "ipv4") return 2 ** -bits.length;
  if (ROUTED_IPV6.startsWith(bits)) return 1;
  return bits.startsWith(ROUTED_IPV6) ? 2 ** (ROUTED_IPV6.length - bits.length) : 0;
}

/** Without the ranges that are inside another. In this order each range follows the one that holds it. */
function outermost(ranges: readonly Prefix[]): readonly Prefix[] {
  const kept: Prefix[] = [];
  for (const range of [...ranges].sort(byBits)) {
    const last = kept.at(-1);
    if (!last || !range.bits.startsWith(last.bits)) kept.push(range);
  }
  return kept;
}

function byBits(one: Prefix, other: Prefix): number {
  return one.bits < other.bits ? -1 : Number(one.bits > other.bits);
}
