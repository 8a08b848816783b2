/** Whether a text repeats a shorter one, whose last copy may be cut: `abcabcab`. */
export function repeatsItself(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) {
    if (text.startsWith(text.slice(period))) return true;
  }
  return false;
}
