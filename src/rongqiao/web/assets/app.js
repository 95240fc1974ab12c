import htmx from "htmx.org";
window.htmx = htmx;
const root = document.documentElement;

const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "rqdark" : "rqlight")) === "rqdark";
const acts = {
  theme() {
    root.dataset.theme = isDark() ? "rqlight" : "rqdark";
    try { localStorage.theme = root.dataset.theme } catch {}
    dispatchEvent(new Event("themechange"));
  },
  open(button) { document.getElementById(button.dataset.dialog)?.showModal() },
  close(button) { button.closest("dialog")?.close() },
  print() { window.print() },
};
document.addEventListener("click", event => {
  const button = event.target.closest("[data-act]");
  if (button) acts[button.dataset.act]?.(button);
});

// A form that writes is sent once: a second click finds the button busy. The server's key is the real guard.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return }
  form.dataset.sent = "1";
  const button = event.submitter;
  button?.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(form => {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-disabled]").forEach(button => button.removeAttribute("aria-disabled"));
}));

// A range and the number beside it are one value.
document.addEventListener("input", event => {
  const twin = event.target.dataset?.twin && document.getElementById(event.target.dataset.twin);
  if (twin && twin.value !== event.target.value) twin.value = event.target.value;
});

// Reading time: the button wakes when the seconds are over; the server counts for itself.
for (const button of document.querySelectorAll("[data-reading]")) {
  let left = Number(button.dataset.reading);
  const label = button.textContent;
  const tick = () => {
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${label.trim()} (${left})` : label;
    if (left-- > 0) setTimeout(tick, 1000);
  };
  tick();
}

// Live parts ask again while they say so: <div data-poll="/address" data-every="2">.
for (const part of document.querySelectorAll("[data-poll]")) {
  const ask = async () => {
    try {
      const answer = await fetch(part.dataset.poll, { headers: { "X-Part": "1" } });
      if (answer.ok) {
        const text = await answer.text();
        if (text !== part.dataset.last) { part.dataset.last = text; part.innerHTML = text }
        if (answer.headers.get("X-Final")) return;
      }
    } catch {}
    setTimeout(ask, Number(part.dataset.every || 2) * 1000);
  };
  setTimeout(ask, Number(part.dataset.every || 2) * 1000);
}

// Keys of the desk: elements say which key they answer to. Single keys can be switched off (WCAG 2.1.4).
const keysAre = () => { try { return localStorage.keys !== "off" } catch { return true } };
const showKeys = () => document.querySelectorAll("[data-act=keys]").forEach(button => button.setAttribute("aria-pressed", keysAre()));
acts.keys = () => { try { localStorage.keys = keysAre() ? "off" : "on" } catch {} showKeys() };
showKeys();
const answer = target => {
  if (target.matches("input, textarea, select")) return target.focus();
  if (!target.matches("summary")) return target.click();
  target.parentElement.open = true;
  target.parentElement.querySelector("input:not([type=hidden]), textarea, select")?.focus();
};
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && event.ctrlKey && event.target.matches("textarea")) return event.target.form?.requestSubmit();
  if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!keysAre() || document.querySelector("dialog[open]")) return;
  // With Caps Lock on, a letter is the same key.
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (target) { event.preventDefault(); return answer(target) }
  const rows = [...document.querySelectorAll("[data-row] a[data-open]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  if (key === "j" || key === "k") {
    event.preventDefault();
    rows[Math.max(0, Math.min(rows.length - 1, key === "j" ? at + 1 : at - 1))].focus();
  } else if (key === "o" && at >= 0) rows[at].click();
});

// Parts that fold say in the address which are open, as the server reads it: <details data-part="mark">.
const parts = [...document.querySelectorAll("details[data-part]")];
if (parts.length) {
  const isOpen = () => {
    const open = parts.filter(part => part.open).map(part => part.dataset.part);
    return open.length === parts.length ? "all" : open.join(",") || "none";
  };
  let told = isOpen();
  const tell = () => {
    if (told === isOpen()) return;
    told = isOpen();
    const address = new URL(location);
    address.searchParams.set("parts", told);
    history.replaceState(history.state, "", address);
  };
  const show = mark => {
    const part = parts.find(one => one.dataset.part === mark);
    if (!part) return;
    part.open = true;
    part.querySelector("summary").focus({ preventScroll: true });
    part.scrollIntoView({ block: "start" });
  };
  parts.forEach(part => part.addEventListener("toggle", tell));
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-fold], a[data-fold-all]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.fold) return show(link.dataset.fold);
    parts.forEach(part => { part.open = link.dataset.foldAll === "1" });
  });
  if (location.hash.startsWith("#part-")) show(decodeURIComponent(location.hash.slice(6)));
}

const drawn = new WeakSet();
const draw = () => document.querySelectorAll("[data-chart]").forEach(place => {
  if (drawn.has(place)) return;
  drawn.add(place);
  const go = () => import("./chart.js").then(chart => chart.draw(place));
  const idle = window.requestIdleCallback || (f => setTimeout(f, 200));
  new IntersectionObserver((entries, watch) => {
    if (entries[0].isIntersecting) { watch.disconnect(); idle(go) }
  }).observe(place);
});
draw();
document.addEventListener("htmx:after:swap", draw);
document.addEventListener("htmx:afterSwap", draw);
