// Stamped scans: a heap of files is dropped on the page; says how many were chosen before they are sent.

const form = document.querySelector("[data-scan-form]");
if (form) {
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-dropzone]");
  const chosen = form.querySelector("[data-chosen]");
  const show = () => {
    chosen.textContent = [...input.files].slice(0, 5).map((file) => file.name).join("、") + (input.files.length > 5 ? " …" : "")
      + (input.files.length ? ` (${input.files.length})` : "");
  };
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
    input.files = event.dataTransfer.files;
    show();
    form.querySelector("[type=submit]").focus();
    form.scrollIntoView({ block: "nearest" });
  });
  input.addEventListener("change", show);
}
