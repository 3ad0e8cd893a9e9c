// Properties that get short names in the bundle: of the view's own objects only. What crosses to the kernel, the host or the
// page, and what stands in texts that are read, has names that stay.
import { readFileSync } from "node:fs";

/** Long or frequent names of the view's own, which neither the kernel, the host nor the browser knows. */
const OWN = `
  above absent accept active ahead applyDelta applyDetail applySnapshot arrange arrangement arrived asked at_ms at_ns
  atEnd attach axis bare bodies branch changed childrenOf choose classes clock closed closes columns coming cost_pico count
  critical criticalPath deep depends depth dragged expect failed fault firstOf focuses focusSearch folds found
  frames from_ns giving goesToEnd goToEnd grows guard handOver hasChildren hasKernel hasLeft held holders idAt indexOfSpan
  insert inside inSight instead isLeftOut isLike isParent isRun isRunAt isRunning isShown isUnattached isUnpacking
  isWithin keep keyList lane lane_px last_ns latest_ns leader leaveOut left_out level letters levelAt listen loose
  marks most_rows moves nextOf node nots now_ns opened opens order outline p50_ns packages packs parentId parents
  parentSpan pause paused_ns pending pinned placement placeOf posinset previous printing priced problem query quoted
  read reading refusals resize reveal room row said seen selected setOpen setsize settle shape sight_px sign sorted
  sought spanAt spanId spare_rows squeeze squeezed store streamed sum_ns summaries sums tabs takesFeedback term titles to_ns total
  tree troubles turn turns unattached unpacked unsettled until_ns version view wanted with_tokens writeTo zero_ns zoom
`
  .trim()
  .split(/\s+/);
/** Names that only Preact and we know: its own short ones, and what it looks for in components. */
const PREACT = [
  ...["getDerivedStateFromError", "getDerivedStateFromProps", "getSnapshotBeforeUpdate", "getChildContext"],
  ...["componentDidCatch", "componentDidMount", "componentDidUpdate", "componentWillMount", "componentWillUnmount"],
  ...["componentWillReceiveProps", "componentWillUpdate", "shouldComponentUpdate", "debounceRendering", "forceUpdate"],
  ...["defaultProps", "current", "diffed", "props", "setState", "unmount", "vnode", "__[A-Za-z]", "_sb"],
];

const textOf = (file) => readFileSync(new URL(`src/${file}`, import.meta.url), "utf8");
const contract = textOf("wire/types.gen.ts");
const [ofNotebook] = textOf("host/notebook.ts").split("export interface Views");
const host = textOf("host/anywidget.ts") + ofNotebook;
const shared = OWN.filter(
  (name) => new RegExp(`\\b${name}"?\\??[:"]`).test(contract) || new RegExp(`\\b${name}\\??[:(]`).test(host),
);
if (shared.length > 0) throw new Error(`the kernel or the host knows these names, they must stay: ${shared}`);

/** For esbuild's `mangleProps`. The page without a kernel has it, too, so that its tests would show a name that must stay. */
export const SHORTENED = new RegExp(`^(${[...OWN, ...PREACT].join("|")})$`);
