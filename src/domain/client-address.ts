import { isIP } from "node:net";

/** A key for an address limit; `scale` multiplies the rule's points. */
export interface AddressKey {
  readonly key: string;
  readonly scale: number;
}

/** The address without zone id, IPv4-mapped IPv6 unwrapped; null when it is not an address. */
export function normalizeAddress(ip: string): string | null {
  const bare = ip.replace(/%.*$/s, "");
  const version = isIP(bare);
  if (version === 4) return bare;
  if (version !== 6) return null;
  const groups = expandIpv6(bare);
  return mappedIpv4(groups) ?? groups.map((group) => group.toString(16)).join(":");
}

/**
 * The keys under which an address is counted: an IPv4 address whole; an IPv6 address by its /64, since
 * one customer holds at least that, and by its /48 at ten times the points, since many hold that.
 */
export function addressKeys(normalized: string): readonly AddressKey[] {
  if (!normalized.includes(":")) return [{ key: normalized, scale: 1 }];
  const groups = normalized.split(":");
  return [
    { key: `${groups.slice(0, 4).join(":")}::/64`, scale: 1 },
    { key: `${groups.slice(0, 3).join(":")}::/48`, scale: 10 },
  ];
}

function expandIpv6(ip: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
  const text = dotted ? `${dotted[1]}${toGroup(dotted[2], dotted[3])}:${toGroup(dotted[4], dotted[5])}` : ip;
  const [head = "", tail] = text.split("::");
  const left = head ? head.split(":") : [];
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

function toGroup(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}

function mappedIpv4(groups: readonly number[]): string | null {
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!mapped) return null;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
}
