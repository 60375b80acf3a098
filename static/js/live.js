/* What an open page hears of, and what it does about it: little, and calmly. Nothing is ever put above what is
   read, no field that is typed in is touched, and what was heard twice is done once. */
"use strict";
(() => {
  const { one, all, say, dates } = window.conduit;
  const page = document.body.dataset;
  const me = one(".cx-me")?.textContent.trim();
  const started = new Date();
  let at = Number(page.at);

  // Numbers, never older than what is shown.
  const count = (position, key, value) => all(`[data-count="${key}"]`).forEach((place) => {
    if (position < (place.dataset.at || 0)) return;
    const [single, plural = single] = (place.dataset.as || "#").split("|");
    place.textContent = (value === 1 ? single : plural).replace("#", value);
    const label = place.closest("[aria-label^='0'], [aria-label]:not(section)");
    if (label?.matches("button")) label.ariaLabel = label.ariaLabel.replace(/^\d+/, value);
  });

  // Comments: at the end of the list if that is in view and nobody types; else behind a button.
  const coming = new Map();
  const number = (item) => Number(item.id.slice(8));
  const stands = (id) => one(`#${id}:not(.is-gone)`);
  const place = (item) => {
    document.getElementById(item.id)?.remove();
    one("#letters").insertBefore(item, all("#letters > li").find((other) => number(other) > number(item)) || null);
    window.htmx?.process(item);
  };
  const appended = (items) => {
    const list = one("#letters"), last = list.lastElementChild, end = (last || list).getBoundingClientRect();
    const seen = last ? end.bottom : end.top;
    if (document.activeElement.matches("textarea, input") || seen < 0 || seen > innerHeight) return false;
    if (last && items.some((item) => number(item) < number(last))) return false;
    const room = parseFloat(getComputedStyle(list).paddingBlockEnd);
    items.forEach(place);
    const taken = list.lastElementChild.getBoundingClientRect().bottom - seen;
    if (taken > room) {
      items.forEach((item) => item.remove());
      return false;
    }
    list.style.paddingBlockEnd = room - taken + "px";
    items.forEach((item) => item.classList.add("is-new"));
    return true;
  };
  const settle = () => {
    const button = one("#new-comments");
    if (!button) return;
    for (const id of coming.keys()) if (stands(id)) coming.delete(id);
    const items = [...coming.values()], words = `${items.length} new comment${items.length === 1 ? "" : "s"}`;
    if (items.length && appended(items)) {
      coming.clear();
      dates();
      say(words);
    } else if (items.length && button.textContent !== words) say(words);
    button.hidden = !coming.size;
    button.textContent = coming.size ? words : "";
  };
  const comment = (position, key, html) => {
    const item = new DOMParser().parseFromString(html, "text/html").querySelector("li");
    if (stands(item.id)) return;
    if (item.dataset.by === me) look(500); // with what only I may do to it
    else coming.set(item.id, document.adoptNode(item));
  };
  const gone = (position, key, value) => {
    coming.delete("comment-" + value);
    const item = stands("comment-" + value);
    if (!item) return;
    item.style.minHeight = item.offsetHeight + "px";
    if (item.contains(document.activeElement)) item.focus();
    item.className = "is-gone";
    item.innerHTML = "<p>Comment deleted</p>";
  };

  // New articles: a link that says how many, and a rule on the page that it leads to.
  const fresh = new Set();
  const pill = one("#new-articles");
  let shown = 0, announced = 0, later;
  const offer = () => {
    if (!pill) return;
    clearTimeout(later);
    const wait = shown + 10000 - Date.now();
    if (wait > 0 && fresh.size && !pill.hidden) return void (later = setTimeout(offer, wait));
    pill.hidden = !fresh.size;
    pill.textContent = `${fresh.size > 20 ? "20+" : fresh.size} new article${fresh.size === 1 ? "" : "s"}`;
    shown = Date.now();
    if (fresh.size && shown - announced > 60000) {
      announced = shown;
      say(pill.textContent);
    }
  };
  pill?.addEventListener("click", () => sessionStorage.setItem("conduit-since",
    JSON.stringify([pill.pathname + pill.search, Number(page.at), started])));
  const since = () => {
    const [path, position, time] = JSON.parse(sessionStorage.getItem("conduit-since")) || [];
    sessionStorage.removeItem("conduit-since");
    if (path !== location.pathname + location.search) return;
    const cards = all("[data-article]"), old = cards.find((card) => card.dataset.position <= position);
    scrollTo(0, 0);
    one(".preview-link", cards[0])?.focus({ preventScroll: true });
    if (!old || old === cards[0]) return;
    old.classList.add("cx-since");
    old.dataset.since = "New since " + new Date(time).toLocaleTimeString("en", { timeStyle: "short" });
  };
  const article = (position, key) => {
    if (!one(`[data-article="${key}"]`)) fresh.add(key);
    offer();
  };

  // The article itself is never touched: a bar says what became of it.
  const bar = (when, on, more = "") => {
    const words = one(`#bar [data-when=${when}]`);
    if (!words || (words.hidden && !on)) return;
    if (one("span", words)) one("span", words).textContent = more && ": " + more.toLowerCase();
    if (on) say(words.firstChild.textContent);
    words.hidden = !on;
    one("#bar").hidden = !one("#bar > p:not([hidden])");
  };
  const deleted = (position, key, on) => {
    bar("deleted", on);
    all(".article-page form button").forEach((button) => { button.disabled = Boolean(on); });
  };

  const tag = (position, key, html) => {
    if (all("#tags a").some((link) => link.textContent === key)) return;
    const link = new DOMParser().parseFromString(html, "text/html").querySelector("a");
    link.classList.add("is-new");
    one("#tags").append(link, " ");
    one("#tags + p")?.remove();
  };

  const kinds = {
    count, comment, gone, article, deleted, tag,
    "article-gone": (position, key) => { fresh.delete(key); offer(); },
    edited: (position, key, what) => bar("edited", true, what),
  };

  // What is heard while a form of the comments is on its way waits for the answer, which may show it already.
  let backlog = [];
  const hear = () => {
    if (one("#comments[aria-busy]")) return;
    for (const { at: position, news } of backlog) {
      for (const [when, kind, key, value] of news) if (when > at) kinds[kind]?.(when, key, value);
      at = Math.max(at, position);
    }
    backlog = [];
    settle();
  };
  document.addEventListener("htmx:finally:request", () => setTimeout(hear));

  // Too much was missed: read the page again, and do what it shows as if it had been heard.
  const look = (within) => {
    clearTimeout(look.timer);
    look.timer = setTimeout(() => read().catch(() => socket?.close()), within);
  };
  const read = async () => {
    const answer = await fetch(location.href, { headers: { "Conduit-Live": "1" }, cache: "no-store" });
    if (answer.status === 410 || answer.status === 404) return deleted(at, "", true);
    const now = new DOMParser().parseFromString(await answer.text(), "text/html"), { dataset } = now.body;
    if (!answer.ok || !dataset.live) throw answer;
    deleted(at, "", false);
    const modified = "meta[property='article:modified_time']";
    if (one(modified)?.content !== one(modified, now)?.content) bar("edited", true);
    all("[data-count]", now).forEach((theirs) => all(`[data-count="${theirs.dataset.count}"]`).forEach((ours) => {
      if (ours.dataset.as === theirs.dataset.as) ours.textContent = theirs.textContent;
    }));
    all("[data-article]", now).forEach((card) => {
      if (card.dataset.position > at) article(at, card.dataset.article);
    });
    all("#tags a", now).forEach((link) => tag(at, link.textContent, link.outerHTML));
    all("#letters > li", now).forEach((item) => {
      if (!stands(item.id)) coming.set(item.id, document.adoptNode(item));
    });
    all("#letters > li").forEach((item) => {
      if (!one("#" + item.id, now) && !coming.has(item.id)) gone(at, "", number(item));
    });
    page.live = dataset.live;
    at = Number(dataset.at);
    hear();
  };

  // The line in the footer: silent for 4 s of trouble, a way out after 60 s.
  const line = one("#live > span"), refresh = one("#live > a");
  let trouble = [];
  const tell = (words, way = false) => { line.textContent = words; refresh.hidden = !way; };
  const unwell = () => {
    if (trouble.length) return;
    trouble = [setTimeout(tell, 4000, "Live updates paused, reconnecting."),
      setTimeout(tell, 60000, "Live updates paused.", true)];
  };
  const well = () => {
    trouble.forEach(clearTimeout);
    trouble = [];
    if (!line.textContent) return;
    tell("Back online.");
    trouble.done = setTimeout(tell, 5000, "");
  };

  // One socket; when it fails, another one, later each time, and meanwhile a question now and then.
  let socket, tries = 0, timer, dog;
  const query = () => `/live?page=${encodeURIComponent(page.live)}`;
  const take = (frame) => {
    tries = 0;
    well();
    if (frame.late) return look(Math.random() * 2000);
    backlog.push(frame);
    hear();
  };
  const ask = async () => {
    const answer = await fetch(query(), { headers: { "If-None-Match": `"${at}"` }, cache: "no-store" });
    if (answer.status === 400 || answer.status === 403) {
      off();
      return tell("This page is out of date.", true);
    }
    if (answer.status === 304) return take({ at: Number(answer.headers.get("ETag").slice(1, -1)), news: [] });
    if (!answer.ok) throw answer;
    take(await answer.json());
  };
  const again = async () => {
    clearTimeout(timer);
    const nth = ++tries;
    unwell();
    if (nth > 1) await ask().then(() => { tries = nth; }).catch(() => {});
    if (socket === null) return;
    timer = setTimeout(on, Math.min(30000, 250 * 2 ** nth) * (.5 + Math.random()));
  };
  const watch = () => {
    clearTimeout(dog);
    dog = setTimeout(() => socket?.close(), 45000);
  };
  const on = () => {
    clearTimeout(timer);
    if (!window.WebSocket) return again();
    const mine = socket = new WebSocket(location.origin.replace("http", "ws") + query() + "&after=" + at);
    watch();
    mine.onmessage = ({ data }) => { watch(); take(JSON.parse(data)); };
    mine.onclose = () => { if (mine === socket) again(); };
  };
  const off = () => {
    const old = socket;
    socket = null;
    [timer, dog, ...trouble].forEach(clearTimeout);
    trouble = [];
    old?.close();
  };

  // The reader's switch: quiet, or off. Whoever saves data has it off until they want it.
  const button = one("#live > button");
  const wanted = () => (localStorage.getItem("conduit-live") || (navigator.connection?.saveData ? "off" : "quiet")) === "quiet";
  const obey = () => {
    const quiet = wanted();
    button.ariaChecked = String(quiet);
    button.textContent = "Live updates: " + (quiet ? "quiet" : "off");
    off();
    tell("");
    if (quiet) on();
  };
  button.hidden = false;
  button.onclick = () => {
    localStorage.setItem("conduit-live", wanted() ? "off" : "quiet");
    obey();
  };
  addEventListener("storage", ({ key }) => { if (key === "conduit-live") obey(); });

  document.addEventListener("click", ({ target }) => {
    if (target.id !== "new-comments") return;
    const items = [...coming.values()].sort((one, other) => number(one) - number(other));
    items.forEach(place);
    dates();
    coming.clear();
    settle();
    items[0]?.focus();
  });
  addEventListener("pagehide", off);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) obey(); });
  const wake = () => {
    if (document.hidden || !socket || socket.readyState < 2) return;
    tries = 0;
    on();
  };
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);

  since();
  if (document.readyState === "complete") obey();
  else addEventListener("load", obey);
})();
