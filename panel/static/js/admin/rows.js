// Rows of the panel's pages of accounts: one-time passwords are copied, rows of roles added and dropped.

import { toast } from "../shared/speak.js";

// --- slips with one-time passwords -----------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy-rows]");
  if (!copy) return;
  const rows = [...document.querySelectorAll(`${copy.dataset.copyRows} tr`)];
  const text = rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    toast(copy.dataset.copied);
  } catch {
    toast(copy.dataset.failed, true);
  }
});

// --- roles of an account: rows are added from a template -------------------------------------------

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-row]");
  if (add) {
    const list = document.querySelector(add.dataset.addRow);
    const row = document.querySelector(add.dataset.template).content.firstElementChild.cloneNode(true);
    list.append(row);
    row.querySelector("select, input")?.focus();
  }
  const drop = event.target.closest("[data-drop-row]");
  if (drop) drop.closest("[data-row]").remove();
});
