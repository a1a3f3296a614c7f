/**
 * One sheet for all pages: readable at 360 px and at night, with contrast of 4.5 to 1 at least (WCAG 2.2 AA), focus that
 * one sees, and nothing that has to be loaded. What is nested deeply is not moved in any further, or a phone had no room
 * for its words.
 */
export const style = `
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#1a2130;--soft:#556074;--line:#d8dde6;--blue:#1d4ed8;--green:#15703f;--red:#b3261e;--amber:#8a4b00;--tint:#eef2fb}
@media (prefers-color-scheme:dark){:root{--bg:#0f131a;--card:#181e28;--ink:#e8ebf1;--soft:#a3adbf;--line:#323b4a;--blue:#8fb4ff;--green:#6fd49a;--red:#ff9d94;--amber:#f3bd6b;--tint:#1f2836}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:17px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main{max-width:44rem;margin:0 auto;padding:1rem}
header p{color:var(--soft);margin:.25rem 0;font-size:.9rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.1rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.1rem;margin:0 0 1rem}
p{margin:0 0 .75rem}p:last-child,ul:last-child{margin-bottom:0}
a{color:var(--blue)}
ul,ol{padding-left:1.2rem;margin:0 0 .75rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem;margin:0 0 .75rem}dt{font-weight:600}dd{margin:0}
@media (max-width:32rem){dl{display:block}dd{margin-bottom:.6rem}}
code{font:.85em ui-monospace,Menlo,Consolas,monospace}
.soft{color:var(--soft);font-size:.9rem}
.tag{display:inline-block;border:1px solid;border-radius:99px;padding:0 .6rem;font-size:.85rem;font-weight:600}
.ok{color:var(--green)}.no{color:var(--red)}.wait{color:var(--amber)}
.note{background:var(--tint);border-left:4px solid var(--blue)}.alert{border-left:4px solid var(--red)}.good{border-left:4px solid var(--green)}
.item{border-top:1px solid var(--line);padding:.9rem 0}.item:first-of-type{border-top:0;padding-top:0}.item:last-child{padding-bottom:0}
.item>h3{margin:0 0 .4rem}
.cap::first-letter{text-transform:uppercase}
.scroll{overflow-x:auto;max-width:100%;margin:0 0 .5rem}
table{border-collapse:collapse;font-size:.9rem}th,td{text-align:left;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}
pre{margin:0;font:.82rem/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap}
ins,del{text-decoration:none;display:block}ins{color:var(--green)}del{color:var(--red)}
img{max-width:100%;height:auto;background:#fff;border-radius:8px}
figure{margin:0 0 .5rem}
blockquote{margin:0 0 .75rem;padding-left:1rem;border-left:3px solid var(--line)}
:is(ul,ol,blockquote) :is(ul,ol,blockquote){padding-left:.8rem;margin-bottom:.25rem}
:is(ul,ol,blockquote) :is(ul,ol,blockquote) :is(ul,ol,blockquote) :is(ul,ol,blockquote){padding-left:0;border-left:0;list-style-position:inside}
fieldset{border:0;padding:0;margin:0 0 1rem}legend{font-weight:600;padding:0;margin-bottom:.4rem}
.choice{display:flex;gap:.75rem;align-items:flex-start;border:1px solid var(--line);border-radius:10px;padding:.7rem .8rem;margin-bottom:.5rem;cursor:pointer}
.choice:has(:checked){border-color:var(--blue);background:var(--tint)}
.choice input{width:1.25rem;height:1.25rem;margin:.15rem 0 0;flex:none}
.choice b{display:block}
.field{margin-bottom:1rem}.field label{display:block;font-weight:600}
input:not([type=radio]),select,textarea{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:8px;padding:.55rem .7rem;width:100%;margin-top:.25rem}
button{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.4rem;border-radius:10px;border:1px solid var(--blue);background:var(--card);color:var(--blue);cursor:pointer}
button.main{background:#1d4ed8;border-color:#1d4ed8;color:#fff;width:100%}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
summary{cursor:pointer;font-weight:600;padding:.4rem 0}
`.trim().replaceAll('\n', '');
