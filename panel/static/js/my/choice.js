// The pages where an application is started or its choice changed: only levels and specialities that fit the
// other choices can be taken (G07), and another unit is found by name, pinyin or credit code (G04). The server
// checks all of it again.

import { Refusal, get, patiently } from "../shared/server.js";

function chosen(form, name) {
  return form.querySelector(`[name=${name}]:checked, [type=hidden][name=${name}]`)?.value ?? "";
}

function fit(form) {
  const wanted = `${chosen(form, "kind")}:${form.querySelector("[name=exceptional]")?.checked ? 1 : 0}`;
  const levels = [...form.querySelectorAll("[data-fits]")];
  for (const label of levels) {
    const fits = label.dataset.fits.split(" ").includes(wanted);
    const input = label.querySelector("input");
    label.hidden = !fits;
    input.disabled = !fits;
    if (!fits) input.checked = false;
  }
  const left = levels.filter((label) => !label.hidden);
  if (left.length === 1) left[0].querySelector("input").checked = true;
  const committee = chosen(form, "committee");
  for (const option of form.querySelectorAll("option[data-committees]")) {
    option.hidden = option.disabled = Boolean(committee) && !option.dataset.committees.split(" ").includes(committee);
  }
}

function searchable(box) {
  const input = box.querySelector("[data-unit-search]");
  if (!input) return;
  const results = box.querySelector("[data-unit-results]");
  let timer;
  let last = "";
  const search = async () => {
    const typed = input.value.trim();
    last = typed;
    if (!typed) {
      results.replaceChildren();
      return;
    }
    const url = `${input.dataset.unitSearch}&q=${encodeURIComponent(typed)}`;
    // What was typed since is searched for by itself.
    const units = await patiently(() => (last === typed ? get(url) : [])).catch(refused);
    if (last !== typed || !units) return;
    if (!units.length) results.textContent = results.dataset.none;
    else results.replaceChildren(...units.map((unit) => button(unit)));
  };
  const refused = (error) => {
    if (!(error instanceof Refusal)) throw error;
    results.textContent = error.message;
  };
  const button = (unit) => {
    const choose = document.createElement("button");
    choose.type = "button";
    choose.className = "btn btn-sm";
    choose.textContent = [unit.name, unit.credit_code].filter(Boolean).join(" · ");
    choose.addEventListener("click", () => {
      box.querySelector("[data-unit-id]").value = unit.id;
      box.querySelector("[data-unit-name]").textContent = unit.name;
      const code = box.querySelector("[data-unit-code]");
      if (code) code.textContent = unit.credit_code;
      results.replaceChildren();
      input.value = "";
      box.querySelector("details").open = false;
      box.querySelector("summary").focus();
    });
    return choose;
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 250);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

for (const place of document.querySelectorAll("[data-choice]")) {
  const form = place.closest("form");
  form.addEventListener("change", () => fit(form));
  fit(form);
  for (const box of place.querySelectorAll("[data-unit]")) searchable(box);
}
