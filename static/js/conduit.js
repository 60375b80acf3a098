/* What the pages gain where scripts run. Every page is complete without this file: it only listens,
   and what it adds is a convenience on top of links and forms that work by themselves. */
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, handle, root = document) => root.addEventListener(type, handle);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.append(...children);
    return element;
  };

  // The one status region: cleared first, so that the same words twice are spoken twice.
  const say = (words) => {
    const status = one("#status");
    if (!status) return;
    status.textContent = "";
    setTimeout(() => { status.textContent = words; }, 100);
  };

  // Dates: words for what is recent, the full moment in the reader's own zone on hover.
  const full = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [[60, "second"], [60, "minute"], [24, "hour"], [7, "day"]];
  const ago = (moment) => {
    let amount = (moment - Date.now()) / 1000;
    if (amount > -45 && amount < 45) return "just now";
    for (const [size, unit] of units) {
      if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
      amount /= size;
    }
  };
  const dates = () => all("time[datetime]").forEach((time) => {
    const moment = new Date(time.dateTime);
    if (isNaN(moment)) return;
    time.title = full.format(moment);
    const words = "absolute" in time.dataset || ago(moment);
    if (words && words !== true) time.textContent = words;
  });

  // What scrolls sideways can be reached and scrolled by keyboard.
  const reachable = () => all(".cx-prose :is(pre, table)").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  });

  // The undo toast stays ten seconds, and as long as somebody points at it or is in it.
  let leaving;
  const undo = () => {
    const toast = one("#undo");
    clearTimeout(leaving);
    if (!toast || !one("form", toast)) return;
    toast.classList.remove("is-gone");
    leaving = setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) return undo();
      toast.classList.add("is-gone");
    }, 10000);
  };
  for (const type of ["pointerover", "pointerout", "focusin", "focusout"]) {
    on(type, (event) => { if (event.target.closest("#undo")) undo(); });
  }

  // What htmx does: say it, mark it busy, put the focus back, own up to failures.
  const failed = (form, words) => {
    const old = one(".cx-failed", form.parentNode);
    if (old) old.remove();
    const again = make("button", { type: "button", class: "btn btn-sm" }, "Try again");
    const note = make("p", { class: "cx-failed", role: "alert" }, words + " ", again);
    again.onclick = () => { note.remove(); form.requestSubmit(); };
    form.after(note);
  };
  on("htmx:before:request", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement;
    ctx.target?.setAttribute("aria-busy", "true");
    const item = form.id?.startsWith("delete-") && form.closest("li");
    const next = item && (item.nextElementSibling || item.previousElementSibling);
    ctx.told = { ...form.dataset, focus: item ? "#" + (next?.id || "comments-heading") : form.dataset.focus };
    const note = form.matches("form") && form.nextElementSibling;
    if (note && note.matches(".cx-failed")) note.remove();
  });
  on("htmx:before:swap", (event) => {
    const { raw } = event.detail.ctx.response;
    if (!raw.redirected) return; // somewhere else altogether, such as a sign-in page: go there
    event.preventDefault();
    location.href = raw.url;
  });
  on("htmx:after:swap", ({ detail: { ctx } }) => {
    dates();
    reachable();
    const { told } = ctx;
    if (!told || ctx.response.status >= 400) return focusErrors();
    if ("empty" in told) one("#comment-form textarea").value = "";
    if (told.done) {
      say(told.done);
      undo();
    }
    if (told.focus) one(told.focus)?.focus();
  });
  on("htmx:finally:request", ({ detail: { ctx } }) => ctx.target?.removeAttribute("aria-busy"));
  const broken = ({ detail: { ctx } }) => {
    if (!ctx || ctx.response?.status === 422) return;
    const words = ctx.response?.status === 429 ? "That is too much at once. Please wait a little." : "That did not get through.";
    if (ctx.sourceElement.matches("form")) failed(ctx.sourceElement, words);
    else say("The preview could not be made. Your text is untouched.");
  };
  on("htmx:error", broken);
  on("htmx:response:error", broken);

  const focusErrors = () => one("#errors")?.focus();

  // Ctrl or Cmd with Enter posts a comment.
  on("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest(".comment-form");
    if (form) form.requestSubmit();
  });

  // A published text needs no copy: its own page under its own title is the proof that it arrived.
  const published = (title) => Object.keys(localStorage).forEach((key) => {
    if (!key.startsWith("conduit:")) return;
    const kept = JSON.parse(localStorage.getItem(key));
    if (kept.sent && JSON.parse(kept.text)[0].trim() === title) localStorage.removeItem(key);
  });
  if (one(".article-page")) try { published(one("h1").textContent); } catch { /* no storage, nothing kept */ }

  const news = one("[data-announce]");
  if (news) say(news.textContent);
  else if (one("#undo form")) say(one("#undo p").textContent + " You can undo this.");
  dates();
  reachable();
  setInterval(dates, 60000);
  undo();
  focusErrors();
  window.conduit = { one, all, on, make, say, dates, full };
})();
