// Makes the page more comfortable; everything works without it.

const form = document.querySelector("form");
const button = form?.querySelector("button");
const draft = draftOf(location.pathname);

if (document.querySelector("[data-final]")) draft.forget();

document.getElementById("summary")?.focus();

if (form && button) {
  if (button.dataset.sending) sendOnce(form, button);
  if (form.dataset.draft) keep(form);
  if ("look" in form.dataset) tellOfLook(form);
  for (const area of form.querySelectorAll("[data-limit]")) count(area);
}

/**
 * What was typed, in this browser alone, until it is sent or the survey has ended. A browser may refuse to keep anything.
 * What was kept for surveys that have ended since, and that nobody opened any more, goes too.
 */
function draftOf(path) {
  const prefix = "draft ";
  const key = prefix + path;
  const tried = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  const parsed = (name) => tried(() => JSON.parse(localStorage.getItem(name))) ?? {};
  tried(() => {
    for (const name of Object.keys(localStorage))
      if (name.startsWith(prefix) && !(Date.parse(parsed(name).expires) > Date.now()))
        localStorage.removeItem(name);
  });
  return {
    read: () => parsed(key).fields ?? [],
    write: (expires, fields) => tried(() => localStorage.setItem(key, JSON.stringify({ expires, fields }))),
    forget: () => tried(() => localStorage.removeItem(key)),
  };
}

/** Nothing typed is lost when sending fails, or when a phone drops the page behind another. What the link chose stays. */
function keep(form) {
  if (form.dataset.draft === "restore")
    for (const [name, value] of draft.read()) {
      const field = form.elements.namedItem(name);
      if (field && !field.value) field.value = value;
    }
  form.addEventListener("input", () => draft.write(form.dataset.expires, [...new FormData(form)]));
}

/** Says once that somebody looks, as soon as the page is seen: browsers also load what nobody will read. */
function tellOfLook(form) {
  const tell = () => {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", tell);
    // Whether it arrives is nobody's concern who reads.
    fetch(`${form.action.split("?")[0]}/opened`, { method: "POST", keepalive: true }).catch(() => undefined);
  };
  document.addEventListener("visibilitychange", tell);
  tell();
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
    button.textContent = button.dataset.sending;
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
    const number = Math.abs(left).toLocaleString(area.form.dataset.locale);
    const sentence = (left < 0 ? area.dataset.over : area.dataset.left).replace("{n}", number);
    shown.textContent = sentence;
    shown.classList.toggle("over", left < 0);
    clearTimeout(pause);
    if (left < limit / 10) pause = setTimeout(() => (said.textContent = sentence), 1000);
  };
  area.addEventListener("input", update);
  if (area.value) update();
}
