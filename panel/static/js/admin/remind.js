// The page that sends reminders: a click on a place's word puts it where the cursor is.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const field = document.getElementById(button.dataset.into);
  const [start, end] = [field.selectionStart, field.selectionEnd];
  const word = button.dataset.insert;
  if (field.value.length - (end - start) + word.length > field.maxLength) return;
  field.setRangeText(word, start, end, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
