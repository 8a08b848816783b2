/** How often a property is tried: a few times, or as often as `FUZZ_RUNS` says to those who search for more. */
export function fuzzRuns(few: number): number {
  return Number(process.env["FUZZ_RUNS"] ?? few);
}
