/** The kernel's clock, as far as the page can know it: theirs may differ by seconds when the kernel is elsewhere. */

export class Clock {
  #ahead_ms: number | undefined;

  constructor(readonly origin_ms: number) {}

  /**
   * Learns from a message that tells of a moment `latest_ns` after the origin and came at `received_ms`. What arrives
   * fastest tells most, so the largest difference counts; one under a second is the way here, not the clocks.
   */
  observe(latest_ns: number, received_ms: number): void {
    const ahead_ms = this.origin_ms + latest_ns / 1e6 - received_ms;
    const settled_ms = ahead_ms < 0 && ahead_ms > -1000 ? 0 : ahead_ms;
    this.#ahead_ms = this.#ahead_ms === undefined ? settled_ms : Math.max(this.#ahead_ms, settled_ms);
  }

  /** Nanoseconds after the origin at the page's time `page_ms`. */
  now_ns(page_ms: number): number {
    return Math.max(0, (page_ms + (this.#ahead_ms ?? 0) - this.origin_ms) * 1e6);
  }
}
