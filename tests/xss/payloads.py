"""Hostile texts: the markup, and what is made for Markdown, links, quotes, scripts, templates, pictures and names.

A kind is a list; a kind that is a product (each scheme in each shape) is written as that. A line that is added is
tried wherever texts show, by `test_harmless.py`, `test_hostile_text.py` and `test_hostile_admin.py`.
"""

from itertools import product

from tests.xss.markup import ELEMENTS, HANDLERS, HTMX, MUTATIONS, STYLES, lines

PARTS_OF_THE_PAGE = (
    "main", "status", "comments", "comments-heading", "letters", "bar", "undo", "live", "new-comments",
    "new-articles", "comment-form", "editor", "preview", "save", "kept", "tags", "follow", "errors",
    "favorite-banner", "id_body", "id_title", "comment-1",
)  # fmt: skip
PARTS_OF_THE_BROWSER = (
    "conduit", "htmx", "hit", "forms", "body", "head", "cookie", "location", "defaultView", "getElementById",
    "querySelector", "createElement", "addEventListener", "activeElement", "documentElement", "WebSocket",
    "DOMParser", "localStorage", "JSON", "__proto__", "constructor", "toString",
)  # fmt: skip
NAMINGS = lines(r"""
<b id={}>x</b>
<img name={} src=x>
<form name={}><input name={}></form>
# {}
## x {{#{}}}
[x](#{} '{}')
""")
CLOBBERING = [
    naming.replace("{}", name).replace("{{", "{").replace("}}", "}")
    for name, naming in product(PARTS_OF_THE_PAGE + PARTS_OF_THE_BROWSER, NAMINGS)
]

SCHEMES = lines(r"""
javascript:hit()
JaVaScRiPt:hit()
javascript:hit()//https://conduit.example
javascript://conduit.example/%0ahit()
javascript:/*--></title></style></textarea></script><svg/onload='+/"/+/onmouseover=1/+/[*/[]/+hit()//'>
 javascript:hit()
&#9;javascript:hit()
java&#9;script:hit()
java&#10;script:hit()
java&#13;script:hit()
java&Tab;script:hit()
java&NewLine;script:hit()
javascript&colon;hit()
javascript&#58;hit()
javascript&#x3A;hit()
javascript&#0058hit()
&#106;avascript:hit()
&#x6A;avascript:hit()
&#0000106avascript:hit()
%6aavascript:hit()
%6a%61%76%61script:hit()
javascript%3ahit()
java%0ascript:hit()
java\script:hit()
\javascript:hit()
\x01javascript:hit()
feed:javascript:hit()
view-source:javascript:hit()
jar:javascript:hit()!/
javascript:javascript:hit()
livescript:hit()
mocha:hit()
vbscript:hit()
VBScript:hit()
wyciwyg:hit()
data:text/html,<script>hit()</script>
data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==
DATA:text/html,%3Cscript%3Ehit()%3C/script%3E
data&colon;text/html,<script>hit()</script>
data:,hit()
data:image/svg+xml,<svg/onload=hit()>
data:image/svg+xml;base64,PHN2Zy9vbmxvYWQ9aGl0KCk+
data:image/png;base64,iVBORw0KGgo=
data:application/javascript,hit()
data:image/png,x"onerror="hit()
blob:https://conduit.example/1
filesystem:https://conduit.example/x
file:///etc/passwd
about:blank
about:srcdoc
chrome://settings
ms-settings:x
tel:112
sms:112?body=x
intent://x#Intent;scheme=http;end
ftp://evil.example/x
ws://evil.example/live
magnet:?xt=x
x:hit()
://evil.example
ｊavascript:hit()
javascript：hit()
javаscript:hit()
""")
SHAPES = (
    "[x]({})", "[x](<{}>)", "[x]({} 'y')", "![x]({})", "![x](<{}>)", "<{}>", "[x][y]\n\n[y]: {}",
    "[y]\n\n[y]: <{}> 'z'", "![x][y]\n\n[y]: {}", "[![x]({})]({})", '<a href="{}">x</a>', "{}",
)  # fmt: skip
LINKS = [
    shape.replace("{}", scheme).replace("y]", f"y{nth}]")
    for nth, (scheme, shape) in enumerate(product(SCHEMES, SHAPES))
]
"""Each with a label of its own, so that all of them count in one text."""

