import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLowS, toLowS } from "../../src/tokens/low-s.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF = ORDER / 2n;

const bytesOf = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
const signature = (r: bigint, s: bigint): Uint8Array => new Uint8Array([...bytesOf(r), ...bytesOf(s)]);
const part = (max = ORDER - 1n): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: 1n, max }),
    fc.bigInt({ min: 1n, max: 2n ** 64n }), // with leading zeros
    fc.bigInt({ min: 0n, max: 2n ** 64n }).map((distance) => max - distance),
  );

describe("of the two spellings of an ES256 signature", () => {
  test("exactly one is low, and both become that one", () => {
    fc.assert(
      fc.property(part(), part(), (r, s) => {
        const twins = [signature(r, s), signature(r, ORDER - s)];
        const low = signature(r, s <= HALF ? s : ORDER - s);
        expect(twins.filter(isLowS)).toEqual([low]);
        expect(twins.map(toLowS)).toEqual([low, low]);
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  test("r is left as it is, zeros in front included, and what was given is not written into", () => {
    fc.assert(
      fc.property(part(), part(), (r, s) => {
        const given = signature(r, s);
        expect(toLowS(given).subarray(0, 32)).toEqual(signature(r, s).subarray(0, 32));
        expect(given).toEqual(signature(r, s));
      }),
    );
  });

  test.each([
    ["1", 1n, true],
    ["half of the order", HALF, true],
    ["one more than half", HALF + 1n, false],
    ["one less than the order", ORDER - 1n, false],
    ["the order, which no signature has", ORDER, false],
  ])("an s of %s is judged to the last bit", (_what, s, isLow) => {
    expect(isLowS(signature(1n, s))).toBe(isLow);
  });

  test.each([0, 32, 63, 65, 96])("a signature of %i bytes is refused", (length) => {
    expect(isLowS(new Uint8Array(length))).toBe(false);
  });
});
