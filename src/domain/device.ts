/** The random id of a known device. Its device token holds it. */
export type Device = string;
