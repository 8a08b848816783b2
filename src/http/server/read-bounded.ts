import { type HttpBody, MAX_BODY_BYTES } from "../../contract/message.ts";

/** Reads a body. It stops as soon as the body is too large. */
export async function readBounded(
  stream: AsyncIterable<Uint8Array>,
  contentLength: string | null | undefined,
): Promise<HttpBody> {
  if (Number(contentLength ?? 0) > MAX_BODY_BYTES) return { kind: "too_large" };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) return { kind: "too_large" };
    chunks.push(chunk);
  }
  return size === 0 ? { kind: "none" } : { kind: "bytes", bytes: Buffer.concat(chunks) };
}
