// Conveniences only: every page works without this file.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");

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

  // Heard as well as seen: what was done on the page before, and what is done on this one.
  const said = document.getElementById("said");
  const say = (words) => { said.textContent = words; };
  setTimeout(() => {
    // A key that was pressed before has its answer there already.
    if (!said.textContent) say([...document.querySelectorAll("[role=status]")].map((one) => one.innerText).join(" "));
  }, 200);

  // The text of the rule that is looked at stands below the rules; the verdicts are a bar where there is no room for more.
  const text = document.querySelector(".panel .rule-text");
  for (const kind of ["focusin", "pointerover"]) {
    document.addEventListener(kind, (event) => {
      const rule = event.target.closest?.(".panel .cite button");
      if (rule && text) text.textContent = rule.title;
    });
  }
  const more = document.querySelector(".panel .more");
  document.querySelector(".panel")?.focus({ preventScroll: true });
  if (more && matchMedia("(max-width: 62rem)").matches) more.open = false;

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
  const suggested = document.querySelector(".cite [data-suggested]");
  const rules = () => {
    if (!suggested) return say(said.dataset.noRule);
    suggested.closest("details")?.setAttribute("open", "");
    suggested.focus();
  };
  const note = () => {
    const field = document.getElementById("note");
    if (!field) return;
    for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    field.focus();
  };
  // Whatever else has a key says so itself: the first of them on the page is meant.
  const button = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);

  // In a list, a verdict is on what is ticked, or else on the card in focus; then the next one is in focus.
  const act = document.getElementById("act");
  const picks = () => [...document.querySelectorAll("[name=pick][form=act]")];
  const tick = () => {
    const box = current()?.querySelector("[name=pick]");
    if (box) box.checked = !box.checked;
  };
  const keep = (value) => {
    try {
      const was = sessionStorage.getItem("belowline-at");
      if (value === undefined) sessionStorage.removeItem("belowline-at");
      else sessionStorage.setItem("belowline-at", value);
      return was;
    } catch { return null; /* private mode: the focus begins anew */ }
  };
  const press = (target) => {
    if (target.form !== act || !act) return target.click();
    const at = cards.indexOf(document.activeElement?.closest(".card"));
    const ticked = picks().some((box) => box.checked);
    if (!ticked && at < 0) return say(said.dataset.noneChosen);
    if (!ticked) {
      const box = cards[at].querySelector("[name=pick]");
      if (!box) return say(said.dataset.blind);
      box.checked = true;
    }
    if (at >= 0) keep(String(at));
    target.click();
  };
  if (act && cards.length) {
    const at = keep();
    if (at !== null) cards[Math.min(cards.length - 1, Number(at))].focus();
  }

  // Counts keep up with what comes in while the list is looked at.
  const counted = document.querySelector("[data-counts]");
  if (counted) {
    setInterval(async () => {
      if (document.visibilityState !== "visible") return;
      const answer = await fetch(counted.dataset.counts).catch(() => null);
      if (!answer?.ok || answer.redirected) return;
      const found = await answer.json();
      for (const one of counted.querySelectorAll("[data-count]")) one.textContent = found[one.dataset.count];
      document.title = document.title.replace(/^\(\d+\)/, `(${found.total})`);
    }, 20000);
  }

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    o: () => current()?.querySelector("a.open")?.click(),
    x: tick,
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
    const action = !undo && Object.hasOwn(actions, key) ? actions[key] : target && (() => press(target));
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
