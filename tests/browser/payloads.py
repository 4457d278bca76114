"""Hostile texts, each of which says when it runs and calls out when it loads.

The page gives every frame a function ``payloadRan``, which notes the name of the payload that called it.
"""

from __future__ import annotations

FOREIGN = "payload.invalid"  # a name that no server can have (RFC 2606)


def _run(name: str) -> str:
    return f"payloadRan('{name}')"


def _url(name: str) -> str:
    return f"http://{FOREIGN}/{name}"


def _payloads() -> dict[str, str]:
    run, url = _run, _url
    return {
        "script": f"<script>{run('script')}</script>",
        "closing tags": f"</div></td></details></mark><script>{run('closing tags')}</script>",
        "script source": f'<script src="{url("script-source.js")}"></script>',
        "comment": f"--><script>{run('comment')}</script><!--",
        "textarea": f"</textarea></title></style><script>{run('textarea')}</script>",
        "cdata": f"<![CDATA[<script>{run('cdata')}</script>]]>",
        "image error": f'<img src="x" onerror="{run("image error")}">',
        "image source": f'<img src="{url("image-source.png")}">',
        "svg": f'<svg onload="{run("svg")}"></svg>',
        "svg slash": f"<svg/onload={run('svg-slash')}>",
        "svg animation": f'<svg><animate attributeName="x" dur="1s" onbegin="{run("svg animation")}"/></svg>',
        "video": f'<video><source onerror="{run("video")}"></video>',
        "focus": f'<input autofocus onfocus="{run("focus")}">',
        "toggle": f'<details open ontoggle="{run("toggle")}">x</details>',
        "style animation": f'<style>@keyframes k{{}}</style><b style="animation:k 1s" onanimationstart="{run("css")}">',
        "javascript link": f'<a href="javascript:{run("javascript link")}">click</a>',
        "broken javascript link": f'<a href="java&#9;script:{run("broken javascript link")}">click</a>',
        "data link": f'<a href="data:text/html,<script>{run("data link")}</script>">click</a>',
        "markdown link": f"[click](javascript:{run('markdown link')})",
        "markdown image": f"![tracker]({url('markdown-image.png')})",
        "markdown reference": f"![tracker][1]\n\n[1]: {url('markdown-reference.png')}",
        "markdown autolink": f"<javascript:{run('markdown autolink')}>",
        "frame document": f'<iframe srcdoc="<script>{run("frame document")}</script>"></iframe>',
        "frame javascript": f'<iframe src="javascript:{run("frame javascript")}"></iframe>',
        "frame source": f'<iframe src="{url("frame-source")}"></iframe>',
        "frame data": f'<iframe src="data:text/html,<script>{run("frame data")}</script>"></iframe>',
        "object": f'<object data="{url("object")}"></object><embed src="{url("embed")}">',
        "refresh": f'<meta http-equiv="refresh" content="0;url={url("refresh")}">',
        "base": f'<base href="{url("base/")}"><img src="relative.png">',
        "form": f'<form action="{url("form")}"><button autofocus onfocus="this.form.submit()">x</button></form>',
        "style url": f'<b style="background:url({url("style-url.png")})">x</b>',
        "style import": f"<style>@import url({url('style-import.css')});</style>",
        "style sheet": f'<link rel="stylesheet" href="{url("style-sheet.css")}">',
        "double quote": f'" autofocus tabindex="0" onfocus="{run("double quote")}" x="',
        "single quote": "' autofocus tabindex='0' onfocus='payloadRan(`single quote`)' x='",
        "style quote": f'red;background:url({url("style-quote.png")})"',
        "noscript": f'<noscript><p title="</noscript><img src=x onerror={run("noscript")}>">',
        "mathml": f'<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror={run("m")}>">',
        "latex": rf"$\href{{javascript:{run('latex')}}}{{click}}$ or \(\href{{javascript:1}}{{x}}\)",
        "entities": f"&lt;img src=x onerror={run('entities')}&gt; &#60;script&#62;",
        "zero width": f"<scr\u200bipt>{run('zero width')}</scr\u200bipt><img\u2060src=x>",
        "null": f"<scr\x00ipt>{run('null')}</script>",
        "full width": f"\uff1cscript\uff1e{run('full width')}\uff1c/script\uff1e",
        "right to left": f"\u202e<script>{run('right to left')}</script>\u202c",
        "terminal": f"\x1b]8;;{url('terminal')}\x1b\\click\x1b]8;;\x1b\\ \x1b[31mred",
        "template": "{{constructor.constructor('" + _run("template").replace("'", "`") + "')()}} ${payloadRan(1)}",
    }


PAYLOADS = _payloads()
# What the browser does with some of them if nothing escapes them. It shows that the test could fail.
RUNS_RAW = ("script", "closing tags", "image error", "toggle", "frame document")
CALLS_RAW = ("script source", "image source", "frame source", "style url", "style import", "style sheet")
CALLS_AS_MARKDOWN = ("markdown image", "markdown reference")
