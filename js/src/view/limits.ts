/** Sizes that the reader may change, and their bounds. */

export const ROW_PX = 26;

/** The share of the width that the tree takes beside the details, in percent. */
export const SPLIT_PERCENT = { least: 25, usual: 45, most: 75 };

/** How many rows of the tree are in sight before it scrolls. */
export const ROWS_IN_SIGHT = { least: 4, usual: 16, most: 60 };

export const boundedRows = (rows: number): number =>
  Math.min(ROWS_IN_SIGHT.most, Math.max(ROWS_IN_SIGHT.least, Math.round(rows)));

export const boundedSplit = (percent: number): number =>
  Math.min(SPLIT_PERCENT.most, Math.max(SPLIT_PERCENT.least, Math.round(percent * 10) / 10));
