/**
 * A button that opens a small menu below it.
 * @module
 */

import { h } from "./dom.js";

let count = 0;

/**
 * Gives `button` a menu that is filled anew by `fill(menu, close)` each time it opens.
 * @param {HTMLButtonElement} button
 * @param {(menu: HTMLElement, close: () => void) => void} fill
 */
export function menuFor(button, fill) {
  count += 1;
  const menu = h("div", { class: "menu", id: `menu-${count}`, popover: "auto", role: "group" });
  const close = () => menu.hidePopover();
  menu.setAttribute("aria-label", button.getAttribute("aria-label") ?? button.textContent);
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", menu.id);
  // The browser toggles it: by ourselves, the click that closes it as one outside of it would open it again.
  button.popoverTargetElement = menu;
  button.addEventListener("click", () => menu.isConnected || button.after(menu));
  menu.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    menu.replaceChildren();
    fill(menu, close);
  });
  const replace = () => place(menu, button);
  menu.addEventListener("toggle", (/** @type {ToggleEvent} */ event) => {
    const isOpen = event.newState === "open";
    if (isOpen) addEventListener("resize", replace);
    else removeEventListener("resize", replace);
    button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return menu.remove();
    place(menu, button);
    /** @type {HTMLElement | null} */ (menu.querySelector("button, input, select"))?.focus();
  });
  return menu;
}

/** @param {HTMLElement} menu @param {HTMLElement} button */
function place(menu, button) {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = at.bottom + 6 + size.height <= innerHeight;
  const left = Math.min(Math.max(8, at.right - size.width), innerWidth - size.width - 8);
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - 6 - size.height)}px`;
}

/** An entry of a menu. @param {string} label @param {() => void} onclick @param {import("./dom.js").Attributes} [attributes] */
export function menuItem(label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "menu-item", ...attributes, onclick }, label);
}
