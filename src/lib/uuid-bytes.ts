const UUID_BYTES = 16;

/** Writes a UUID into 16 bytes. */
export function writeUuid(into: Buffer, uuid: string, at: number): void {
  into.write(uuid.replaceAll("-", ""), at, "hex");
}

/** Reads a UUID in its one spelling from 16 bytes. */
export function readUuid(from: Buffer, at: number): string {
  const hex = from.toString("hex", at, at + UUID_BYTES);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return parts.join("-");
}
