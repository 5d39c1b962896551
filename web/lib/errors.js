/**
 * What the client throws.
 * @module
 */

/** Something that cannot be done; `code` is stable, the message is for people. */
export class LessonroomError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = "LessonroomError";
    this.code = code;
  }
}
