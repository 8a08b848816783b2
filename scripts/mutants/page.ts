import { MUTANTS } from "./all.ts";

export const PAGE = "docs/audit/security.md";
export const HEADING = "What the tests stop";

/** The table of docs/audit/security.md: each guarantee, and the edits that its tests stop. */
export function mutantTable(): string {
  const guarantees = [...new Set(MUTANTS.map(({ guarantee }) => guarantee))];
  const rows = guarantees.map((guarantee) => {
    const edits = MUTANTS.filter((mutant) => mutant.guarantee === guarantee).map(({ edit }) => edit);
    return `| ${guarantee} | ${edits.length} | ${edits.join("; ")} |`;
  });
  return ["| Guarantee | Edits | What each edit does |", "|---|---|---|", ...rows].join("\n");
}

/** The page with the present table. */
export function withTable(page: string): string {
  const start = page.indexOf(`## ${HEADING}\n`);
  const from = page.indexOf("| Guarantee | Edits |", start);
  if (start < 0 || from < 0) throw new TypeError(`${PAGE} has no section "${HEADING}" with a table`);
  const end = /\n(?!\|)/.exec(page.slice(from));
  return page.slice(0, from) + mutantTable() + (end ? page.slice(from + end.index) : "\n");
}
