/** The one node: broker, controller, and coordinator of every group. */
export const NODE_ID = 0;
