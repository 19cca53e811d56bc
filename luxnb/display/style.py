"""The style of trees in HTML. It goes with every tree, so it is short."""

STYLE = (
    ".lx{--m:color-mix(in srgb,currentColor 66%,transparent);"
    "font:13px/1.6 var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace);"
    "width:calc(var(--t) + var(--a));max-width:100%;overflow-wrap:anywhere}"
    ".lx *{font:inherit}"
    ".lx ul{list-style:none!important;margin:0!important;padding:0!important}"
    ".lx ul ul{margin-left:.5ch!important;padding-left:1.5ch!important;"
    "border-left:1px solid color-mix(in srgb,currentColor 18%,transparent)}"
    ".lx li{margin:0!important}"
    ".lx summary{display:flex;gap:0 2ch;cursor:pointer}"
    ".lx summary:focus-visible{outline:1px solid}"
    ".lx summary::before{content:'▸';width:1ch;margin-right:-1ch;color:var(--m)}"
    ".lx [open]>summary::before{content:'▾'}"
    ".lx details:not(:has(ul))>summary::before{content:'·'}"
    ".lx b{display:inline-block;min-width:var(--n);margin-right:1ch;font-weight:600}"
    ".lx summary>:nth-child(1){flex:1}"
    ".lx summary>:nth-child(2){width:min(var(--a),100cqi - var(--t))}"
    ".lx summary>:last-child{width:var(--c);margin-left:auto}"
    ".lx :is(div,summary>:nth-child(n+2):last-child){text-align:right;white-space:break-spaces}"
    ".lx :is(samp,var,em,summary small){display:inline-block}"
    ".lx :is(samp,var,mark,i){color:color-mix(in oklab,currentColor 35%,var(--k))}"
    ".lx samp{--k:#1f7fff}"
    ".lx var{--k:#e8590c}"
    ".lx mark{--k:#f03;display:block;background:none}"
    ".lx :is(em,small,p,div){color:var(--m)}"
    ".lx p{margin:.3em 0 0 2ch!important}"
    ".lx details>small{margin:0 2ch;user-select:all}"
)

# All outputs of a page share their styles, so what is to hold for trees of one width alone has that
# width for a name: below it, what rows hold goes under their names; then the cells, too.
NARROW = (
    "@container lxWIDTH (max-width:WIDTHch){.lx details>summary{flex-wrap:wrap}"
    ".lx details>summary>:nth-child(1){min-width:min(20ch,100%)}"
    ".lx details>summary>:nth-child(2):not(:last-child){order:1;width:100%;padding-left:3ch}}"
)

# In a difference the marks stand left of the tree.
MARKS = (
    ".lx-marks{position:relative;padding-left:2ch;box-sizing:border-box}"
    ".lx i{position:absolute;left:0;font-weight:600;--k:#e8590c}"
    ".lx .plus{--k:#0b9a3c}.lx .minus{--k:#f03}"
)
