import { type HttpBody, MAX_BODY_BYTES } from "../../contract/message.ts";

/** A body must end this many milliseconds after its route was found. A slower client only holds a connection. */
const MAX_BODY_MS = 10_000;

/** What a body is read from. `next` may wait forever. */
export interface Chunks {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  /** Called after the last chunk that is wanted. */
  return?(): Promise<unknown>;
}

/** Reads a body. It stops as soon as the body is too large or too late. */
export async function readBounded(
  chunks: Chunks,
  contentLength: string | null | undefined,
): Promise<HttpBody> {
  if (Number(contentLength ?? 0) > MAX_BODY_BYTES) return { kind: "too_large" };
  const { promise: late, resolve } = Promise.withResolvers<HttpBody>();
  // It keeps the process alive: without a socket nothing else might, and the caller would never get an answer.
  const timer = setTimeout(() => resolve({ kind: "late" }), MAX_BODY_MS);
  try {
    return await Promise.race([collect(chunks), late]);
  } finally {
    clearTimeout(timer);
    void chunks.return?.().catch(() => {});
  }
}

async function collect(chunks: Chunks): Promise<HttpBody> {
  const read: Uint8Array[] = [];
  let size = 0;
  // Empty chunks count as well. A stream of nothing else would never let the timer run.
  while (size <= MAX_BODY_BYTES && read.length <= MAX_BODY_BYTES) {
    const { done, value } = await chunks.next();
    if (done || !value) return size === 0 ? { kind: "none" } : { kind: "bytes", bytes: Buffer.concat(read) };
    size += value.byteLength;
    read.push(value);
  }
  return { kind: "too_large" };
}
