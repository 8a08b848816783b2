// The order of P-256 (FIPS 186-5; SEC 2, section 2.4.2), and the length of r and of s.
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = ORDER >> 1n;
const PART = 32;

/**
 * Whether an ES256 signature has the accepted one of its two spellings. If (r, s) is a valid signature, so is
 * (r, n - s). Anyone can turn one into the other, so a token would have two spellings.
 */
export function isLowS(signature: Uint8Array): boolean {
  return signature.length === 2 * PART && readS(signature) <= HALF_ORDER;
}

/** Returns the same signature in the spelling that `isLowS` accepts. */
export function toLowS(signature: Uint8Array): Uint8Array {
  if (isLowS(signature)) return signature;
  const s = (ORDER - readS(signature)).toString(16).padStart(2 * PART, "0");
  const low = Uint8Array.from(signature);
  for (let i = 0; i < PART; i++) low[PART + i] = Number.parseInt(s.slice(2 * i, 2 * i + 2), 16);
  return low;
}

function readS(signature: Uint8Array): bigint {
  let hex = "";
  for (const byte of signature.subarray(PART)) hex += byte.toString(16).padStart(2, "0");
  return BigInt(`0x${hex}`);
}
