// Shows the page anew every two seconds, in place. When no answer comes, it says so: what is shown is old then.
const EVERY_MS = 2000, PATIENCE_MS = 3000;
let answered = new Date();

async function look() {
  const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = document.getElementById("es-live"), held = shown.contains(document.activeElement);
  const href = held && document.activeElement.getAttribute("href");
  shown.replaceWith(page.getElementById("es-live"));
  if (href) document.querySelector(`#es-live a[href="${CSS.escape(href)}"]`)?.focus();
  answered = new Date();
}

async function keepLooking() {
  const dead = document.getElementById("es-dead");
  try {
    if (!document.hidden) await look();
    dead.hidden = true;
  } catch {
    document.getElementById("es-since").textContent = answered.toLocaleTimeString();
    dead.hidden = false;
    document.getElementById("es-live").classList.add("es-old");
  }
  setTimeout(keepLooking, EVERY_MS);
}

setTimeout(keepLooking, EVERY_MS);
