/** A Python traceback in parts: frames of the reader's own code, and runs of frames of installed packages. */

export interface StackPart {
  readonly text: string;
  /** Of a run of frames in packages: how many, and in which packages. */
  readonly frames?: number;
  readonly packages?: readonly string[];
}

const FRAME = /^ {2}File "(.*)", line \d+/;
/** The package that a file is of, when it is installed and not the reader's own. */
const INSTALLED = /[\\/](?:site|dist)-packages[\\/]([^\\/.]+)/;
const STANDARD = /[\\/]lib[\\/]python3[^\\/]*[\\/](?!.*-packages)([^\\/.]+)|^<frozen ([^>.]+)/;

/** The parts, in order; joined by line breaks they are the stack again. */
export function stackParts(stack: string): StackPart[] {
  const parts: { lines: string[]; frames: number; packages: Set<string> }[] = [];
  let foreign = false;
  for (const line of stack.split("\n")) {
    const file = FRAME.exec(line)?.[1];
    const owner = file === undefined ? undefined : packageOf(file);
    // What is indented less than a frame's code is between frames: a message, or the head of another traceback.
    const inFrame = file !== undefined || line.startsWith("    ");
    const now: boolean = file === undefined ? foreign && inFrame : owner !== undefined;
    if (parts.length === 0 || now !== foreign) parts.push({ lines: [], frames: 0, packages: new Set() });
    foreign = now;
    const part = parts.at(-1);
    part?.lines.push(line);
    if (part === undefined || owner === undefined) continue;
    part.frames++;
    part.packages.add(owner);
  }
  return parts.map(({ lines, frames, packages }) => {
    const text = lines.join("\n");
    return frames === 0 ? { text } : { text, frames, packages: [...packages] };
  });
}

function packageOf(file: string): string | undefined {
  const [, installed] = INSTALLED.exec(file) ?? [];
  const [, standard, frozen] = STANDARD.exec(file) ?? [];
  return installed ?? standard ?? frozen;
}
