"""What a page in a browser may hold of what people typed, looked for in its document rather than in its source."""

from collections.abc import Iterable

from playwright.sync_api import Page

from blog.rendering import ATTRIBUTES, TAGS

LISTEN = """
window.hits = [];
window.hit = (...said) => { hits.push("ran: " + said); };
window.alert = window.hit;
document.addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI, sample, sourceFile}) => {
  hits.push(`reported: ${violatedDirective} ${blockedURI} ${sample} ${sourceFile}`);
}, true);
"""
"""Runs before anything on a page: whoever gets to run calls `hit()`, and what the policy refuses is reported."""

LOOK = r"""([tags, attributes, everywhere]) => {
  const found = [], theirs = ".article-content, #preview";
  const say = (why, {outerHTML}) => found.push(`${why}: ${outerHTML.slice(0, 160)}`);
  const plain = "h1:not(.logo-font), .article-page .cx-dek, .card-text, .user-info p, .preview-link p, "
    + ".tag-pill a, a.tag-pill";
  const never = "iframe, frame, object, embed, applet, base, portal, math, template, style, frameset";
  const addresses = ["href", "src", "action", "formaction", "data", "poster", "background", "xlink:href"];
  const safe = ({tagName, rel}, address) => {
    const {protocol, origin} = new URL(address, location.origin);
    if (origin === location.origin) return true;
    if (tagName === "IMG" || tagName === "LINK" && rel === "icon") return true;
    return tagName === "A" && ["http:", "https:", "mailto:"].includes(protocol);
  };
  for (const element of document.querySelectorAll("*")) {
    const tag = element.localName, inside = element.parentElement?.closest(theirs) && !element.matches(".cx-hint");
    for (const {name, value} of element.attributes) {
      if (name.startsWith("on")) say("a handler", element);
      if (addresses.includes(name) && !safe(element, value)) say("an address", element);
      if (inside && !(attributes[tag] || []).concat(everywhere).includes(name)) say(`the attribute ${name}`, element);
    }
    if (inside && !tags.includes(tag)) say("an element", element);
    if (inside && element.id && !/^(at-|fn)/.test(element.id)) say("an id", element);
    if (inside && /(^|\s)(cx-|btn|nav|row|is-|ion-)/.test(element.className)) say("a class", element);
    const elsewhere = tag === "img" && element.src && new URL(element.src).origin !== location.origin;
    if (inside && elsewhere && !element.src.startsWith("https:")) say("a picture by another way", element);
    if (elsewhere && element.referrerPolicy !== "no-referrer") say("told from where", element);
    if (inside && tag === "a" && !["nofollow", "ugc", "noopener"].every(word => element.relList.contains(word)))
      say("vouched for", element);
    if (element.matches(never)) say("never", element);
    if (tag === "meta" && element.httpEquiv) say("a header", element);
    if (tag === "script" && !element.src && element.type !== "application/ld+json") say("a script", element);
    if (element.matches(plain) && element.children.length) say("more than letters", element);
  }
  const ids = [...document.querySelectorAll("[id]")].map(({id}) => id);
  found.push(...ids.filter((id, nth) => ids.indexOf(id) !== nth).map(id => `two of #${id}`));
  for (const name of ["querySelector", "getElementById", "createElement", "addEventListener"])
    if (!/native code/.test(document[name])) found.push(`document.${name} is not itself`);
  for (const name of ["forms", "images", "links", "scripts"])
    if (!(document[name] instanceof HTMLCollection)) found.push(`document.${name} is not itself`);
  if (window.conduit && typeof conduit.one !== "function") found.push("conduit is not itself");
  for (const {textContent} of document.querySelectorAll("script[type='application/ld+json']"))
    if (JSON.parse(textContent).headline !== document.querySelector("h1").textContent) found.push(textContent);
  for (const box of document.querySelectorAll(theirs)) {
    const again = new DOMParser().parseFromString(box.innerHTML, "text/html").body;
    if (again.innerHTML !== box.innerHTML) say("means something else when it is read again", box);
  }
  return found.concat(window.hits || ["nobody listened"]);
}"""

STIR = """() => {
  document.addEventListener("click", event => event.preventDefault());
  const kinds = ["pointerover", "pointerenter", "mouseover", "mouseenter", "focus", "focusin", "click", "toggle"];
  for (const box of document.querySelectorAll(".article-content *, #preview *, .card-text, h1, .user-info *"))
    for (const kind of kinds) box.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
}"""
"""Points at everything that people wrote, touches it and presses it."""


def looked_at(page: Page) -> list[str]:
    """What is on a page that should not be there, and what has run or was refused by the policy."""
    ours = {"a": ["rel"]}
    allowed = {tag: [*names, *ours.get(tag, [])] for tag, names in ATTRIBUTES.items()}
    page.evaluate(STIR)
    found: Iterable[str] = page.evaluate(LOOK, [sorted(TAGS), allowed, sorted(ATTRIBUTES["*"])])
    return [f"{page.url}: {problem}" for problem in found]


def mentions(page: Page) -> int:
    """How often a page says what would have run, in letters."""
    return int(page.evaluate("document.body.textContent.split('hit()').length - 1"))
