/** The only source of time. A fake one (`sallyport/testing`) makes tests exact. */
export interface Clock {
  now(): Date;
}
