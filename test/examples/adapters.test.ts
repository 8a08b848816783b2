// What the adapters of servers have in common: each is thin, and decides nothing about authentication.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const EXAMPLES = new URL("../../examples/", import.meta.url);

const ADAPTERS: readonly (readonly [framework: string, files: readonly string[]])[] = [
  ["express", ["express/sallyport-express.ts", "shared/callers.ts"]],
  ["fastify", ["fastify/sallyport-fastify.ts", "fastify/sallyport-fastify-errors.ts", "shared/callers.ts"]],
  ["hono", ["hono/sallyport-hono.ts", "hono/sallyport-hono-answer.ts", "shared/callers.ts"]],
  ["next", ["next/sallyport-next.ts"]],
];

/** What an adapter cannot do without: Next.js tells a page its request by functions of its own. */
const CALLED: Readonly<Record<string, readonly string[]>> = {
  next: ["next/headers", "next/navigation", "react"],
};

/** Refusals of a framework, and of its bridge to Node, which have to be said in our format. */
const OF_THE_FRAMEWORK = [
  "malformed_request",
  "payload_too_large",
  "unsupported_media_type",
  "invalid_input",
  "unknown_field",
  "not_found",
  "internal_error",
];

describe.each(ADAPTERS)("sallyport/%s", (framework, files) => {
  const texts = files.map((file) => readFileSync(new URL(file, EXAMPLES), "utf8"));
  const sources = texts.map((text) => text.replaceAll(/^ *(?:\/\/|\/?\*).*$/gm, "")); // without comments

  test("each file has less than a hundred lines", () => {
    for (const source of texts) expect(source.trimEnd().split("\n").length).toBeLessThan(100);
  });

  test("it sees public entries alone, and the framework only as types", () => {
    const called = CALLED[framework] ?? [];
    const loaded = [
      "sallyport",
      "sallyport/http",
      ...called,
      ...files.map((file) => file.replace(/^.*\//, "")),
    ];
    for (const source of sources)
      for (const [, type, from = ""] of source.matchAll(/^(?:import|export)( type)? .*?from "([^"]+)";$/gms))
        if (from === framework) expect([from, type]).toEqual([from, " type"]);
        else expect(loaded).toContain(from.replace(/^\.\.?\/.*?([\w-]+\.ts)$/, "$1"));
  });

  test("it adds nothing to the types and the objects of the framework", () => {
    for (const source of sources)
      expect(source).not.toMatch(/\bdeclare (?:module|global)\b|decorate|\brequest\.\w+ = /);
  });

  test("it knows no verdict on a caller: no status, and no code but those of the framework's own refusals", () => {
    for (const source of sources) {
      expect(source).not.toMatch(/\b[1-5]\d\d\b/);
      const words = [...source.matchAll(/"([a-z]+(?:_[a-z]+)+|forbidden|unavailable|overloaded)"/g)];
      for (const [, word] of words) expect(OF_THE_FRAMEWORK).toContain(word);
      const others = source.replaceAll('"set-cookie"', ""); // a header of the handler's answer, passed on as it is
      expect(others).not.toMatch(/\bclaims\b|verifyToken|\.userId\b|[Aa]uthorization|[Cc]ookie/);
    }
  });
});
