/** The only source of time. `fakeClock` of `sallyport/testing` makes tests exact. */
export interface Clock {
  now(): Date;
}
