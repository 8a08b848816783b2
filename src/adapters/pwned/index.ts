export { type PwnedPasswordsOptions, pwnedPasswords } from "./pwned-passwords.ts";
