/** What JSX becomes in the bundle: shorter there than what it becomes by itself. */

export { Fragment, h } from "preact";
