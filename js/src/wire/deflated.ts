/** Text that the kernel, or the build, deflated with zlib. */

/** The most that bytes may inflate to: a small notebook file must not fill the page's memory. */
const MOST_BYTES = 100e6;

/** The bytes that stand in a text as base64. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Inflates UTF-8 text. Rejects damaged bytes, and those that inflate to too much. */
export function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  // An error of the bytes rejects these, too; the promise that this function returns reports it.
  for (const written of [writer.write(bytes), writer.close()]) written.catch(() => {});
  let inflated = 0;
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      inflated += piece.length;
      if (inflated > MOST_BYTES) throw new Error(`the text inflates to more than ${MOST_BYTES} bytes`);
      controller.enqueue(piece);
    },
  });
  return new Response(readable.pipeThrough(bounded)).text();
}
