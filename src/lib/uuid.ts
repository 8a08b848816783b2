const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a UUID in its one spelling: lower case (RFC 9562, section 4). */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}
