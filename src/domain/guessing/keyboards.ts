/** Numbers are compared at every pair of characters, so a place is one number: the column, and 64 for each row. */
export const ROW = 64;

// Row by row, from the digits down; then the rows that differ with the shift key. US, German, French, Dvorak, Russian.
const LAYOUTS: readonly (readonly string[])[] = [
  ["`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "~!@#$%^&*()_+", "", ':"', "<>?"],
  ["^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-", '°!"§$%&/()=?`'],
  ["²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "wxcvbn,;:!", "~1234567890°+"],
  ["`1234567890[]", "',.pyfgcrl/=", "aoeuidhtns-", ";qjkxbmwvz"],
  ["ё1234567890-=", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю."],
];
const ROWS = 4;

/** Where each character is, on each layout. */
export const KEYBOARDS: readonly ReadonlyMap<string, number>[] = LAYOUTS.map(placesOf);

function placesOf(rows: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap((keys, index) => {
      const first = rows[index % ROWS] ?? "";
      // The keys with shift are the last ones of the row of letters.
      const indent = index > ROWS ? first.length - keys.length : 0;
      return [...keys].map((key, column): [string, number] => [key, column + indent + ROW * (index % ROWS)]);
    }),
  );
}
