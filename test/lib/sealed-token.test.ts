// Class: a MAC over texts that are only joined, so that one division of them passes for another (length extension of
// fields; AWS Signature version 1).
import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { sealedToken } from "../../src/lib/sealed-token.ts";

const HEAD = Buffer.from("a head of 23 bytes here");
const key = createSecretKey(randomBytes(32));

const made = (boundTo: readonly string[], keys: readonly KeyObject[] = [key]) =>
  sealedToken({ keys, boundTo, headBytes: HEAD.length });

test("a token opens with the texts that it was sealed with, and with no other division of their letters", () => {
  const token = made(["accounts", "shop"]).seal(HEAD, "ada@example.com");
  expect(made(["accounts", "shop"]).open(token, "ada@example.com")).toEqual(HEAD);
  const others: readonly (readonly [readonly string[], string])[] = [
    [["accounts", "shop"], "bob@example.com"],
    [["accounts", "shopa"], "da@example.com"],
    [["accountss", "hop"], "ada@example.com"],
    [["accounts", ""], "shopada@example.com"],
    [["", "accountsshop"], "ada@example.com"],
    [["shop", "accounts"], "ada@example.com"],
    [["accounts"], "shopada@example.com"],
    [["accounts", "shop", ""], "ada@example.com"],
  ];
  for (const [boundTo, context] of others) expect(made(boundTo).open(token, context)).toBeNull();
});

test("lengths count in bytes, and texts that look alike are different texts", () => {
  const token = made(["ä", "x"]).seal(HEAD);
  expect(made(["ä", "x"]).open(token)).toEqual(HEAD);
  for (const [issuer, audience] of [
    ["a\u0308", "x"],
    ["ä ", "x"],
    ["ä", "X"],
  ] as const) {
    expect(made([issuer, audience]).open(token)).toBeNull();
  }
});

test("no byte of a token may change, and a token of an older key opens while its key is listed", () => {
  const [older, newer] = [key, createSecretKey(randomBytes(32))];
  const token = made(["i", "a"]).seal(HEAD);
  expect(made(["i", "a"], [newer, older]).open(token)).toEqual(HEAD);
  expect(made(["i", "a"], [newer]).open(token)).toBeNull();
  const bytes = Buffer.from(token, "base64url");
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(made(["i", "a"]).open(changed.toString("base64url"))).toBeNull();
  }
});
