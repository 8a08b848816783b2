import { addressBits } from "../../domain/client-address.ts";

/** The first bits of the addresses that no host has: unspecified, multicast and broadcast (RFC 6890, RFC 4291). */
const OF_NO_HOST: readonly string[] = ["0".repeat(8), "1110", "1".repeat(32)];
const OF_NO_HOST_IPV6: readonly string[] = ["0".repeat(128), "1".repeat(8)];

/** Whether a normalized address can be that of one host, and so of a client or a proxy. */
export function isOfOneHost(normalized: string): boolean {
  const bits = addressBits(normalized);
  const starts = bits.length === 32 ? OF_NO_HOST : OF_NO_HOST_IPV6;
  return !starts.some((start) => bits.startsWith(start));
}
