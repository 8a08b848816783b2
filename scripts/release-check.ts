// What a release needs and a build does not: the addresses of the project, and pages that say what is published. npm runs
// it before `npm publish`. docs/audit/releasing.md has the steps.
import { globSync, readFileSync } from "node:fs";

const USER_PAGES = ["README.md", "SECURITY.md", "docs/*.md", "docs/frameworks/*.md"];

export interface Release {
  /** The text of `package.json`. */
  readonly manifest: string;
  readonly changelog: string;
  /** The pages of the package, by path. */
  readonly pages: Readonly<Record<string, string>>;
}

/** What is missing for a release, one sentence each. */
export function releaseFaults({ manifest, changelog, pages }: Release): readonly string[] {
  const { version, repository, homepage, bugs, publishConfig } = JSON.parse(manifest);
  const addresses = { "repository.url": repository?.url, homepage, "bugs.url": bugs?.url };
  const missing = Object.entries(addresses).filter(([, url]) => !isAddress(url));
  const early = Object.entries(pages).filter(([, text]) =>
    /not (?:released|on the registry) yet/i.test(text),
  );
  const heading = `## [${version}] - `;
  const dates = changelog.split("\n").filter((line) => line.startsWith(heading));
  const isDated = dates.some((line) => /^\d{4}-\d{2}-\d{2}$/.test(line.slice(heading.length)));
  return [
    ...missing.map(([field]) => `package.json: ${field} must be an address that begins with https://`),
    ...(publishConfig?.access === "public" ? [] : ['package.json: publishConfig.access must be "public"']),
    ...(publishConfig?.provenance === true ? [] : ["package.json: publishConfig.provenance must be true"]),
    ...(isDated ? [] : [`CHANGELOG.md: version ${version} needs a section with its date`]),
    ...early.map(([page]) => `${page}: it says that this version is not released yet`),
  ];
}

function isAddress(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && /^(?:git\+)?https:\/\//.test(value);
}

if (import.meta.main) {
  const read = (path: string): string => readFileSync(path, "utf8");
  const pages = Object.fromEntries(globSync(USER_PAGES).map((path) => [path, read(path)]));
  const release = { manifest: read("package.json"), changelog: read("CHANGELOG.md"), pages };
  const faults = releaseFaults(release);
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