MARKDOWN = lines(r"""
[x](https://conduit.example/"onclick="hit())
[x](https://conduit.example '"onclick="hit()')
[x](https://conduit.example "x\" onmouseover=\"hit()")
![" onerror="hit()](x)
![x](https://images.example/x.png"onerror="hit())
![x](<x onerror=hit()>)
![x](x "y" onerror=hit())
![](x "&quot; onerror=&quot;hit()")
![x\](onerror=hit())](https://images.example/a.png)
![<img src=x onerror=hit()>](https://images.example/a.png)
[<img src=x onerror=hit()>](https://conduit.example)
[![x](https://images.example/a.png "' onload='hit()")](https://conduit.example "' onclick='hit()")
[a](b"c"d)[e](f)
[x]: <javascript:hit()> "x" [x]
<https://conduit.example/"onclick="hit()">
<https://conduit.example/<script>hit()</script>>
<x@y.example?subject="onclick="hit()>
<mailto:x@y.example"onclick=hit()>
`<img src=x onerror=hit()>`
``` `<img src=x onerror=hit()>` ```
    <img src=x onerror=hit()>
~~<img src=x onerror=hit()>~~
**<img src=x onerror=hit()>**
> <script>hit()</script>
- [x] <script>hit()</script>
- [ ] "><img src=x onerror=hit()>
| <img src=x onerror=hit()> |
## " onclick="hit()
# <img src=x onerror=hit()>
a[^" onclick="hit()]
^[<img src=x onerror=hit()>]
^[x](javascript:hit())
[^1]: <script>hit()</script>
[x](\javascript:hit())
[x](javascript:hit\(\))
\<script>hit()\</script>
&lt;script&gt;hit()&lt;/script&gt;
&#60;script&#62;hit()&#x3c;/script&#x3e;
&amp;lt;img src=x onerror=hit()&amp;gt;
<a@b.example>"><img src=x onerror=hit()>
[x](//evil.example)
![x](//evil.example/x.png)
![x](\\evil.example/x.png)
![x](http://evil.example/x.png)
![x](/logout)
![x](mailto:a@b.example)
""")
INFOS = [
    "",
    *lines(r"""
" onload="hit()
html onmouseover=hit()
<img src=x onerror=hit()>
js'"><svg onload=hit()>
cx-undo
{.main #main onclick=hit()}
python {onclick=hit()}
&quot;onclick=hit()
html+django
markdown
"""),
]
FENCES = [
    f"{fence}{info}\n<script>hit()</script>\n{fence}" for fence, info in product(("```", "~~~~"), INFOS)
]

UNICODE = lines("""
＜script＞hit()＜/script＞
﹤img src=x onerror=hit()﹥
‹script›hit()‹/script›
<ſcript>hit()</ſcript>
<scrİpt>hit()</scrİpt>
<s\u200bcript>hit()</script>
<script\u00a0>hit()</script>
<img\u3000src=x\u3000onerror=hit()>
<img src=x onerror\u2028=hit()>
\u2028<script>hit()</script>\u2029
+ADw-script+AD4-hit()+ADw-/script+AD4-
\u00bcscript\u00behit()\u00bc/script\u00be
\ufeff<script>hit()</script>
\U000e0001\U000e003c\U000e0073\U000e003e
x\u200f<img src=x onerror=hit()>\u200e
<a\u0300 onclick=hit()>x</a>
""")
TEMPLATES = lines(r"""
{{ 7|add:7 }}{{ request.user.email }}{{ settings.SECRET_KEY }}
{% load static %}{% include "base.html" %}{% debug %}
{% csrf_token %}{{ csrf_token }}
{# comment #}{% endblock %}{% endautoescape %}
{{constructor.constructor('hit()')()}}
${hit()}
#{hit()}
<%= hit() %>
[[hit()]]
*{hit()}
%(hit)s %s %n {0} {0.__class__} {title.__class__}
@{hit()}
""")
BREAKOUTS = lines(r"""
</script><script>hit()</script>
</script><img src=x onerror=hit()>
"};hit();//
"-hit()-"
'-hit()-'
\"-hit()-\"
\u003cscript\u003ehit()\u003c/script\u003e
<!--<script>
--><script>hit()</script>
]]><script>hit()</script>
</title><script>hit()</script>
</textarea><script>hit()</script>
</style><script>hit()</script>
</noscript><script>hit()</script>
" autofocus onfocus="hit()
' autofocus onfocus='hit()
` autofocus onfocus=`hit()
"><script>hit()</script>
'><script>hit()</script>
"onmouseover="hit()
x onerror=hit()
x" http-equiv="refresh" content="0;url=javascript:hit()
""")

IMAGES = lines(r"""
https://images.example/a.png"onerror="hit()
https://images.example/a.png" onload="hit()
https://images.example/a.png' onerror='hit()
https://images.example/a.png onerror=hit()
https://images.example/a.png?a=1&b=%22&c=&quot;onerror=&quot;hit()
"><script>hit()</script>
'><img src=x onerror=hit()>
` onerror=`hit()
data:image/svg+xml,<svg/onload=hit()>
data:image/png;base64,iVBORw0KGgo="onerror="hit()
/logout
/article/x?{{ 7|add:7 }}
""")
IMAGES_THAT_NEVER_LOAD = lines(r"""
javascript:hit()
data:text/html,<script>hit()</script>
vbscript:hit()
http://evil.example/x.png
//evil.example/x.png
""")
NAMES = lines("""
<b>
"onclick=
jake'
{{7*7}}
../admin
jake\u202e
jake\u200b
a/b
a?b#c
%3Cb%3E
jake&lt;
""")

RAW = [*HANDLERS, *ELEMENTS, *MUTATIONS]
"""Markup that no text may become, in whatever field it was typed."""

FOR_FIELDS = [*RAW, *BREAKOUTS, *UNICODE, *TEMPLATES, *STYLES]
"""For every field that is shown as it was typed."""

FOR_MARKDOWN = [*FOR_FIELDS, *HTMX, *CLOBBERING, *LINKS, *MARKDOWN, *FENCES]
"""For every text that is rendered."""
