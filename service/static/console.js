// Conveniences only: every page works without this file.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // Times in the moderator's own zone.
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
  for (const time of document.querySelectorAll("time")) {
    time.textContent = format.format(new Date(time.dateTime));
  }

  // The choice to do without single keys is kept; a browser may refuse to store it.
  const keysOn = document.getElementById("keys-on");
  const stored = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("belowline-keys") !== "off";
      localStorage.setItem("belowline-keys", value ? "on" : "off");
    } catch { /* private mode: the choice lasts as long as the page */ }
    return value ?? true;
  };
  const setKeys = (on) => root.classList.toggle("quiet-keys", !on);
  if (keysOn) {
    keysOn.checked = stored();
    setKeys(keysOn.checked);
    keysOn.addEventListener("change", () => { stored(keysOn.checked); setKeys(keysOn.checked); });
  }

  const dialog = document.getElementById("keys");
  document.querySelector("[data-opens=keys]")?.addEventListener("click", () => dialog.showModal());

  // After a decision the page comes back with the next comment's place in its address.
  const cards = [...document.querySelectorAll(".card")];
  const focus = (card) => {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  };
  const place = decodeURIComponent(location.hash.slice(1));
  if (place) focus(cards.find((card) => card.id === place) ?? cards.at(-1));

  const current = () => document.activeElement?.closest(".card") ?? (cards.length === 1 ? cards[0] : null);
  const move = (step) => {
    const at = cards.indexOf(current());
    focus(cards[at < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, at + step))]);
  };
  // A verdict needs a comment in focus: the first key press only goes there.
  const decide = (verdict) => {
    const card = current();
    if (card) card.querySelector(`[name=verdict][value=${verdict}]`)?.click();
    else move(0);
  };
  const toggleWords = () => {
    const box = (current() ?? cards[0])?.querySelector(".unmask");
    if (box) box.checked = !box.checked;
  };

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    f: () => decide("keep"),
    d: () => decide("remove"),
    e: () => decide("escalate"),
    u: () => document.querySelector("[data-key=u]")?.click(),
    w: toggleWords,
    o: () => current()?.querySelector("a.open")?.click(),
    "?": () => dialog?.showModal(),
  };
  const typing = (element) => element.matches("select, textarea, input:not([type=checkbox])");
  document.addEventListener("keydown", (event) => {
    // A key held down must not decide comment after comment.
    if (event.repeat && !"jk".includes(event.key)) return;
    if (!keysOn || dialog.open || typing(event.target) || event.altKey || event.metaKey && event.key !== "z") return;
    const undo = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (!undo && (event.ctrlKey || root.classList.contains("quiet-keys") && event.key !== "?")) return;
    const action = undo ? actions.u : Object.hasOwn(actions, event.key.toLowerCase()) ? actions[event.key.toLowerCase()] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });

  // A second click on its way must not be a second decision.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
