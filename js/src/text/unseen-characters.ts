/**
 * Characters that are not seen are shown by their codes, in every text and tooltip of the view; the static forms
 * (render/format.py) show the same ones. Some turn round the order of what follows: a model could make an address, or a name,
 * look like another one. https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes Others, tags above all, hold what
 * only another model reads. What emoji and scripts need stays: the tags of a flag, joiners and selectors of variants.
 */

import { options } from "preact";

const UNSEEN =
  /[\p{DI}\u2028\u2029\ufff9-\ufffb](?!\u20e3)(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]{1,6}|(\P{DI}(?<![ -~\s])|\ufe0f)[\p{Join_C}\p{VS}])/gu;

export const visible = (text: string): string =>
  text.replace(UNSEEN, (sign) => `‹U+${sign.codePointAt(0)?.toString(16)}›`);

options.vnode = (node: { props: unknown }) => {
  // A text's node has the text in the place of properties.
  if (typeof node.props === "string") node.props = visible(node.props);
  else {
    const props = node.props as { title?: string };
    props.title &&= visible(props.title);
  }
};
