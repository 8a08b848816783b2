/** Every database that the store is proven on. */
export const DATABASES = ["postgres", "mariadb", "pglite", "node-sqlite", "better-sqlite3"] as const;
export type DatabaseKind = (typeof DATABASES)[number];

/** Where the tests learn the address of a server. */
export const VARIABLES: Readonly<Record<string, string>> = {
  postgres: "POSTGRES_URL",
  mariadb: "MYSQL_URL",
  redis: "REDIS_URL",
};

/** What a missing server is called in a report; null: its address is known, or it needs none. */
export function absenceOf(service: string): string | null {
  const variable = VARIABLES[service];
  return variable === undefined || process.env[variable] ? null : `${service}: ${variable} is not set`;
}
