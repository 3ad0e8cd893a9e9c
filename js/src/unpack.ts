/** Opens the envelopes that the kernel sends. */

import { strFromU8, unzlibSync } from "fflate";
import type { Packed, Snapshot, WireVersion } from "./wire.gen";

/** The newest version of the contract that this page reads. The type makes `tsc` fail when the kernel's is another. */
export const WIRE_VERSION: WireVersion = 1;

/** The kernel speaks a version of the contract that this page does not know. */
export class NewerWire extends Error {
  constructor(version: number) {
    super(
      `This trace is in a newer form (version ${version}) than this page can show (version ${WIRE_VERSION}). ` +
        "Reload the page, or update ipy_llmtrace where Jupyter runs.",
    );
  }
}

/** The value in an envelope; its bytes stand in `deflate`, or in the message's first buffer. Throws `NewerWire`. */
export function unpack(packed: Packed, buffers: readonly DataView[] = []): unknown {
  refuseNewer(packed.v);
  const bytes = packed.deflate ?? buffers[0];
  const value = JSON.parse(bytes === undefined ? (packed.json ?? "null") : inflate(bytes));
  refuseNewer((value as { v?: number } | undefined)?.v);
  return value;
}

function inflate(bytes: DataView): string {
  return strFromU8(unzlibSync(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
}

function refuseNewer(version: number | undefined): void {
  if (version !== undefined && version > WIRE_VERSION) throw new NewerWire(version);
}

/** What a notebook kept may have been edited or cut: as much of its form as the view relies on. Throws. */
export function checked(value: unknown): Snapshot {
  const { seq, spans, notes, cell, summary } = (value ?? {}) as Partial<Snapshot>;
  const whole =
    typeof seq === "number" &&
    Array.isArray(notes) &&
    typeof cell?.label === "string" &&
    typeof summary?.state === "string" &&
    typeof summary.tokens === "object" &&
    Array.isArray(spans) &&
    spans.every((span) => typeof span?.row?.id === "string" && typeof span.row.start_ns === "number");
  if (!whole) throw new Error("what the notebook keeps of it is damaged");
  return value as Snapshot;
}
