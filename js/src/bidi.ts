/**
 * Characters that turn round the order of what follows them are shown by their codes, in every text of the view: a model
 * could make an address, or a name, look like another one. https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes
 */

import { options } from "preact";

const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

options.vnode = (node: { props: unknown }) => {
  // A text's node has the text in the place of properties.
  if (typeof node.props !== "string") return;
  node.props = node.props.replace(TURNS, (sign) => `‹U+${sign.charCodeAt(0).toString(16)}›`);
};
