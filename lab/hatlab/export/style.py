"""The report's style sheet: system fonts, two palettes, and no colour without a word beside it."""

CSS = """
:root {
  --paper: #fbfaf7; --card: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #e2dfd7; --grid: #ebe8e1;
  --master: #1f9d63; --backup: #4a83c9; --fault: #d0453b; --stopped: #9b5a55; --init: #c3c7ce;
  --held: #1f9d63; --answered: #5b9e7d; --split: #d0453b; --condition: #d98a1f; --action: #7a3fc4;
  --on: #ffffff; --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --card: #1a2028; --ink: #e6e9ee; --soft: #97a3b3; --line: #2b333e; --grid: #232a34;
    --master: #2fae74; --backup: #4778b4; --fault: #d6564c; --stopped: #8a5450; --init: #4a525e;
    --held: #2fae74; --answered: #3f7a5d; --split: #d6564c; --condition: #b97a22; --action: #b794f0;
    --on: #ffffff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1180px; padding: 40px 28px 64px; background: var(--paper); color: var(--ink);
  font: 15.5px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 { margin: 0 0 6px; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 40px 0 12px; font-size: 19px; }
header p { margin: 0 0 12px; max-width: 72ch; color: var(--soft); }
.kicker { margin: 0 0 4px; font: 13px var(--mono); }
.warning { color: var(--condition); }
code, time, .n, .facts dd, dd { font-family: var(--mono); font-size: 0.9em; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 0; }
.facts div { display: flex; gap: 8px; align-items: baseline; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px;
  margin: 26px 0 0; }
.tiles div { display: flex; flex-direction: column; padding: 14px 18px; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; }
.tiles b { font-size: 26px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tiles span, small, .quiet, footer { color: var(--soft); }
small { font-size: 13px; }
.timeline { margin: 0; padding: 16px; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; overflow-x: auto; }
.timeline svg { display: block; width: 100%; min-width: 760px; height: auto; font-family: inherit; }
svg text { fill: var(--ink); font-size: 12px; }
svg .title { text-anchor: end; font-weight: 600; }
svg .in { fill: var(--on); font-size: 11px; font-weight: 600; pointer-events: none; }
svg .in.nobody, svg .in.init { fill: var(--ink); }
svg .axis { text-anchor: middle; fill: var(--soft); font-size: 11px; }
svg text.action { fill: var(--action); font: 11px var(--mono); }
svg line.action { stroke: var(--action); stroke-width: 1.2; stroke-dasharray: 3 3; }
svg line.ready { stroke: var(--soft); stroke-width: 1; }
svg .grid { stroke: var(--grid); }
svg path.advert { stroke: var(--soft); stroke-width: 1; fill: none; }
.master { fill: var(--master); background: var(--master); }
.backup { fill: var(--backup); background: var(--backup); }
.fault { fill: var(--fault); background: var(--fault); }
.stopped { fill: var(--stopped); background: var(--stopped); }
.init { fill: var(--init); background: var(--init); }
.off { fill: var(--stopped); }
.paused, .frozen { fill: var(--condition); }
.held { fill: var(--held); }
.answered { fill: var(--answered); }
.split, .cut { fill: var(--split); background: var(--split); }
rect.nobody { fill: var(--card); stroke: var(--split); stroke-width: 1; stroke-dasharray: 2 2; }
rect.condition { fill: var(--condition); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 2px 0; font-size: 13px;
  color: var(--soft); }
.legend i { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border-radius: 3px;
  vertical-align: -1px; }
.legend i.nobody { border: 1px dashed var(--split); }
.legend i.advert { width: 1px; height: 8px; border-radius: 0; background: var(--soft); vertical-align: 0; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: 9px 14px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead { font-size: 13px; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; white-space: nowrap; }
td:last-child { min-width: 30ch; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.n { font: inherit; text-align: right; }
.events { list-style: none; margin: 0; padding: 0; }
.events li { display: grid; grid-template-columns: 92px 1fr; gap: 18px; padding: 12px 0;
  border-top: 1px solid var(--line); }
.events time { color: var(--soft); text-align: right; padding-top: 2px; font-variant-numeric: tabular-nums; }
.events p { margin: 0; max-width: 86ch; }
.events li > div { padding-left: 14px; border-left: 3px solid var(--line); }
.events .action > div { border-color: var(--action); }
.events .failed > div, .events .outage > div { border-color: var(--fault); }
.events .condition > div { border-color: var(--condition); }
.events .why { color: var(--soft); white-space: pre-line; }
.events dl { margin: 4px 0 0; font-size: 14px; }
.events dl div { display: grid; grid-template-columns: 84px 1fr; gap: 8px; }
.state { padding: 1px 8px; border-radius: 5px; color: var(--on); font-size: 0.85em; white-space: nowrap; }
.state.init { color: var(--ink); }
footer { margin-top: 44px; padding-top: 14px; border-top: 1px solid var(--line); font-size: 13px; }
@media (max-width: 640px) {
  body { padding: 24px 16px 48px; }
  .events li { grid-template-columns: 62px 1fr; gap: 10px; }
  .events dl div { grid-template-columns: 1fr; gap: 0; }
}
@media print { body { max-width: none; padding: 0; } .events li, .tiles div { break-inside: avoid; } }
"""
