"use strict";
const $ = id => document.getElementById(id);
const token = document.querySelector("meta[name=token]").content;
const COMMANDS = ["forecast", "compare", "reach", "recipes", "suggest", "allocate", "backtest"];
const FIELDS = ["x", "y", "group", "better", "where", "at", "target", "method", "methods", "kind", "cost", "budget", "n",
  "params", "tokens", "loss", "compute"];
const scales = {};  // what was chosen by hand stays while the answer changes
let table = null, command = "forecast", range = null, waiting = null, dirty = false, sequence = 0;

const post = (path, body, extra = {}, signal = undefined) =>
  fetch(path, { method: "POST", body, signal, headers: { "X-Token": token, ...extra } });

function fill(select, names, chosen, none) {
  select.replaceChildren(...[none, ...names].filter(n => n !== undefined).map(name => {
    const option = document.createElement("option");
    option.value = name === none ? "" : name;
    option.textContent = name;
    option.selected = name === chosen;
    return option;
  }));
}

function loaded(facts) {
  table = facts.table;
  $("name").textContent = `${facts.name}: ${facts.rows} rows, ${facts.columns.length} columns. Drop another to replace it.`;
  fill($("x"), facts.columns, facts.x, "guessed");
  fill($("y"), facts.columns, facts.y, "guessed");
  const words = facts.columns.filter(c => !facts.numeric.includes(c));
  fill($("group"), facts.columns, facts.group || (words.length === 1 ? words[0] : undefined), "none");
  for (const [id, like] of [["params", /param|^n$/i], ["tokens", /token|^d$/i], ["loss", /loss/i]])
    fill($(id), facts.columns, facts.columns.find(c => like.test(c)));
  $("error").textContent = "";
  $("form").hidden = false;
  range = null;
  $("at").value = "10x";
  ask();
}

async function take(file) {
  $("state").textContent = "reading";
  let answer, told = {};
  try {
    answer = await post("/table", file, { "X-Name": encodeURIComponent(file.name).slice(0, 300) });
    told = await answer.json();
  } catch (error) {
    told = { error: "expected the server to answer, got nothing. Is it still running?" };
  }
  if (!answer || !answer.ok) $("error").textContent = told.error;
  else loaded(told);
}

function question(format) {
  const asked = { table, command, drop_bad: $("drop_bad").checked };
  for (const id of FIELDS) asked[id] = $(id).value;
  if (format) asked.format = format;
  return JSON.stringify(asked);
}

async function ask() {
  if (!table) return;
  if (waiting) waiting.abort();
  const mine = waiting = new AbortController(), number = ++sequence;
  $("answer").hidden = false;
  const slow = setTimeout(() => { $("state").textContent = "computing"; $("charts").classList.add("busy"); }, 120);
  try {
    const answer = await post("/ask", question(), {}, mine.signal);
    const told = await answer.json();
    if (number !== sequence) return;
    if (answer.ok) { $("error").textContent = ""; show(told); }
    else { $("error").textContent = told.error; }
    $("state").textContent = answer.ok ? "" : "not answered: see above";
  } catch (error) {
    if (error.name !== "AbortError") $("error").textContent = "expected the server to answer, got nothing. Is it still running?";
  } finally {
    clearTimeout(slow);
    if (number === sequence) { $("charts").classList.remove("busy"); waiting = null; if (dirty) { dirty = false; ask(); } }
  }
}

function show(told) {
  $("title").textContent = told.title;
  $("charts").replaceChildren(...told.charts.map(svg =>
    document.importNode(new DOMParser().parseFromString(svg, "text/html").body.firstElementChild, true)));
  for (const [kind, on] of Object.entries(scales))
    for (const box of $("charts").querySelectorAll(`.${kind}:not([hidden])`)) box.checked = on;
  readable($("charts"));
  $("tables").replaceChildren(...told.tables.map(drawTable));
  lines("sentences", "p", told.sentences);
  lines("warnings", "li", told.warnings);
  if (!range && told.x) {
    range = [told.x.min, told.x.max * 1000];
    place(told.x.max * 10);
  }
}

