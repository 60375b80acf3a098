/* What an open page hears of, and what it does about it: little, and calmly. Nothing is ever put above what is
   read, no field that is typed in is touched, and what was heard twice is done once. */
"use strict";
(() => {
  const { one, all, on, say, dates } = window.conduit;
  const page = document.body.dataset;
  const me = one(".cx-me")?.textContent.trim();
  const start = Number(page.at);
  const storage = (name) => { try { return window[name]; } catch { return {}; } };
  const parse = (html) => new DOMParser().parseFromString(html, "text/html");
  let at = start;

  // Numbers, never older than what is shown.
  const count = (position, key, value) => all(`[data-count="${key}"]`).forEach((place) => {
    if (position < place.dataset.at) return;
    const [single, plural = single] = (place.dataset.as || "#").split("|");
    place.textContent = (value === 1 ? single : plural).replace("#", value);
    const button = place.closest("button[aria-label]");
    if (button) button.ariaLabel = button.ariaLabel.replace(/^\d+/, value);
  });

  // Comments: at the end of the list if it is in view and nobody types; else behind a button.
  const coming = new Map();
  const number = (item) => Number(item.id.slice(8));
  const stands = (id) => one(`#${id}:not(.is-gone)`);
  const place = (item) => {
    const old = one("#" + item.id), held = old?.matches(":focus");
    one("#letters").insertBefore(item, all("#letters > li").find((other) => number(other) > number(item)));
    old?.remove();
    item.classList.add("is-new");
    dates();
    window.htmx?.process(item);
    if (held) item.focus();
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
    return true;
  };
  const settle = () => {
    const button = one("#new-comments");
    if (!button) return;
    for (const [id, item] of coming) {
      if (one(`#${id}.is-gone`)) place(item);
      if (stands(id)) coming.delete(id);
    }
    const items = [...coming.values()], words = `${items.length} new comment${items.length === 1 ? "" : "s"}`;
    if (items.length && appended(items)) {
      coming.clear();
      say(words);
    } else if (items.length > (parseInt(button.textContent) || 0)) say(words);
    button.hidden = !coming.size;
    button.textContent = coming.size ? words : "";
  };
  const comment = (position, key, html) => {
    const item = one("li", parse(html));
    if (stands(item.id)) return;
    if (item.dataset.by === me) look(500); // with what only I may do to it
    else coming.set(item.id, document.adoptNode(item));
  };
  const gone = (position, key, value) => {
    coming.delete("comment-" + value);
    const item = stands("comment-" + value);
    if (!item) return;
    item.style.minHeight = item.getBoundingClientRect().height + "px";
    if (item.contains(document.activeElement)) item.focus();
    item.className = "is-gone";
    item.innerHTML = "<p>Comment deleted</p>";
  };

  // New articles: a link that says how many, and a rule on the page that it leads to.
  const fresh = new Set();
  const pill = one("#new-articles");
  let shown = 0, announced = 0, more = "", later;
  const offer = () => {
    if (!pill) return;
    clearTimeout(later);
    const wait = shown + 10000 - Date.now();
    if (wait > 0 && fresh.size && !pill.hidden) return void (later = setTimeout(offer, wait));
    pill.hidden = !fresh.size;
    pill.textContent = `${fresh.size > 20 ? "20+" : fresh.size + more} new article${fresh.size === 1 ? "" : "s"}`;
    shown = Date.now();
    if (fresh.size && shown - announced > 60000) {
      announced = shown;
      say(pill.textContent);
    }
  };
  if (pill) on("click", () => {
    storage("sessionStorage").since = JSON.stringify([pill.pathname + pill.search, start, performance.timeOrigin]);
  }, pill);
  const since = () => {
    const kept = storage("sessionStorage"), [path, position, time] = JSON.parse(kept.since || "[]");
    delete kept.since;
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
    if (!words || (words.hidden ? !on : on && !more)) return;
    if (one("span", words)) one("span", words).textContent = more && ": " + more.toLowerCase();
    if (on) say(words.firstChild.textContent);
    words.hidden = !on;
    one("#bar").hidden = !one("#bar > p:not([hidden])");
  };
  const deleted = (on) => {
    bar("deleted", on);
    all(".article-page form button").forEach((button) => { button.disabled = on; });
  };

  const tag = (position, key, html) => {
    if (all("#tags a").some((link) => link.textContent === key)) return;
    const link = one("a", parse(html));
    link.classList.add("is-new");
    one("#tags").append(link, " ");
    one("#tags + p")?.remove();
  };

  const kinds = {
    count, comment, gone, article, tag,
    deleted: (position, key, on) => on ? deleted(true) : look(500),
    "article-gone": (position, key) => { fresh.delete(key); offer(); },
    edited: (position, key, what) => bar("edited", true, what),
  };

  // What is heard while the comments are sent or read waits for the answer, which may show it already.
  let backlog = [], swaps = 0, missing = false, soon;
  const hear = () => {
    if (missing || one("#comments[aria-busy]")) return;
    for (const { at: position, news } of backlog.splice(0)) {
      for (const [when, kind, key, value] of news) if (when > at) kinds[kind]?.(when, key, value);
      at = Math.max(at, position);
    }
    settle();
  };
  on("htmx:finally:request", () => {
    swaps++;
    setTimeout(hear);
  });

  // Too much was missed: read the page again, until it works, and do what it shows as if it was heard.
  const look = (within) => {
    missing = true;
    soon ||= setTimeout(async () => {
      missing = !await read().catch(unwell);
      soon = 0;
      if (missing) return socket !== null && look(2000 + Math.random() * 4000);
      well();
      hear();
    }, within);
  };
  const read = async () => {
    const before = swaps;
    const answer = await fetch(location.href, { headers: { "Conduit-Live": "1" }, cache: "no-store" });
    const now = parse(await answer.text()), { dataset } = now.body;
    if ([404, 410].includes(answer.status)) deleted(true);
    else if (!answer.ok || !dataset.live) throw answer;
    else if (swaps !== before || one("#comments[aria-busy]")) return false;
    else show(now, Number(dataset.at));
    return true;
  };
  const show = (now, position) => {
    deleted(false);
    const modified = "[property='article:modified_time']";
    if (one(modified)?.content !== one(modified, now)?.content) bar("edited", true);
    all("[data-count]", now).forEach(({ dataset, textContent }) => {
      const value = parseInt(textContent.replace("(", ""));
      if (value >= 0) count(position, dataset.count, value);
    });
    const cards = all("[data-article]", now).filter((card) => card.dataset.position > start);
    fresh.clear();
    more = cards.length > 9 ? "+" : "";
    cards.forEach((card) => article(position, card.dataset.article));
    all("#tags a", now).forEach((link) => tag(position, link.textContent, link.outerHTML));
    all("#letters > li", now).forEach((item) => {
      if (!stands(item.id)) coming.set(item.id, document.adoptNode(item));
    });
    all("#letters > li").forEach((item) => {
      if (!one("#" + item.id, now) && !coming.has(item.id)) gone(position, "", number(item));
    });
    at = position;
  };

  // The footer's line: silent for 4 s of trouble, a way out after 60 s.
  const line = one("#live > span"), refresh = one("#live > a");
  let trouble = [], calm;
  const tell = (words, way = false) => { line.textContent = words; refresh.hidden = !way; };
  const unwell = () => {
    if (trouble.length) return;
    clearTimeout(calm);
    trouble = [
      setTimeout(tell, 4000, "Live updates paused, reconnecting."),
      setTimeout(tell, 60000, "Live updates paused.", true),
    ];
  };
  const well = () => {
    if (!trouble.length) return;
    trouble.forEach(clearTimeout);
    trouble = [];
    if (!line.textContent) return;
    tell("Back online.");
    calm = setTimeout(tell, 5000, "");
  };

  // One socket; when it fails, another one, later each time, and meanwhile a question now and then.
  let socket, tries = 0, timer, dog;
  const query = () => `/live?page=${encodeURIComponent(page.live)}`;
  const take = (frame) => {
    tries = 0;
    if (!frame.late) backlog.push(frame);
    if (frame.late || missing) return look(Math.random() * 2000);
    well();
    hear();
  };
  const ask = async () => {
    const answer = await fetch(query(), { headers: { "If-None-Match": `"${at}"` }, cache: "no-store" });
    if ([400, 403].includes(answer.status)) {
      off();
      return tell("This page is out of date.", true);
    }
    if (answer.status === 304) return take({ at: Number(answer.headers.get("ETag").replace(/\D/g, "")), news: [] });
    if (!answer.ok) throw answer;
    take(await answer.json());
  };
  const again = async (ended) => {
    const nth = ++tries, mine = socket;
    unwell();
    if (ended || nth > 1) await ask().then(() => { tries = nth; }).catch(() => {});
    if (socket !== mine) return;
    clearTimeout(timer);
    timer = setTimeout(open, Math.min(30000, 250 * 2 ** nth) * (.5 + Math.random()));
  };
  const watch = () => {
    clearTimeout(dog);
    dog = setTimeout(() => socket?.close(), 45000);
  };
  const open = () => {
    clearTimeout(timer);
    socket?.close();
    const url = location.origin.replace("http", "ws") + query() + "&after=" + at;
    const mine = socket = window.WebSocket && new WebSocket(url);
    if (!mine) return again();
    watch();
    mine.onmessage = ({ data }) => { watch(); take(JSON.parse(data)); };
    mine.onclose = (end) => { if (mine === socket) again(end?.code === 4401); };
  };
  const off = () => {
    const old = socket;
    socket = null;
    if (old?.readyState) old.close();
    else if (old) old.onopen = () => old.close();
    [timer, dog, soon, calm, ...trouble].forEach(clearTimeout);
    trouble = [];
    soon = 0;
  };

  // The reader's switch: quiet, or off. Whoever saves data has it off until they want it.
  const button = one("#live > button");
  const kept = storage("localStorage");
  const wanted = () => (kept.live || (navigator.connection?.saveData ? "off" : "quiet")) === "quiet";
  const obey = () => {
    const quiet = wanted();
    button.ariaChecked = String(quiet);
    button.textContent = "Live updates: " + (quiet ? "quiet" : "off");
    off();
    tell("");
    if (quiet) open();
  };
  button.hidden = false;
  button.onclick = () => {
    kept.live = wanted() ? "off" : "quiet";
    obey();
  };
  on("storage", ({ key }) => { if (key === "live") obey(); }, window);

  on("click", ({ target }) => {
    if (target.id !== "new-comments") return;
    const items = [...coming.values()].sort((one, other) => number(one) - number(other));
    items.forEach(place);
    coming.clear();
    settle();
    one("#letters").style.paddingBlockEnd = "";
    items[0]?.focus();
  });
  on("pagehide", off, window);
  on("pageshow", ({ persisted }) => { if (persisted) obey(); }, window);
  const wake = () => {
    if (document.hidden || !socket || socket.readyState < 2) return;
    tries = 0;
    open();
  };
  on("visibilitychange", wake);
  on("online", wake, window);

  since();
  on("load", obey, window);
})();
