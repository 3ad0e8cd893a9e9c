/** Stands behind what was asked of the kernel. The page cannot tell whether the kernel is busy: it may run another cell. */
export const BUSY_KERNEL = "; a busy kernel answers when its cell has finished. ";
