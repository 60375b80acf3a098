/* The editor where scripts run: tags as pills, and a copy of what is typed on this device until it is published. */
"use strict";
(() => {
  const { one, all, on, make, say, full } = window.conduit;

  // Tags: pills, each with a hidden field; what is left in the input counts as well.
  const tagging = (box) => {
    const input = one("input[name=tags]", box);
    const list = one(".tag-list", box);
    const names = () => all("input", list).map((hidden) => hidden.value);
    const add = (name) => {
      const icon = make("i", { class: "ion-close-round", "aria-hidden": "true" });
      icon.innerHTML = `<svg><use href="${box.dataset.icons}#close"/></svg>`;
      list.append(make("span", { class: "tag-default tag-pill" }, name,
        make("input", { type: "hidden", name: "tags", value: name }),
        make("button", { type: "button", class: "cx-remove", "aria-label": "Remove tag " + name }, icon)));
    };
    const take = (text) => {
      const fresh = text.split(",").map((name) => name.trim()).filter((name, at, them) =>
        name && them.indexOf(name) === at && !names().includes(name));
      fresh.forEach(add);
      input.value = "";
      return fresh;
    };
    const changed = (words) => {
      say(words);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    on("keydown", (event) => {
      if ((event.key !== "Enter" && event.key !== ",") || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const fresh = take(input.value);
      if (fresh.length) changed("Added " + fresh.join(", "));
    }, input);
    on("click", ({ target }) => {
      const pill = target.closest("button, i")?.closest(".tag-pill");
      if (!pill) return;
      const next = pill.nextElementSibling || pill.previousElementSibling;
      const name = one("input", pill).value;
      pill.remove();
      (next ? one("button", next) : input).focus();
      changed("Removed " + name);
    }, list);
    take(input.value);
    return {
      get: () => [...names(), input.value.trim()].filter(Boolean),
      set: (tags) => { list.replaceChildren(); take(tags.join(",")); },
    };
  };

  // The editor: a copy of what is typed stays on this device until it is published.
  const stored = (key) => {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  };
  const keeping = (form) => {
    const key = "conduit:" + form.dataset.keep;
    const tags = tagging(one(".cx-tags", form));
    const fields = ["title", "description", "body"].map((name) => form.elements[name]);
    const text = () => JSON.stringify([...fields.map((field) => field.value), tags.get()]);
    const state = one("#save");
    const before = text();
    let timer, safe = true;
    const keep = (more = {}) => {
      clearTimeout(timer);
      if (text() === before && !more.sent) {
        safe = true;
        return;
      }
      try {
        localStorage.setItem(key, JSON.stringify({ at: Date.now(), text: text(), ...more }));
        safe = true;
        state.textContent = "Kept on this device at " + new Date().toLocaleTimeString();
      } catch {
        state.textContent = "Not kept: this browser has no room. Publish before you leave.";
      }
    };
    on("input", () => {
      safe = false;
      clearTimeout(timer);
      timer = setTimeout(keep, 1000);
    }, form);
    on("visibilitychange", () => { if (!safe) keep(); });
    on("submit", () => { keep({ sent: true }); safe = true; }, form);
    on("beforeunload", (event) => {
      if (!safe) keep();
      if (!safe) event.preventDefault();
    }, window);

    const kept = stored(key);
    const offer = one("#kept");
    if (!kept || kept.text === before) return;
    const when = one("time", offer);
    when.dateTime = new Date(kept.at).toISOString();
    when.textContent = "on " + full.format(kept.at);
    when.dataset.absolute = "";
    offer.hidden = false;
    say("Text you wrote here before can be restored.");
    on("click", ({ target }) => {
      const wish = target.dataset.kept;
      if (!wish) return;
      offer.hidden = true;
      if (wish === "discard") {
        localStorage.removeItem(key);
        say("Discarded.");
      } else {
        const values = JSON.parse(kept.text);
        tags.set(values.pop());
        fields.forEach((field, at) => { field.value = values[at]; });
        fields[2].dispatchEvent(new Event("input", { bubbles: true }));
        say("Restored.");
      }
      fields[0].focus();
    }, offer);
  };

  keeping(one("form[data-keep]"));
})();
