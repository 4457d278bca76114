"""How pictures tell things apart: by marker or hatch as well as by color, never by color alone."""

# Okabe and Ito (2008): eight colors that most color-blind readers can tell apart.
COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999")
HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "--")
MARKERS = ("o", "s", "^", "D", "v")
