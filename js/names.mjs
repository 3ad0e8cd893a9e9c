// Properties that get short names in the bundle: of the view's own objects only. What crosses to the kernel, the host or the
// page, and what stands in texts that are read, has names that stay.
import { readFileSync } from "node:fs";

/** Long or frequent names of the view's own, which neither the kernel, the host nor the browser knows. */
const OWN = [
  ...["active", "arrangement", "at_ns", "axis", "critical", "criticalPath", "folds", "hasChildren", "inSight"],
  ...["indexOfSpan", "isParent", "keyList", "last_ns", "moves", "node", "now_ns", "outline", "parentSpan"],
  ...["paused_ns", "posinset", "reading", "selected", "setsize", "shape", "spanAt", "squeezed", "store"],
  ...["sums", "tree", "view", "at_ms", "giving", "squeeze", "classes", "fault", "lane_px", "focusSearch", "unsettled"],
  ...["isRunAt", "levelAt", "goThere", "titles", "spanId", "dragged", "p50_ns", "sum_ns", "expect", "writeTo"],
  ...[
    "absent",
    "clock",
    "left_out",
    "takesFeedback",
    "instead",
    "depends",
    "arrange",
    "keep",
    "turns",
    "quoted",
    "isShown",
    "parents",
    "isRun",
    "turn",
    "problem",
    "version",
    "most_rows",
    "zero_ns",
    "refusals",
    "branch",
    "above",
    "wanted",
    "holders",
    "deep",
  ],
];
/** Names that only Preact and we know: its own short ones, and what it looks for in components. */
const PREACT = [
  ...["getDerivedStateFromError", "getDerivedStateFromProps", "getSnapshotBeforeUpdate", "getChildContext"],
  ...["componentDidCatch", "componentDidMount", "componentDidUpdate", "componentWillMount", "componentWillUnmount"],
  ...["componentWillReceiveProps", "componentWillUpdate", "shouldComponentUpdate", "debounceRendering", "forceUpdate"],
  ...["defaultProps", "current", "diffed", "props", "unmount", "vnode", "__[A-Za-z]", "_sb"],
];

const contract = readFileSync(new URL("src/wire.gen.ts", import.meta.url), "utf8");
const shared = OWN.filter((name) => new RegExp(`\\b${name}"?\\??[:"]`).test(contract));
if (shared.length > 0) throw new Error(`the kernel knows these names, they must stay: ${shared}`);

/** For esbuild's `mangleProps`. The page without a kernel has it, too, so that its tests would show a name that must stay. */
export const SHORTENED = new RegExp(`^(${[...OWN, ...PREACT].join("|")})$`);
