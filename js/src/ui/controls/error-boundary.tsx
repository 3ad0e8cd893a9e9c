/** Keeps a fault, of ours or in what came from outside, to the part of the view that it is in. */

import { Component, type ComponentChildren } from "preact";

interface GuardProps {
  /** What stands in the place of the part that failed. */
  instead: (fault: unknown) => ComponentChildren;
  children: ComponentChildren;
}

export class Guard extends Component<GuardProps, { fault?: unknown }> {
  override state: { fault?: unknown } = {};

  static override getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault };
  }

  override render(): ComponentChildren {
    const { fault } = this.state;
    return fault === undefined ? this.props.children : this.props.instead(fault);
  }
}
