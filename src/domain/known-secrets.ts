/** Secrets of 32 and more bytes from tutorials, specifications and default configurations, in lower case. */
export const PUBLISHED_SECRETS: readonly string[] = [
  "a-string-secret-at-least-256-bits-long",
  "super-secret-jwt-token-with-at-least-32-characters-long",
  "your-super-secret-jwt-token-with-at-least-32-characters-long",
  "better-auth-secret-12345678901234567890",
  "abcdefghijklmnopqrstuvwxyz123456",
  "abcdefghijklmnopqrstuvwxyz1234567890",
  "0123456789abcdef0123456789abcdef",
  "your-secret-key-change-in-production",
  "your-secret-key-change-this-in-production",
  "your_jwt_secret_key_change_in_production",
  "this-is-a-very-long-secret-key-for-development-only",
  // Tutorials of FastAPI, Flask, jose, and of JWTs with Spring.
  "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
  "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
  "cc7e0d44fd473002f1c42167459001140ec6389b7353f8088f4d9a95f2f596f2",
  "404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",
  "5367566b59703373367639792f423f4528482b4d6251655468576d5a71347437",
  // The symmetric keys of RFC 7515, A.1, and of RFC 7520, 3.5.
  "aym1sysppbydfgzld3umj1qzkobwvmkoqq-estjqlr_t-1qs0gzh75aktmn3yj0ips4hcguutwjazzr1z9caow",
  "hjtxiz2usn5kbqfbttnwbpdmhkv8fjg-onbc6mxccyg",
];

/** What placeholders say: words that no random secret holds. */
export const PLACEHOLDER_WORDS: readonly string[] = [
  "secret",
  "geheim",
  "password",
  "passwort",
  "passphrase",
  "change",
  "example",
  "placeholder",
  "replace",
  "default",
  "insecure",
  "unsafe",
  "production",
  "development",
  "staging",
  "testing",
  "generate",
  "openssl",
  "random",
  "characters",
  "minimum",
  "sallyport",
  "signing",
  "supersecure",
  "keyboard",
  "lorem ipsum",
  "private",
  "session",
  "cookie",
  "please",
  "something",
];

/** The words between. None of them has the letters of hexadecimal digits alone. */
export const FILLING_WORDS: readonly string[] = (
  "key keys jwt jws hmac hash token tokens auth oauth login user users admin app apps application api web website " +
  "server service backend node express fastify next react vue laravel rails django flask spring docker compose " +
  "the this that these there here with from into for not and but are was you your mine our its his her who why how " +
  "use used using make made must should will would can could need needs want has have put set get let see say " +
  "very super really ultra mega long longer strong secure safe safety hidden private public local localhost test " +
  "tests demo dev prod env live temp todo fixme value string text bits bytes base64 hex sha256 hs256 least more than " +
  "some any every each one two three four five six seven eight nine ten first last new old good best great happy " +
  "company name site shop store blog project team game chat mail house home world year month today tomorrow day " +
  "king queen love sign signed signature access refresh cookie session nextauth jsonwebtoken"
).split(" ");
