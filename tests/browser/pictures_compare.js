// The share of a cell's drawn pixels that look the same on both, for every cell.
async ({ svg, view, state, cell, columns, count }) => {
  const { drawBoard } = await import("/web/room/board/stack.js");
  const [width, height] = [view.right - view.left, view.bottom - view.top];
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${svg}`;
  await image.decode();
  const pixels = (draw) => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    draw(context);
    return context;
  };
  const exported = pixels((context) => context.drawImage(image, 0, 0, width, height));
  const shown = pixels((context) => {
    context.translate(-view.left, -view.top);
    drawBoard(context, state);
  });
  return Array.from({ length: count }, (_, index) => {
    const at = [(index % columns) * cell - view.left, Math.floor(index / columns) * cell - view.top, cell, cell];
    const [one, other] = [exported, shown].map((context) => context.getImageData(...at).data);
    let [drawn, alike] = [0, 0];
    for (let byte = 0; byte < one.length; byte += 4) {
      const isDrawn = [one, other].some((data) => data[byte] + data[byte + 1] + data[byte + 2] < 740);
      const apart = Math.max(...[0, 1, 2].map((part) => Math.abs(one[byte + part] - other[byte + part])));
      drawn += isDrawn;
      alike += isDrawn && apart < 64;
    }
    return drawn && alike / drawn;
  });
}
