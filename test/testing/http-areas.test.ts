import { cookieHttpSuite, httpSuite } from "sallyport/testing";
import { expect, test } from "vitest";

const open = (): never => {
  throw new TypeError("no promise is asked here");
};

function titles(suite: (test: (title: string) => void) => void): readonly string[] {
  const found: string[] = [];
  suite((title) => found.push(title));
  return found;
}

test("a suite proves the areas that it is asked for, and without a word all of the core", () => {
  const all = titles((test) => httpSuite({ test, open }));
  const some = titles((test) => httpSuite({ test, open, areas: ["limits", "paths"] }));
  expect(all.length).toBeGreaterThan(some.length);
  expect([...some].sort()).toEqual(all.filter((title) => /^(?:limits|paths): /.test(title)).sort());
  const cookies = titles((test) =>
    cookieHttpSuite({ test, open, origin: "https://app.example", areas: ["cookies"] }),
  );
  expect(cookies.every((title) => title.startsWith("cookies: "))).toBe(true);
  const forms = titles((test) =>
    cookieHttpSuite({ test, open, origin: "https://app.example", signIn: "/door" }),
  );
  expect(forms.length).toBeGreaterThan(1);
  expect(forms.every((title) => title.startsWith("forms: "))).toBe(true);
});

test("an area that is not there is a mistake, not a suite without tests", () => {
  const areas = ["limit"] as unknown as readonly "limits"[];
  expect(() => httpSuite({ test: () => {}, open, areas })).toThrow("There is no area limit.");
});
