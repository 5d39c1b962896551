/**
 * The list of what keys do on the board, and the switch for those that do it alone.
 * @module
 */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { singleKeysAreOn, switchSingleKeys } from "./keys.js";
import { TOOLS } from "./tools.js";

const isApple = /mac|iphone|ipad/i.test(navigator.platform ?? "");

/** What is told of, in the order of the list: keys, and the text's key. @returns {[keys: string[], text: string][]} */
function entries() {
  const tools = /** @type {import("./tools.js").ToolName[]} */ (Object.keys(TOOLS));
  const control = isApple ? "⌘" : "Ctrl";
  return [
    ...tools.map((tool) => /** @type {[string[], string]} */ ([[TOOLS[tool].key.toUpperCase()], t(`tool.${tool}`)])),
    [["?"], t("keys.title")],
    [[control, "Z"], t("keys.undo")],
    [[control, "⇧", "Z"], t("keys.redo")],
    [["⇧"], t("keys.even")],
    [[t("keys.space")], t("keys.space_text")],
    [["←", "↑", "→", "↓"], t("keys.arrows")],
    [["+", "−"], t("keys.zoom")],
    [["0"], t("board.fit")],
  ];
}

/** Shows the list until it is closed. */
export function showShortcuts() {
  const isOn = h("input", { type: "checkbox", class: "switch", name: "single_keys", checked: singleKeysAreOn() });
  isOn.addEventListener("change", () => switchSingleKeys(isOn.checked));
  const list = h("dl", { class: "keys" });
  for (const [keys, text] of entries()) list.append(h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, text));
  const dialog = h(
    "dialog",
    { class: "question shortcuts", "aria-labelledby": "shortcuts-title" },
    h("h2", { id: "shortcuts-title" }, t("keys.title")),
    list,
    h("label", { class: "menu-field" }, h("span", {}, t("keys.single")), isOn),
    h("div", { class: "row end" }, h("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, t("close"))),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