function lines(id, kind, texts) {
  $(id).replaceChildren(...texts.map(text => {
    const line = document.createElement(kind);
    line.textContent = text;
    return line;
  }));
}

function drawTable(told) {
  const box = document.createElement("div"), view = document.createElement("table");
  const row = (cells, kind, parent) => {
    const line = parent.insertRow();
    cells.forEach((text, i) => {
      const cell = document.createElement(kind);
      if (kind === "th") cell.scope = "col";
      cell.className = told.sides[i];
      cell.textContent = text;
      line.append(cell);
    });
  };
  view.tabIndex = 0;  // it scrolls sideways, by keys too
  row(told.heads, "th", view.createTHead());
  const body = view.createTBody();
  told.rows.forEach(cells => row(cells, "td", body));
  if (told.title) view.createCaption().textContent = told.title;
  box.append(view);
  if (told.left) box.append(`and ${told.left} more rows: download the CSV`);
  return box;
}

const written = x => {
  for (const [size, letter] of [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "k"]])
    if (x >= size && x < 1000 * size) return Number((x / size).toPrecision(3)) + letter;
  return Number(x.toPrecision(3)).toString().replace("e+", "e");
};

function place(x) {
  $("slider").value = Math.round(1000 * Math.log(x / range[0]) / Math.log(range[1] / range[0]));
  $("at").value = written(x);
  $("at-now").textContent = written(x);
}

$("charts").addEventListener("change", e => { scales[e.target.className] = e.target.checked; });

$("slider").oninput = () => {
  if (!range) return;
  const x = range[0] * (range[1] / range[0]) ** ($("slider").value / 1000);
  $("at").value = $("at-now").textContent = written(x);
  if (command !== "forecast") return;
  if (waiting) dirty = true; else ask();
};
$("slider").onchange = () => { if (command !== "forecast") ask(); };

COMMANDS.forEach(name => {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.role = "tab";
  tab.textContent = name;
  tab.id = "tab-" + name;
  tab.onclick = () => choose(name);
  tab.onkeydown = e => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const next = COMMANDS[(COMMANDS.indexOf(name) + step + COMMANDS.length) % COMMANDS.length];
    choose(next);
    $("tab-" + next).focus();
  };
  $("tabs").append(tab);
});

function choose(name) {
  command = name;
  for (const tab of $("tabs").children) {
    tab.setAttribute("aria-selected", tab.textContent === name);
    tab.tabIndex = tab.textContent === name ? 0 : -1;
  }
  for (const field of document.querySelectorAll("[data-for]")) field.hidden = !field.dataset.for.split(" ").includes(name);
  if (table && !(name === "reach" && !$("target").value)) ask();
}

const drop = $("drop");
drop.onclick = () => $("file").click();
drop.onkeydown = e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); $("file").click(); } };
$("file").onchange = e => { if (e.target.files[0]) take(e.target.files[0]); e.target.value = ""; };
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, e => { e.preventDefault(); drop.classList.toggle("over", kind === "dragover"); });
  addEventListener(kind, e => e.preventDefault());
}
drop.addEventListener("drop", e => { if (e.dataTransfer.files[0]) take(e.dataTransfer.files[0]); });
$("form").onsubmit = e => { e.preventDefault(); ask(); };
for (const id of ["x", "y", "group", "better", "drop_bad"]) $(id).onchange = () => { range = null; $("at").value = "10x"; ask(); };

for (const button of document.querySelectorAll("[data-format]")) button.onclick = async () => {
  const form = button.dataset.format;
  $("state").textContent = "computing the file";
  const answer = await post("/save", question(form));
  if (!answer.ok) { $("error").textContent = (await answer.json()).error; $("state").textContent = ""; return; }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `forescale.${form}`;
  link.click();
  $("state").textContent = `saved forescale.${form}`;
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

choose("forecast");
post("/start", "").then(answer => answer.json()).then(facts => { if (facts) loaded(facts); });
