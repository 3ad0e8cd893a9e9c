/**
 * Which nodes of the page show which rows. A row that stays in sight keeps its node; after a jump, those that come take over
 * the nodes of those that have gone, which costs half of making new ones.
 */
export class Seats {
  #seats = new Map<string, number>();
  #made = 0;

  /**
   * Gives each row a seat, by the rows' ids from top to bottom. None is taken over while one `holds` the focus: nodes are
   * moved for it in the page, and a node that is moved loses the focus.
   */
  assign(ids: readonly string[], holds: boolean | undefined): void {
    const shown = new Set(ids);
    const free: number[] = [];
    for (const [id, seat] of this.#seats) if (!shown.has(id)) free.push(seat);
    const staying = ids.filter((id) => this.#seats.has(id)).length;
    // Where most stay, the nodes would have to be moved past them in the page, which costs more than it saves.
    if (holds || 2 * staying > ids.length) free.length = 0;
    let taken = 0;
    this.#seats = new Map(ids.map((id) => [id, this.#seats.get(id) ?? free[taken++] ?? this.#made++]));
  }

  of(id: string): number | undefined {
    return this.#seats.get(id);
  }
}
