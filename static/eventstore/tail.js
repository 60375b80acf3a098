/* The live tail of the log: opt-in; paused by hand, by a selection, by scrolling; never more than a reader can read. */
"use strict";
(() => {
  const one = (id) => document.getElementById("tail" + id);
  const tail = one(""), lines = one("-lines"), box = one("-box"), state = one("-state"), button = one("-switch");
  const SHOWN = 200, A_SECOND = 20;
  let at = Number(tail.dataset.at), socket = null, timer, tries = 0, hidden = 0, waiting = [];

  const paused = () => box.scrollTop > 40 || scrollY > 400 || !getSelection().isCollapsed;
  const wanted = (line) => (!one("-type").value || line.dataset.type === one("-type").value)
    && line.dataset.stream.startsWith(one("-stream").value);
  const say = () => {
    if (!socket) return;
    const held = waiting.length ? ` Holding ${waiting.length} while you look.` : "";
    const words = (tries ? "Reconnecting." : "Listening.") + held + (hidden ? ` +${hidden} hidden.` : "");
    if (state.textContent !== words) state.textContent = words;
  };
  const show = () => {
    if (!paused()) {
      const next = waiting.splice(0, A_SECOND);
      for (const line of next) lines.prepend(line);
      while (lines.children.length > SHOWN) lines.lastElementChild.remove();
      if (waiting.length > SHOWN) hidden += waiting.splice(0, waiting.length - SHOWN).length;
    } else if (waiting.length > SHOWN) hidden += waiting.splice(0, waiting.length - SHOWN).length;
    say();
  };
  const take = ({ data }) => {
    const frame = JSON.parse(data);
    tries = 0;
    if (frame.late) hidden += Math.max(0, frame.at - at);
    for (const [position, , , html] of frame.news || []) {
      if (position <= at) continue;
      const body = document.createElement("tbody");
      body.innerHTML = html;
      if (wanted(body.firstElementChild)) waiting.push(body.firstElementChild);
    }
    at = Math.max(at, frame.at);
    say();
  };
  const listen = () => {
    const address = `${location.origin.replace("http", "ws")}/live?page=${encodeURIComponent(tail.dataset.live)}&after=${at}`;
    const mine = socket = new WebSocket(address);
    mine.onmessage = take;
    mine.onclose = () => {
      if (mine !== socket) return;
      timer = setTimeout(listen, Math.min(30000, 250 * 2 ** ++tries) * (.5 + Math.random()));
      say();
    };
  };
  const stop = () => {
    const old = socket;
    socket = null;
    clearTimeout(timer);
    old?.close();
    state.textContent = "Not listening.";
  };
  button.onclick = () => {
    const on = !socket;
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Pause" : "Listen";
    if (on) listen();
    else stop();
    say();
  };
  one("-clear").onclick = () => { lines.replaceChildren(); hidden = 0; waiting = []; say(); };
  setInterval(show, 1000);
  addEventListener("pagehide", () => socket?.close());
  tail.hidden = false;
})();
