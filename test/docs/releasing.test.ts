import { expect, test } from "vitest";
import { type Release, releaseFaults } from "../../scripts/release-check.ts";
import { codeSpans, prose, readPage } from "./support/pages.ts";

const ADDRESSES = {
  repository: { type: "git", url: "git+https://code.example/sallyport.git" },
  homepage: "https://code.example/sallyport",
  bugs: { url: "https://code.example/sallyport/issues" },
};
const MANIFEST = { version: "0.1.0", ...ADDRESSES, publishConfig: { access: "public", provenance: true } };
const CHANGELOG = "# Changelog\n\n## [0.1.0] - 2026-12-01\n\nThe first.\n";

function release(manifest: object = {}, parts: Partial<Release> = {}): Release {
  const pages = { "README.md": "# Sallyport\n" };
  return { manifest: JSON.stringify({ ...MANIFEST, ...manifest }), changelog: CHANGELOG, pages, ...parts };
}

test("a release that has its addresses, its date and true pages may go out", () => {
  expect(releaseFaults(release())).toEqual([]);
});

test.each([
  ["repository.url", { repository: undefined }],
  ["repository.url", { repository: { type: "git", url: "git@code.example:sallyport.git" } }],
  ["homepage", { homepage: "" }],
  ["homepage", { homepage: "http://code.example" }],
  ["bugs.url", { bugs: undefined }],
  ["bugs.url", { bugs: { email: "security@code.example" } }],
  ["publishConfig.access", { publishConfig: { provenance: true } }],
  ["publishConfig.provenance", { publishConfig: { access: "public" } }],
  ["publishConfig.provenance", { publishConfig: { access: "public", provenance: "true" } }],
])("%s is demanded", (field, manifest) => {
  expect(releaseFaults(release(manifest))).toEqual([
    expect.stringMatching(`^package\\.json: ${field} must be`),
  ]);
});

test.each(["## [Unreleased]\n", "## [0.1.0]\n", "## [0.1.01] - 2026-12-01\n", "## [0x1.0] - 2026-12-01\n"])(
  "a changelog with %j alone has no section of this version",
  (changelog) => {
    const faults = releaseFaults(release({}, { changelog }));
    expect(faults).toEqual(["CHANGELOG.md: version 0.1.0 needs a section with its date"]);
  },
);

test.each([
  "Version 0.1.0 is not released yet.",
  "It is not on the registry yet.",
  "| 0.1.0 | Not released yet |",
])("a page that says %j is named", (text) => {
  const faults = releaseFaults(release({}, { pages: { "docs/quickstart.md": text } }));
  expect(faults).toEqual(["docs/quickstart.md: it says that this version is not released yet"]);
});

test("npm runs the check before it publishes, and not when it builds or packs", () => {
  const { scripts } = JSON.parse(readPage("package.json"));
  expect(scripts.prepublishOnly).toBe("npm run release:check");
  expect(scripts["release:check"]).toBe("node scripts/release-check.ts");
  expect(scripts.prepack + scripts.build).not.toContain("release");
});

test("the page of releasing names every field that the check demands", () => {
  const named = codeSpans(prose("docs/audit/releasing.md"));
  expect(named).toEqual(expect.arrayContaining([...Object.keys(ADDRESSES), "publishConfig"]));
});
