/** Whether a text is a shorter one over and over, its last copy perhaps cut: `abcabcab`. */
export function repeatsItself(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
