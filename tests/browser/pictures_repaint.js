// A large board is changed and moved at random, and painted as it goes. Returns the seeds whose pictures are not what they would be if all were painted anew.
async ([seeds, allowed]) => {
  const { Painter } = await import("/web/room/board/painter.js");
  const { Viewport } = await import("/web/room/board/viewport.js");
  const { drawElements } = await import("/web/room/board/stack.js");
  const [width, height] = [500, 400];
  const differing = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    let state = seed * 7919;
    const random = (most) => (state = (state * 16807) % 2147483647) % most;
    let last = 0;
    const element = () => {
      const [x, y, id] = [random(500), random(400), (last += 1)];
      const color = ["#dc2626", "#2563eb", "#1e293b"][random(3)];
      if (random(5) === 0) return { id, type: "ellipse", x, y, width: 80, height: 50, rotation: random(90), fill: color, opacity: 0.5 };
      if (random(4) === 0) return { id, type: "text", x, y, text: "WWWWW", fontSize: 20, color };
      const points = Array.from({ length: 40 }, () => [x + random(60), y + random(60), random(100) / 100]);
      return { id, color, size: 1 + random(9), tool: random(4) ? "pen" : "highlighter", points };
    };
    let elements = Array.from({ length: random(2) ? 900 : 30 }, element);
    const faded = new Map();
    const viewport = new Viewport();
    viewport.resize(width, height);
    viewport.pan(-250, -200);
    const ink = { tone: (colour) => colour, paper: "#ffffff" };
    const picture = () => ({ stack: { elements, faded }, ink, viewport });
    const painter = new Painter(picture, () => {});
    painter.resize(width, height, 1);
    for (let step = 0; step < 40; step += 1) {
      const at = random(elements.length);
      const what = random(step < 20 ? 7 : 5); // in the end only what is painted in parts
      if (what < 2) elements = [...elements, element()];
      else if (what === 2) elements = elements.filter((_, index) => index !== at);
      else if (what === 3) elements = elements.map((each, index) => (index === at ? { ...each, color: "#16a34a" } : each));
      else if (what === 4) elements = [...elements.slice(0, at), element(), ...elements.slice(at)];
      else if (what === 5) viewport.pan(random(60) - 30, random(60) - 30);
      else viewport.zoom(0.8 + random(50) / 100);
      painter.paint();
    }
    for (let frame = 0; frame < 60; frame += 1) painter.paint();
    const whole = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
    viewport.applyTo(whole, 1);
    drawElements(whole, elements, { faded }, ink);
    const [one, other] = [painter.canvas.getContext("2d"), whole].map((context) => context.getImageData(0, 0, width, height).data);
    let apart = 0; // a clipped line's edge may come out a little lighter or darker
    for (let index = 0; index < one.length; index += 1) apart += Math.abs(one[index] - other[index]) > 64;
    if (apart > allowed) differing.push([seed, apart]);
  }
  return differing;
}
