/** A hash of texts that strangers choose. Without the key no stranger knows which two of them meet. */
export type SlotHash = (text: string) => number;

const UNITS = 2; // of UTF-16, in a word
const FINAL_ROUNDS = 3;

/**
 * HalfSipHash-1-3 (Aumasson and Bernstein), with one word for two UTF-16 units. It has 32 bits, for hash tables.
 * It is too short for a secret.
 */
export function slotHash([first, second]: readonly [number, number]): SlotHash {
  return (text) => {
    let a = first;
    let b = second;
    let c = first ^ 0x6c796765;
    let d = second ^ 0x74656462;
    const end = text.length + FINAL_ROUNDS * UNITS;
    for (let index = 0; index < end; index += UNITS) {
      const pair = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16); // none is 0 here
      const word = index < text.length ? pair : text.length;
      d ^= word;
      a = (a + b) | 0;
      b = ((b << 5) | (b >>> 27)) ^ a;
      a = (a << 16) | (a >>> 16);
      c = (c + d) | 0;
      d = ((d << 8) | (d >>> 24)) ^ c;
      a = (a + d) | 0;
      d = ((d << 7) | (d >>> 25)) ^ a;
      c = (c + b) | 0;
      b = ((b << 13) | (b >>> 19)) ^ c;
      c = (c << 16) | (c >>> 16);
      a ^= word;
    }
    return (b ^ d) >>> 0;
  };
}
