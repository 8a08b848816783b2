import { globSync } from "node:fs";
import { expect, test } from "vitest";
import { MOUNTS } from "./servers.ts";
import { isAskedEverywhere, PARTS, PROBES, promisesOf, WHOLE } from "./suite/asked.ts";

const askedOf = (name: string): readonly string[] => promisesOf(name).map(([title]) => title);

test("three mounts are asked everything, and the others what they may decide", () => {
  const [whole = [], ...others] = WHOLE.map(askedOf);
  expect(whole.length).toBeGreaterThan(100);
  expect(others).toEqual([whole, whole]);
  const everywhere = whole.filter(isAskedEverywhere);
  expect(everywhere).toEqual(expect.arrayContaining([...PROBES]));
  const rest = Object.keys(MOUNTS).filter((name) => !WHOLE.includes(name));
  expect(rest.map(askedOf)).toEqual(rest.map(() => everywhere));
});

test("the files of the suite ask every part", () => {
  const files = globSync("part-*.test.ts", { cwd: `${import.meta.dirname}/suite` });
  expect(files.sort()).toEqual(Array.from({ length: PARTS }, (_, part) => `part-${part}.test.ts`));
});
