/**
 * How a lesson and the people in it stand, for those who only need to know so much. Pure.
 * @module
 */

const OVER = new Set(["completed", "terminated", "expired"]);
const HERE = new Set(["connected", "reconnecting"]);

/** Whether nothing more will happen in a lesson. @param {{status: string}} session */
export function isOver({ status }) {
  return OVER.has(status);
}

/** Whether somebody is in the lesson, or about to be back. @param {{status: string}} participant */
export function isHere({ status }) {
  return HERE.has(status);
}
