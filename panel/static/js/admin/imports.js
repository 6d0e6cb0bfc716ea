// HR's pages of imports: a file is dropped on the page, and columns are dragged to where they belong. Without
// this file the file is chosen by its button, and columns by their drop-downs.

// --- upload ----------------------------------------------------------------------------------------

const form = document.querySelector("[data-import-form]");
if (form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-dropzone]");
  const submit = form.querySelector("[type=submit]");
  // The whole page takes the file: who misses the box would leave the page for the file's own.
  for (const type of ["dragenter", "dragover"]) {
    document.addEventListener(type, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      zone.classList.add("is-over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    const chosen = new DataTransfer();
    chosen.items.add(event.dataTransfer.files[0]);
    input.files = chosen.files;
    submit.focus();
    form.scrollIntoView({ block: "nearest" });
  });

  const round = form.querySelector("[data-round]");
  const select = round?.querySelector("select");
  const show = () => {
    const kind = form.querySelector("[name=kind]:checked");
    if (round) round.hidden = !(kind && "needsRound" in kind.dataset);
    for (const link of form.querySelectorAll("[data-round-link]")) {
      const url = new URL(link.href);
      if (select.value) url.searchParams.set("round", select.value);
      link.href = url;
    }
  };
  form.addEventListener("change", show);
  show();
}

// --- columns ---------------------------------------------------------------------------------------

const mapping = document.querySelector("[data-mapping]");
if (mapping) {
  const chips = [...mapping.querySelectorAll("[data-key]")];
  const selects = [...mapping.querySelectorAll("select[name=key]")];
  const mark = () => {
    const used = new Set(selects.map((select) => select.value));
    for (const chip of chips) chip.classList.toggle("is-used", used.has(chip.dataset.key));
    for (const select of selects) select.closest("[data-drop]").classList.toggle("is-mapped", select.value !== "");
  };
  for (const chip of chips) {
    chip.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", chip.dataset.key);
      event.dataTransfer.effectAllowed = "link";
    });
  }
  for (const row of mapping.querySelectorAll("[data-drop]")) {
    row.addEventListener("dragover", (event) => {
      event.preventDefault();
      row.classList.add("is-over");
    });
    row.addEventListener("dragleave", () => row.classList.remove("is-over"));
    row.addEventListener("drop", (event) => {
      event.preventDefault();
      row.classList.remove("is-over");
      const key = event.dataTransfer.getData("text/plain");
      const select = row.querySelector("select");
      if (![...select.options].some((option) => option.value === key)) return;
      // A column means one thing: the column that had it before has none now.
      for (const other of selects) if (other !== select && other.value === key) other.value = "";
      select.value = key;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  mapping.addEventListener("change", mark);
  mark();
}
