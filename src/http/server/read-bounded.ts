import { isBytes } from "../../contract/body.ts";
import { type HttpBody, MAX_BODY_BYTES } from "../../contract/message.ts";

/** A body must end this many milliseconds after its route was found. A slower client only holds a connection. */
const MAX_BODY_MS = 10_000;

/** A read that has begun. It may never end. */
export interface Reading {
  readonly body: Promise<HttpBody>;
  /** Called when no more is wanted. */
  stop?(): void;
}

/** Reads a body. It stops as soon as the body is too large or too late. */
export async function readBounded(
  contentLength: string | null | undefined,
  begin: () => Reading,
): Promise<HttpBody> {
  if (Number(contentLength ?? 0) > MAX_BODY_BYTES) return { kind: "too_large" };
  const { promise: late, resolve } = Promise.withResolvers<HttpBody>();
  // It keeps the process alive: without a socket nothing else might, and the caller would never get an answer.
  const timer = setTimeout(() => resolve({ kind: "late" }), MAX_BODY_MS);
  const reading = begin();
  try {
    return await Promise.race([reading.body, late]);
  } finally {
    clearTimeout(timer);
    reading.stop?.();
  }
}

export interface Chunks {
  /** Takes one more. Answers the body as soon as no more is wanted, and null before. */
  add(chunk: unknown): HttpBody | null;
  end(): HttpBody;
}

export function chunks(): Chunks {
  const read: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk) {
      if (!isBytes(chunk)) return { kind: "consumed" }; // other code has decoded it
      size += chunk.byteLength;
      read.push(chunk);
      // Empty chunks count as well. A stream of nothing else would never let the timer run.
      return size > MAX_BODY_BYTES || read.length > MAX_BODY_BYTES ? { kind: "too_large" } : null;
    },
    end: () => (size === 0 ? { kind: "none" } : { kind: "bytes", bytes: Buffer.concat(read) }),
  };
}
