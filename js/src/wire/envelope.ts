/** Opens the envelopes that the kernel sends. */

import { fromBase64, inflate } from "./deflated";
import { isText } from "./shapes";
import type { Chunk, Columns, Packed, Snapshot, WireVersion } from "./types.gen";

/** The newest version of the contract that this page reads. The type makes `tsc` fail when the kernel's is another. */
export const WIRE_VERSION: WireVersion = 2;

/** Its message is a sentence for the reader. */
export class Unreadable extends Error {}

/** The kernel speaks a version of the contract that this page does not know. */
export class NewerWire extends Unreadable {
  constructor(version: number) {
    super(
      `This trace is in a newer form (version ${version}) than this page can show (version ${WIRE_VERSION}). ` +
        "Reload the page, or update ipy_llmtrace where Jupyter runs.",
    );
  }
}

/** Details that came together, a line of JSON each. */
export interface DetailChunk {
  readonly count: number;
  /** Inflates them, at once or in a while. */
  lines(): readonly string[] | Promise<readonly string[]>;
}

export interface Unpacked {
  readonly value: unknown;
  /** Details, which stay packed. */
  readonly details: readonly DetailChunk[];
}

export interface Kept {
  readonly snapshot: Snapshot;
  readonly details: readonly DetailChunk[];
}

/** What is in an envelope; its bytes stand in it, or are the message's buffers. A promise when it is deflated. Throws `NewerWire`. */
export function unpack(packed: Packed, buffers: readonly DataView[] = []): Unpacked | Promise<Unpacked> {
  refuseNewer(packed.v);
  const deflated = packed.deflate ?? buffers[0];
  const details = packed.details ?? buffers[1];
  if (deflated === undefined) return read(packed.json ?? "null", details);
  return inflate(bytesOf(deflated)).then((json) => read(json, details));
}

function read(json: string, details: DataView | string | undefined): Unpacked {
  const end = json.indexOf("\n");
  const value = JSON.parse(end < 0 ? json : json.slice(0, end)) as { v?: number; chunks?: Chunk[] } | null;
  refuseNewer(value?.v);
  if (details !== undefined) return { value, details: deflatedChunks(bytesOf(details), value?.chunks ?? []) };
  if (end < 0) return { value, details: [] };
  const lines = json.slice(end + 1);
  return { value, details: [{ count: lines.split("\n").length, lines: () => lines.split("\n") }] };
}

function deflatedChunks(bytes: Uint8Array<ArrayBuffer>, chunks: readonly Chunk[]): DetailChunk[] {
  let from = 0;
  return chunks.map(({ details, bytes: length }) => {
    const chunk = bytes.subarray(from, from + length);
    from += length;
    return { count: details, lines: async () => (await inflate(chunk)).split("\n") };
  });
}

const bytesOf = (data: DataView | string): Uint8Array<ArrayBuffer> =>
  isText(data) ? fromBase64(data) : new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);

function refuseNewer(version: number | undefined): void {
  if (version !== undefined && version > WIRE_VERSION) throw new NewerWire(version);
}

/** The snapshot in an envelope, which a notebook may have kept, and then it may have been edited or cut. Throws `Unreadable`. */
export function unpackSnapshot(packed: Packed): Kept | Promise<Kept> {
  const whole = ({ value, details }: Unpacked): Kept => ({ snapshot: checked(value), details });
  try {
    const unpacked = unpack(packed);
    return unpacked instanceof Promise ? unpacked.then(whole).catch(refuse) : whole(unpacked);
  } catch (error) {
    return refuse(error);
  }
}

function refuse(error: unknown): never {
  if (error instanceof Unreadable) throw error;
  throw new Unreadable("This trace cannot be shown: what the notebook keeps of it is damaged. Run the cell again.");
}

/** As much of a snapshot's form as the view relies on. Throws. */
function checked(value: unknown): Snapshot {
  const { seq, rows, notes, cell, summary } = (value ?? {}) as Partial<Snapshot>;
  const whole =
    typeof seq === "number" &&
    Array.isArray(notes) &&
    isText(cell?.label) &&
    isText(summary?.state) &&
    typeof summary.tokens === "object" &&
    isWhole(rows);
  if (!whole) throw new Error();
  return value as Snapshot;
}

function isWhole(rows: Columns | undefined): boolean {
  return (
    Array.isArray(rows?.id) &&
    Array.isArray(rows.texts) &&
    rows.id.every(isText) &&
    [rows.start_ns, rows.trace, rows.name, rows.type].every(
      (column) => Array.isArray(column) && column.length === rows.id.length && column.every(Number.isFinite),
    )
  );
}
