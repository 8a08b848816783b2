import { expect, test } from "vitest";
import { optionPaths } from "../docs/support/option-paths.ts";
import { codeSpans, section, tableRows } from "../docs/support/pages.ts";

const rowsOf = (heading: string) =>
  tableRows(section("docs/client.md", heading)).map(([name = ""]) => codeSpans(name)[0]);

test("each option of the types is documented, and no other", () => {
  const options = optionPaths("src/client/types.ts", "AuthClientOptions", /^$/);
  expect(rowsOf("Options of `createAuthClient`")).toEqual(options);
});
