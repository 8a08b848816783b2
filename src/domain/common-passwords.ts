/** The case-folded passwords that guessing starts with. Loaded at the first use: most processes that verify tokens never need it. */
export async function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  const { COMMON_PASSWORDS } = await import("./common-passwords.generated.ts");
  return new Set(COMMON_PASSWORDS.split(" "));
}
