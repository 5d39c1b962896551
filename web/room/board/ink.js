/**
 * Freehand lines as paths: smooth through their points, as wide as the pen was pressed. The geometry is the one the
 * server exports boards with, so that a picture looks like the board it was made of. Pure but for `Path2D`.
 * @module
 */

const FINEST = 3; // the curve between two points is drawn in pieces of about this length
const MOST_PIECES = 8;
const SHARP = 0.9; // cosine of the turn from which the outline gapes

/** @typedef {{x: number, y: number, radius: number}} Sample A point of a line and half its width there. */

/**
 * The points of a stroke, `{x, y, pressure}` each, out of any form a client may have sent.
 * @param {any} value `[[x, y, pressure?], …]`, `[{x, y, pressure?}, …]` or `[x, y, x, y, …]`
 */
export function pointsOf(value) {
  if (!Array.isArray(value)) return [];
  const pairs = typeof value[0] === "number" ? pairsOf(value) : value;
  return pairs.map(pointOf).filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
}

function pairsOf(flat) {
  return Array.from({ length: flat.length >> 1 }, (_, index) => [flat[2 * index], flat[2 * index + 1]]);
}

function pointOf(item) {
  if (Array.isArray(item)) return { x: Number(item[0]), y: Number(item[1]), pressure: pressureOf(item[2]) };
  return { x: Number(item?.x), y: Number(item?.y), pressure: pressureOf(item?.pressure ?? item?.p) };
}

function pressureOf(value) {
  return typeof value === "number" && Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) : null;
}

/**
 * How a line is drawn: `{path, discs, filled}`; what is not filled is stroked with the pen's width.
 * @param {{x: number, y: number, pressure: number | null}[]} line
 * @param {number} width
 */
export function inkPath(line, width) {
  const isPressed = line.length > 1 && new Set(line.map((point) => point.pressure)).size > 1;
  if (!isPressed) return { path: curve(line), discs: null, filled: false };
  const samples = smooth(line.map(({ x, y, pressure }) => ({ x, y, radius: (width * (0.5 + (pressure ?? 0.5))) / 2 })));
  return { path: outline(samples), discs: discs(samples), filled: true };
}

/** Quadratic curves from middle to middle with the points as handles: no corners, nothing overshoots. */
function curve(line) {
  const path = new Path2D();
  path.moveTo(line[0].x, line[0].y);
  for (let index = 1; index < line.length - 2; index += 1) {
    const [here, after] = [line[index], line[index + 1]];
    path.quadraticCurveTo(here.x, here.y, (here.x + after.x) / 2, (here.y + after.y) / 2);
  }
  const [handle, end] = [line.at(-2) ?? line[0], line.at(-1)];
  if (line.length > 2) path.quadraticCurveTo(handle.x, handle.y, end.x, end.y);
  else path.lineTo(end.x, end.y);
  return path;
}

/** @param {Sample[]} line @returns {Sample[]} */
function smooth(line) {
  const found = [line[0]];
  const last = line.length - 2;
  for (let index = 1; index <= last; index += 1) {
    const start = index === 1 ? line[0] : middle(line[index - 1], line[index]);
    const end = index === last ? line.at(-1) : middle(line[index], line[index + 1]);
    const pieces = Math.min(Math.max(Math.floor(Math.hypot(end.x - start.x, end.y - start.y) / FINEST), 1), MOST_PIECES);
    for (let step = 1; step <= pieces; step += 1) found.push(along(start, line[index], end, step / pieces));
  }
  if (line.length === 2) found.push(line[1]);
  return found;
}

function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, radius: (one.radius + other.radius) / 2 };
}

function along(start, handle, end, share) {
  const [one, two, three] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2];
  const mix = (name) => one * start[name] + two * handle[name] + three * end[name];
  return { x: mix("x"), y: mix("y"), radius: mix("radius") };
}

/** Along the left side of the line, and back along the right. */
function outline(line) {
  const [left, right] = [[], []];
  line.forEach((here, index) => {
    const [before, after] = [line[index - 1] ?? here, line[index + 1] ?? here];
    const [across, down] = [after.x - before.x, after.y - before.y];
    const length = Math.hypot(across, down);
    if (length === 0) return;
    const [out, up] = [(-down / length) * here.radius, (across / length) * here.radius];
    left.push([here.x + out, here.y + up]);
    right.push([here.x - out, here.y - up]);
  });
  const path = new Path2D();
  [...left, ...right.reverse()].forEach(([x, y], index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
  return path;
}

/** Discs for both ends and where the line turns sharply: a path of their own, in one they could cancel the outline out. */
function discs(line) {
  const path = new Path2D();
  line.forEach(({ x, y, radius }, index) => {
    if (index > 0 && index < line.length - 1 && !isSharp(line, index)) return;
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  });
  return path;
}

function isSharp(line, index) {
  const [before, here, after] = [line[index - 1], line[index], line[index + 1]];
  const [ax, ay] = [here.x - before.x, here.y - before.y];
  const [bx, by] = [after.x - here.x, after.y - here.y];
  return ax * bx + ay * by < SHARP * Math.hypot(ax, ay) * Math.hypot(bx, by);
}
