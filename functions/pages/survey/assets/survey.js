// Makes the page more comfortable; everything works without it.

const form = document.querySelector("form");
const button = form?.querySelector("button");
const draft = draftOf(location.pathname);

if (document.querySelector("[data-final]")) draft.forget();

document.getElementById("summary")?.focus();

if (form && button) {
  sendOnce(form, button);
  if (form.dataset.draft) keep(form);
  for (const area of form.querySelectorAll("[data-limit]")) count(area);
}

/** What was typed, in this tab alone, until it is sent. A browser may refuse to keep anything. */
function draftOf(key) {
  const tried = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  return {
    read: () => tried(() => JSON.parse(sessionStorage.getItem(key))) ?? [],
    write: (fields) => tried(() => sessionStorage.setItem(key, JSON.stringify(fields))),
    forget: () => tried(() => sessionStorage.removeItem(key)),
  };
}

/** Nothing typed is lost when sending fails, or when a phone drops the page behind another. */
function keep(form) {
  if (form.dataset.draft === "restore")
    for (const [name, value] of draft.read()) {
      const field = form.elements.namedItem(name);
      if (field && !field.value) field.value = value;
    }
  form.addEventListener("input", () => draft.write([...new FormData(form)]));
}

/** A second press while the first is on its way sends nothing; after a while it may, should the first be lost. */
function sendOnce(form, button) {
  const label = button.textContent;
  let sentAt = Number.NEGATIVE_INFINITY;
  const ready = () => {
    sentAt = Number.NEGATIVE_INFINITY;
    button.textContent = label;
    button.removeAttribute("aria-disabled");
  };
  form.addEventListener("submit", (event) => {
    if (performance.now() - sentAt < 10_000) return event.preventDefault();
    sentAt = performance.now();
    button.textContent = "Sending…";
    button.setAttribute("aria-disabled", "true");
    setTimeout(ready, 10_000);
  });
  // Back from the next page, which the browser may have kept this one for.
  addEventListener("pageshow", ready);
}

/** Says how many characters are left: always to the eye, to the ear only near the end and after a pause. */
function count(area) {
  const limit = Number(area.dataset.limit);
  const shown = document.getElementById("limit");
  const said = document.getElementById("left");
  let pause;
  const update = () => {
    const left = limit - area.value.length;
    const sentence =
      left < 0
        ? `${(-left).toLocaleString("en")} characters too many`
        : `${left.toLocaleString("en")} characters left`;
    shown.textContent = sentence;
    shown.classList.toggle("over", left < 0);
    clearTimeout(pause);
    if (left < limit / 10) pause = setTimeout(() => (said.textContent = sentence), 1000);
  };
  area.addEventListener("input", update);
  if (area.value) update();
}
