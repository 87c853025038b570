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

  const cards = [...document.querySelectorAll(".card")];
  const current = () => document.activeElement?.closest(".card") ?? (cards.length === 1 ? cards[0] : null);
  const move = (step) => {
    const at = cards.indexOf(current());
    const card = cards[at < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, at + step))];
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "start" });
  };
  const toggleWords = () => {
    const card = current() ?? cards[0];
    const box = card?.querySelector(".unmask");
    if (box) box.checked = !box.checked;
    else card?.classList.toggle("bare");
  };
  const rules = () => (document.querySelector(".cite [data-suggested]") ?? document.querySelector(".cite button"))?.focus();
  const note = () => {
    const field = document.getElementById("note");
    if (!field) return;
    field.closest("details").open = true;
    field.focus();
  };
  // Whatever else has a key says so itself: the first of them on the page is meant.
  const button = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    o: () => current()?.querySelector("a.open")?.click(),
    w: toggleWords,
    d: rules,
    m: note,
    "?": () => dialog?.showModal(),
  };
  const typing = (element) => element.matches("select, textarea, input:not([type=checkbox])");
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (key === "escape" && typing(event.target)) event.target.blur();
    // A key held down must not decide comment after comment.
    if (event.repeat && !"jk".includes(key)) return;
    if (!keysOn || dialog.open || typing(event.target) || event.altKey) return;
    const undo = (event.ctrlKey || event.metaKey) && key === "z";
    if (!undo && (event.ctrlKey || event.metaKey)) return;
    if (!undo && root.classList.contains("quiet-keys") && key !== "?") return;
    const target = button(undo ? "u" : key);
    const action = !undo && Object.hasOwn(actions, key) ? actions[key] : target && (() => target.click());
    if (!action) return;
    event.preventDefault();
    action();
  });

  // Enter in a field presses a button that does nothing.
  const byEnter = (event) => event.submitter?.formMethod === "dialog";

  // A second click on its way must not be a second decision.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || byEnter(event)) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // An open item stays this moderator's while the page is looked at, and is let go when it is left.
  const held = document.querySelector("[data-claim]");
  if (held) {
    const body = () => new URLSearchParams({
      csrf_token: document.querySelector("[name=csrf_token]").value,
      claim: held.dataset.claim,
    });
    const every = Number(held.dataset.lease) * 1000 / 5;
    let extended = Date.now();
    // Once a decision is on its way, the item is no longer theirs, and need not be.
    let leaving = false;
    document.addEventListener("submit", (event) => { if (!byEnter(event)) leaving = true; });
    const extend = async () => {
      if (leaving || document.visibilityState !== "visible") return;
      extended = Date.now();
      // No answer is no news: the next one may come through.
      const answer = await fetch(held.dataset.extend, { method: "POST", body: body() }).catch(() => null);
      if (answer?.status === 409 && !leaving) document.getElementById("lost").hidden = false;
    };
    setInterval(extend, every);
    // Back from another tab, behind which the clock may have slept.
    document.addEventListener("visibilitychange", () => { if (Date.now() - extended > every) extend(); });
    addEventListener("pagehide", () => navigator.sendBeacon(held.dataset.close, body()));
  }
})();
